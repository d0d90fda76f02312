// The commands of the control socket: one table row each.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "control/api/json_rpc.h"

namespace tandem6 {

class ServerView;

/// Gives the answer; call it exactly once, now or later, on the control thread.
using RpcReply = std::function<void(RpcResult)>;
using CommandHandler = void (*)(ServerView& server, const boost::json::object& parameters,
                                const RpcReply& reply);

/// What a command may touch, so that a reader of the table knows what it can break.
enum class CommandReach : std::uint8_t {
  kNothing,   // a pure function of its parameters
  kCounters,  // reads counters and pools, asks nobody
  kShards,    // asks workers for copies of bindings, bounded per turn
  kFailover,  // changes the state of a relationship, and so who answers clients
  kDisk,      // works on the disk from a thread of its own, and answers when that is done
  kProcess,   // changes how this process runs
};

struct Command {
  std::string_view name;  // of the method, "pool.show"
  CommandHandler handler;
  CommandReach reach;
  std::string_view help;  // one line
};

[[nodiscard]] std::span<const Command> commands() noexcept;
/// Null when there is none of this name.
[[nodiscard]] const Command* find_command(std::string_view name) noexcept;

/// Reads one line, runs its command and gives the whole answer line to `done` (empty for a
/// notification), exactly once. What the command may touch comes back; where there is none:
/// kNothing.
CommandReach run_command_line(ServerView& server, std::string_view line,
                              const std::function<void(std::string answer)>& done);

}  // namespace tandem6
