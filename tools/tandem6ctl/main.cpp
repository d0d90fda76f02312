// tandem6ctl: the operators' command line. This file only reads the words; actions.h does the work.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "control/api/version.h"
#include "tools/tandem6ctl/actions.h"

namespace tandem6 {
namespace {

constexpr const char* kCommandList =
    "Commands:\n"
    "  status                          one screen: relationships, ports, rates, pools, alarms\n"
    "  failover show [NAME]            all of each relationship, with its last transitions\n"
    "  failover plan NAME              what partner-down would mean now\n"
    "  failover partner-down NAME [--at TIME] [--force]\n"
    "                                  says that the partner is down: never while it may run\n"
    "  failover conflicts [NAME]       leases that were disputed, and who has them now\n"
    "  stats [--watch]                 all counters, summed and of each worker; with their rates\n"
    "  pool show [LINK]                each pool: size, used, free, both halves\n"
    "  lease find ADDRESS|PREFIX|DUID  the bindings, with every RFC 8156 time\n"
    "  lease find --remote-id X        those of a subscriber, as text or hexadecimal digits\n"
    "  lease list [--link L] [--status S] [--limit N]\n"
    "                                  all bindings, a line each\n"
    "  storage status                  how leases are kept: serving or why not, write times, disk\n"
    "  storage checkpoint DIR          a consistent copy of all leases in a new folder, while "
    "serving\n"
    "  storage verify [DIR]            checks all records, of the server's leases as they are or "
    "of a\n"
    "                                  checkpoint; the daemon does it, so one must run\n"
    "  config check FILE               what is wrong with a configuration; needs no daemon\n"
    "  log level LEVEL                 sets the log level\n"
    "  shutdown                        ends the server cleanly\n"
    "\n"
    "Exit codes: 0 done; 1 refused, with the reason; 2 usage; 3 no daemon there.";

using Action = std::function<ExitCode(const ControlOptions&)>;

void add_show_commands(CLI::App& app, Action& action) {
  app.add_subcommand("status", "one screen: relationships, ports, rates, pools, alarms")
      ->callback([&action] { action = show_status; });

  auto* stats = app.add_subcommand("stats", "all counters, summed and of each worker");
  auto* watch = stats->add_flag("--watch")->description("redraw every second, with rates");
  stats->callback([&action, watch] {
    action = [again = watch->count() != 0](const auto& options) {
      return show_stats(options, again);
    };
  });

  auto* pool = app.add_subcommand("pool", "pools of addresses and prefixes")->require_subcommand(1);
  auto* show = pool->add_subcommand("show", "each pool: size, used, free, both halves");
  auto* link = show->add_option("link", "only the pools of this link")->type_name("LINK");
  show->callback([&action, link] {
    std::optional<std::string> name;
    if (link->count() != 0) name = link->as<std::string>();
    action = [name](const auto& options) { return show_pools(options, name); };
  });
}

CLI::Option* add_name(CLI::App* command, const char* help) {
  return command->add_option("name")->description(help)->type_name("NAME");
}

std::optional<std::string> text_if_given(const CLI::Option* option) {
  if (option->count() == 0) return std::nullopt;
  return option->as<std::string>();
}

void add_failover_commands(CLI::App& app, Action& action) {
  auto* failover =
      app.add_subcommand("failover", "the relationships with partners")->require_subcommand(1);
  auto* show = failover->add_subcommand("show", "all of each, with its last transitions");
  auto* shown = add_name(show, "only this relationship");
  show->callback([&action, shown] {
    action = [name = text_if_given(shown)](const auto& options) {
      return show_relationships(options, name);
    };
  });

  auto* plan = failover->add_subcommand("plan", "what partner-down would mean now");
  auto* planned = add_name(plan, "the relationship")->required();
  plan->callback([&action, planned] {
    action = [name = planned->as<std::string>()](const auto& options) {
      return show_plan(options, name);
    };
  });

  auto* down = failover->add_subcommand(
      "partner-down", "says that the partner is down; never while it may be running");
  auto* lost = add_name(down, "the relationship")->required();
  auto* at =
      down->add_option("--at", "when it began; this version takes only now")->type_name("TIME");
  auto* force = down->add_flag("--force")->description(
      "also in STARTUP, RECOVER and RECOVER-WAIT, where leases may be lacking");
  down->callback([&action, lost, at, force] {
    const PartnerDownOrder order{
        .name = lost->as<std::string>(), .at = text_if_given(at), .is_forced = force->count() != 0};
    action = [order](const auto& options) { return declare_partner_down(options, order); };
  });

  auto* conflicts =
      failover->add_subcommand("conflicts", "leases that were disputed, and who has them now");
  auto* disputed = add_name(conflicts, "only of this relationship");
  conflicts->callback([&action, disputed] {
    action = [name = text_if_given(disputed)](const auto& options) {
      return show_conflicts(options, name);
    };
  });
}

void add_lease_commands(CLI::App& app, Action& action) {
  auto* lease = app.add_subcommand("lease", "bindings of clients")->require_subcommand(1);
  auto* find = lease->add_subcommand("find", "the bindings, with every RFC 8156 time");
  auto* what =
      find->add_option("what", "address, prefix or DUID")->type_name("ADDRESS|PREFIX|DUID");
  auto* remote_id =
      find->add_option("--remote-id", "what the relay said of the subscriber: text or hex");
  what->excludes(remote_id);
  find->callback([&action, what, remote_id] {
    if (what->count() + remote_id->count() == 0) {
      throw CLI::RequiredError("ADDRESS|PREFIX|DUID or --remote-id");
    }
    LeaseSearch search;
    if (what->count() != 0) search.what = what->as<std::string>();
    if (remote_id->count() != 0) search.remote_id = remote_id->as<std::string>();
    action = [search](const auto& options) { return find_leases(options, search); };
  });

  auto* list = lease->add_subcommand("list", "all bindings, a line each");
  auto* link = list->add_option("--link", "only those of this link");
  auto* status =
      list->add_option("--status", "only those in this binding-status, ACTIVE and so on");
  auto* limit = list->add_option("--limit", "at most so many")->check([](const std::string& text) {
    const bool is_count = !text.empty() && text.size() < 19 && text != "0" &&
                          text.find_first_not_of("0123456789") == std::string::npos;
    return is_count ? std::string() : "a whole number from 1 on";
  });
  list->callback([&action, link, status, limit] {
    LeaseListing listing;
    if (link->count() != 0) listing.link = link->as<std::string>();
    if (status->count() != 0) listing.status = status->as<std::string>();
    if (limit->count() != 0) listing.limit = limit->as<std::uint64_t>();
    action = [listing](const auto& options) { return list_leases(options, listing); };
  });
}

void add_storage_commands(CLI::App& app, Action& action) {
  auto* storage = app.add_subcommand("storage", "the leases on disk")->require_subcommand(1);
  storage->add_subcommand("status", "how leases are kept: serving or why not, write times, disk")
      ->callback([&action] { action = show_storage; });

  auto* checkpoint =
      storage->add_subcommand("checkpoint", "a consistent copy of all leases, while serving");
  auto* copy =
      checkpoint->add_option("dir", "a folder that is not there yet")->type_name("DIR")->required();
  checkpoint->callback([&action, copy] {
    action = [folder = copy->as<std::string>()](const auto& options) {
      return make_checkpoint(options, folder);
    };
  });

  auto* verify = storage->add_subcommand(
      "verify", "checks all records against each other and the pools; the daemon does it");
  auto* other = verify->add_option("dir", "a checkpoint; without it: the server's own leases")
                    ->type_name("DIR");
  verify->callback([&action, other] {
    std::optional<std::string> folder;
    if (other->count() != 0) folder = other->as<std::string>();
    action = [folder](const auto& options) { return verify_storage(options, folder); };
  });
}

void add_process_commands(CLI::App& app, Action& action) {
  auto* config = app.add_subcommand("config", "the configuration file")->require_subcommand(1);
  auto* check = config->add_subcommand("check", "says what is wrong with a file; needs no daemon");
  auto* file = check->add_option("file", "the file")->type_name("FILE")->required();
  check->callback([&action, file] {
    action = [name = file->as<std::string>()](const auto& options) {
      return check_configuration(options, name);
    };
  });

  auto* log = app.add_subcommand("log", "what the server logs")->require_subcommand(1);
  auto* set = log->add_subcommand("level", "sets the log level");
  auto* level = set->add_option("level", "trace, debug, info, warning, error, critical or off")
                    ->type_name("LEVEL")
                    ->required();
  set->callback([&action, level] {
    action = [name = level->as<std::string>()](const auto& options) {
      return set_log_level(options, name);
    };
  });

  app.add_subcommand("shutdown", "ends the server cleanly")->callback([&action] {
    action = shut_down;
  });
}

int run(int argument_count, char** arguments) {
  CLI::App app("Drives a running tandem6d through its control socket.", "tandem6ctl");
  ControlOptions options;
  Action action;
  app.set_version_flag("--version", std::string("tandem6ctl ") + version());
  app.add_option("--socket", options.socket, "the control socket")->capture_default_str();
  app.add_flag("--json", options.json, "for programs: the same data as JSON");
  app.add_flag("--yes", options.yes, "do not ask before a destructive command");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kCommandList);
  add_show_commands(app, action);
  add_failover_commands(app, action);
  add_lease_commands(app, action);
  add_storage_commands(app, action);
  add_process_commands(app, action);
  for (CLI::App* command : app.get_subcommands({})) command->group("");  // listed in the footer
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::RequiredError& error) {
    const std::vector<std::string> unknown = app.remaining(true);
    if (unknown.empty()) {
      std::cerr << "tandem6ctl: " << error.what() << "; see tandem6ctl --help\n";
    } else {
      std::cerr << "tandem6ctl: there is no command `" << unknown.front()
                << "`; see tandem6ctl --help\n";
    }
    return static_cast<int>(ExitCode::kUsage);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return static_cast<int>(code == 0 ? ExitCode::kDone : ExitCode::kUsage);
  }
  // A reader that leaves (`| head`) ends the writing, not the program.
  std::signal(SIGPIPE, SIG_IGN);
  options.style.colours = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  return static_cast<int>(action(options));
}

}  // namespace
}  // namespace tandem6

int main(int argument_count, char** arguments) { return tandem6::run(argument_count, arguments); }
