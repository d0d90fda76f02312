#include "control/api/command.h"

#include <array>
#include <string>

#include "control/api/commands.h"

namespace tandem6 {
namespace {

constexpr std::array kCommands = {
    Command{"status", command_status, CommandReach::kCounters,
            "one screen: relationships, ports, rates, drops, pools, storage, alarms"},
    Command{"stats", command_stats, CommandReach::kCounters,
            "all counters, summed and of each worker"},
    Command{"failover.show", command_failover_show, CommandReach::kCounters,
            "all of each relationship, with its last transitions; of one `name` if given"},
    Command{"failover.plan", command_failover_plan, CommandReach::kCounters,
            "what partner-down would mean now for the relationship `name`"},
    Command{"failover.partner-down", command_failover_partner_down, CommandReach::kFailover,
            "says that the partner of `name` is down; `force` where leases may be lacking"},
    Command{"failover.conflicts", command_failover_conflicts, CommandReach::kCounters,
            "leases that were disputed, and who has them now; of one `name` if given"},
    Command{"pool.show", command_pool_show, CommandReach::kCounters,
            "each pool: size, used, free, both halves; of one `link` if given"},
    Command{"lease.find", command_lease_find, CommandReach::kShards,
            "bindings of an address, a prefix or a DUID (`what`), or of a `remote_id`"},
    Command{"lease.list", command_lease_list, CommandReach::kShards,
            "a page of bindings, of one `link` or `status` if given; `next` is the next `cursor`"},
    Command{"storage.status", command_storage_status, CommandReach::kCounters,
            "how leases are kept: serving or why not, write times, disk usage, what was loaded"},
    Command{"storage.checkpoint", command_storage_checkpoint, CommandReach::kDisk,
            "a consistent copy of all leases in a new `folder`, while serving"},
    Command{"storage.verify", command_storage_verify, CommandReach::kDisk,
            "checks every record against every other and the pools; of a `folder` if given"},
    Command{"config.check", command_config_check, CommandReach::kNothing,
            "what is wrong with the configuration in `text`"},
    Command{"log.level", command_log_level, CommandReach::kProcess,
            "sets the log level to `level`"},
    Command{"shutdown", command_shutdown, CommandReach::kProcess, "ends the server cleanly"},
};

}  // namespace

std::span<const Command> commands() noexcept { return kCommands; }

const Command* find_command(std::string_view name) noexcept {
  for (const Command& command : kCommands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

CommandReach run_command_line(ServerView& server, std::string_view line,
                              const std::function<void(std::string answer)>& done) {
  auto request = read_rpc_request(line);
  if (!request.has_value()) {
    done(write_rpc_answer(request.error().id, std::unexpected(request.error().error)));
    return CommandReach::kNothing;
  }
  const auto answer = [done, id = request->id,
                       wants_answer = request->wants_answer](const RpcResult& result) {
    done(wants_answer ? write_rpc_answer(id, result) : std::string());
  };
  const Command* command = find_command(request->method);
  if (command == nullptr) {
    answer(std::unexpected(RpcError{.code = RpcErrorCode::kMethodNotFound,
                                    .message = "no method `" + request->method + "`"}));
    return CommandReach::kNothing;
  }
  command->handler(server, request->parameters, answer);
  return command->reach;
}

}  // namespace tandem6
