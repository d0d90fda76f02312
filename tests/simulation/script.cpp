#include "tests/simulation/script.h"

#include <functional>
#include <map>
#include <optional>
#include <sstream>

#include "tests/simulation/conflict_cell.h"
#include "tests/simulation/pair.h"

namespace tandem6::simulation {

namespace {

using Words = std::vector<std::string>;

Words words_of(const std::string& line) {
  std::istringstream stream(line);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string trimmed(const std::string& line) {
  const auto first = line.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

/// "90s", "1h", "3d".
std::optional<std::uint32_t> seconds_of(const std::string& text) {
  static const std::map<char, std::uint32_t> kUnits{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
  if (text.size() < 2 || !kUnits.contains(text.back())) return std::nullopt;
  std::size_t end = 0;
  const unsigned long number = std::stoul(text, &end);
  if (end + 1 != text.size()) return std::nullopt;
  return static_cast<std::uint32_t>(number) * kUnits.at(text.back());
}

std::string text_of(std::uint32_t seconds) {
  for (const auto& [unit, name] : {std::pair{86400U, "d"}, {3600U, "h"}, {60U, "m"}}) {
    if (seconds % unit == 0) return std::to_string(seconds / unit) + name;
  }
  return std::to_string(seconds) + "s";
}

/// What became of an exchange, as scripts write it.
std::string text_of(const Exchanged& exchanged) {
  if (!exchanged.answered) return "no answer";
  if (exchanged.lease) return text_of(exchanged.lease->valid);
  if (exchanged.status != StatusCode::kSuccess) return name_of(exchanged.status);
  return "no lease";
}

class Interpreter {
 public:
  explicit Interpreter(const std::string& text) : stream_(text) {}

  std::vector<std::string> run() {
    std::string line;
    while (failures_.empty() && next(line)) {
      line = trimmed(line);
      if (line.empty() || line.front() == '#') continue;
      do_line(line);
    }
    if (!failures_.empty() && pair_) {
      failures_.emplace_back("the trace so far:");
      for (const std::string& each : pair_->trace()) failures_.push_back("  " + each);
    }
    return failures_;
  }

 private:
  bool next(std::string& line) {
    ++number_;
    return static_cast<bool>(std::getline(stream_, line));
  }
  void fail(const std::string& what) {
    failures_.push_back("line " + std::to_string(number_) + ": " + what);
  }
  Pair& pair() {
    if (!pair_) pair_.emplace(settings_);
    return *pair_;
  }
  std::optional<Role> role_of(const std::string& name) {
    if (name == "primary") return Role::kPrimary;
    if (name == "secondary") return Role::kSecondary;
    fail("`" + name + "` is no server");
    return std::nullopt;
  }

  void do_line(const std::string& line) {
    const Words words = words_of(line);
    const std::string& verb = words[0];
    if (verb == "set") return set(words);
    if (verb == "client") return client(line);
    if (verb == "clients") return clients(line);
    if (verb == "expect") return expect(words);
    if (verb == "meet") return meet(line);
    if (verb == "cell") return cell(line);
    if (verb == "pass" && words.size() == 2) {
      const auto seconds = seconds_of(words[1]);
      return seconds ? pair().pass(*seconds) : fail("`" + words[1] + "` is no duration");
    }
    if (verb == "cut") return pair().cut(words.size() == 1);
    if (verb == "join") return pair().join();
    if (verb == "forget" && words.size() == 2) return pair().clear_trace();
    if (verb == "start" && words.size() == 2 && words[1] == "both") return pair().start_both();
    if (words.size() >= 2) return to_server(words);
    fail("`" + line + "` is no command");
  }

  void to_server(const Words& words) {
    static const std::map<std::string, void (Pair::*)(Role)> kCommands{
        {"start", &Pair::start},         {"kill", &Pair::crash},
        {"stop", &Pair::shut_down},      {"lose-disk", &Pair::lose_disk},
        {"copy-disk", &Pair::copy_disk}, {"put-copy-back", &Pair::put_copy_back}};
    const auto role = role_of(words[1]);
    if (!role) return;
    if (const auto found = kCommands.find(words[0]); found != kCommands.end()) {
      return (pair().*found->second)(*role);
    }
    if (words[0] == "was" && words.size() == 3) return was(*role, words[2]);
    if (words[0] == "hold") return pair().hold(*role, true);
    if (words[0] == "let-go") return pair().hold(*role, false);
    if (words[0] == "partner-down") return partner_down(*role, words);
    fail("`" + words[0] + "` is no command");
  }

  void partner_down(Role role, const Words& words) {
    const bool forced = words.size() > 2 && words[2] == "forced";
    const bool refused = words.back() == "refused";
    const effect::CommandDone done = pair().partner_down(role, forced);
    if (done.taken == refused) fail("partner-down: " + done.text);
  }

  void set(const Words& words) {
    if (words.size() != 3 || pair_) return fail("settings come first: set NAME VALUE");
    EndpointSettings& primary = settings_.primary;
    EndpointSettings& secondary = settings_.secondary;
    const auto number = seconds_of(words[2]);
    if (words[1] == "secondary-share") {
      primary.secondary_share_percent = static_cast<unsigned>(std::stoul(words[2]));
    } else if (words[1] == "start-alone") {
      primary.start_alone = words[2] == "primary";
      secondary.start_alone = words[2] == "secondary";
    } else if (words[1] == "prefixes") {
      set_prefix_count(std::stoul(words[2]));
    } else if (words[1] == "addresses") {
      settings_.servers.links[0].address_pools[0].length = length_for(128, std::stoul(words[2]));
    } else if (words[1] == "shards") {
      settings_.shard_count = static_cast<unsigned>(std::stoul(words[2]));
    } else if (!number) {
      fail("`" + words[2] + "` is no duration");
    } else if (words[1] == "mclt") {
      primary.mclt = secondary.mclt = Lifetime{*number};
    } else if (words[1] == "lifetime") {
      settings_.servers.links[0].lifetimes.preferred = Lifetime{*number};
      settings_.servers.links[0].lifetimes.valid = Lifetime{*number};
    } else if (words[1] == "auto-partner-down") {
      primary.auto_partner_down = secondary.auto_partner_down = Lifetime{*number};
    } else {
      fail("`" + words[1] + "` is no setting");
    }
  }

  /// A pool of so many of this length; a power of two.
  static std::uint8_t length_for(std::uint8_t length, unsigned long count) {
    for (; count > 1; count /= 2) --length;
    return length;
  }
  void set_prefix_count(unsigned long count) {
    settings_.servers.links[0].prefix_pools[0].prefix = {address_of("2001:db8:8000::"),
                                                         length_for(56, count)};
  }

  /// "client 1 leases an address from primary", "client 1 renews [its prefix] at primary".
  std::optional<Exchanged> exchange(std::uint32_t number, const Words& words) {
    const auto role = role_of(words.back());
    if (!role) return std::nullopt;
    const bool prefix = std::ranges::find(words, "prefix") != words.end();
    const IaType type = prefix ? IaType::kPrefixDelegation : IaType::kNonTemporaryAddress;
    const std::string& verb = words[2];
    if (verb == "leases" || verb == "lease") {
      return prefix ? pair().lease_prefix(number, *role) : pair().lease_address(number, *role);
    }
    if (verb == "renews" || verb == "renew") return pair().renew(number, *role, type);
    if (verb == "rebinds" || verb == "rebind") return pair().rebind(number, *role, type);
    if (verb == "releases" || verb == "release") return pair().release(number, *role, type);
    if (verb == "declines" || verb == "decline") return pair().decline(number, *role);
    fail("`" + verb + "` is nothing that clients do");
    return std::nullopt;
  }

  void client(const std::string& line) {
    const auto colon = line.find(": ");
    const Words words = words_of(line.substr(0, colon));
    if (words.size() < 4) return fail("client NUMBER does WHAT at SERVER: RESULT");
    const auto done = exchange(static_cast<std::uint32_t>(std::stoul(words[1])), words);
    if (!done || colon == std::string::npos) return;
    const std::string wanted = trimmed(line.substr(colon + 2));
    const std::string found = text_of(*done);
    if (found != wanted) fail("client " + words[1] + " gets " + found + ", not " + wanted);
  }

  /// "clients 1..1501 lease an address from primary: 1h"
  void clients(const std::string& line) {
    const auto colon = line.find(": ");
    const Words words = words_of(line.substr(0, colon));
    const auto dots = words.size() < 4 ? std::string::npos : words[1].find("..");
    if (dots == std::string::npos) return fail("clients FIRST..LAST do WHAT at SERVER: RESULT");
    const auto first = static_cast<std::uint32_t>(std::stoul(words[1].substr(0, dots)));
    const auto last = static_cast<std::uint32_t>(std::stoul(words[1].substr(dots + 2)));
    for (std::uint32_t number = first; number <= last && failures_.empty(); ++number) {
      const auto done = exchange(number, words);
      if (!done || colon == std::string::npos) continue;
      const std::string wanted = trimmed(line.substr(colon + 2));
      if (text_of(*done) != wanted) {
        fail("client " + std::to_string(number) + " gets " + text_of(*done) + ", not " + wanted);
      }
    }
  }

  void expect(const Words& words) {
    if (words.size() == 2 && words[1] == "trace") return expect_trace();
    if (words.size() == 3 && words[1] == "databases") {
      for (const std::string& each : pair().differences()) fail(each);
      return;
    }
    if (words.size() == 4 && words[1] == "no") {
      for (const std::string& each : pair().doubles()) fail(each);
      return;
    }
    if (words.size() == 6 && words[1] == "client" && words[4] == "at") {
      return expect_status(words);
    }
    if (words.size() != 3) return fail("expect WHAT?");
    const auto role = role_of(words[1]);
    if (!role) return;
    const std::string found =
        pair().server(*role).is_running() ? name_of(pair().state(*role)) : "dead";
    if (found != words[2]) fail(words[1] + " is " + found + ", not " + words[2]);
  }

  /// "expect client 1 ACTIVE at secondary"
  void expect_status(const Words& words) {
    const auto role = role_of(words[5]);
    if (!role) return;
    const std::string found =
        pair().status_at(static_cast<std::uint32_t>(std::stoul(words[2])), *role);
    if (found != words[3]) fail("client " + words[2] + " is " + found + " at the " + words[5]);
  }

  /// "meet NORMAL RECOVER-DONE: PATH; PATH": two servers start that were in these states when they
  /// stopped, an hour ago; the paths of the primary and of the secondary until all is said.
  void meet(const std::string& line) {
    const auto colon = line.find(": ");
    const Words words = words_of(line.substr(0, colon));
    if (words.size() != 3 || colon == std::string::npos) {
      return fail("meet STATE STATE: PATH; PATH");
    }
    Pair meeting(settings_);
    // Who serves alone has been there since; else the partner took over after this one had gone.
    const bool both_alone = words[1] == "PARTNER-DOWN" && words[2] == "PARTNER-DOWN";
    for (const Role role : {Role::kPrimary, Role::kSecondary}) {
      const std::string& name = words[role == Role::kPrimary ? 1 : 2];
      const auto record = record_of(role, name, meeting.now(), both_alone ? 1800 : 7200);
      if (!record) return fail("`" + name + "` is no state");
      meeting.server(role).set_endpoint_record(*record);
    }
    meeting.start_both();
    meeting.pass(3);
    const std::string found =
        path_of(meeting.server(Role::kPrimary)) + "; " + path_of(meeting.server(Role::kSecondary));
    if (found != trimmed(line.substr(colon + 2))) fail("they go " + found);
  }
  /// What stands on disk of an endpoint that was in this state and has been dead since.
  [[nodiscard]] std::optional<EndpointRecord> record_of(Role role, const std::string& name,
                                                        WallTime now, std::int64_t dead_for) const {
    const EndpointState state = state_named(name);
    if (state == EndpointState::kNone) return std::nullopt;
    EndpointRecord record;
    record.role = static_cast<std::uint8_t>(role);
    record.state = static_cast<std::uint8_t>(state);
    record.has_communicated = true;
    record.start_time_of_state = WallTime{now.seconds - 3600};
    record.last_heartbeat = WallTime{now.seconds - dead_for};
    if (state == EndpointState::kRecoverWait) record.recover_wait_end = now + Lifetime{3600};
    record.mclt = settings_.primary.mclt;
    return record;
  }
  void was(Role role, const std::string& name) {
    const auto record = record_of(role, name, pair().now(), 60);
    if (!record) return fail("`" + name + "` is no state");
    pair().server(role).set_endpoint_record(*record);
  }
  static EndpointState state_named(const std::string& name) {
    for (unsigned number = 2; number <= 10; ++number) {
      const auto state = static_cast<EndpointState>(number);
      if (name == name_of(state)) return state;
    }
    return EndpointState::kNone;
  }
  static std::string path_of(const SimulatedServer& server) {
    std::string path;
    for (const Endpoint::Transition& each : server.endpoint().transitions()) {
      if (!path.empty()) path += ' ';
      path += name_of(each.to);
    }
    return path;
  }

  /// "cell ACTIVE RELEASED later [other] [secondary]: taken": Figure 4, one cell.
  void cell(const std::string& line) {
    const auto colon = line.find(": ");
    const Words words = words_of(line.substr(0, colon));
    if (words.size() < 4 || colon == std::string::npos)
      return fail("cell STATUS STATUS TIME: VERDICT");
    const auto found = verdict_of_cell(words);
    if (!found) return fail("`" + line + "` is no cell");
    if (*found != trimmed(line.substr(colon + 2))) fail("it is " + *found);
  }

  static bool fits(const std::string& wanted, const std::string& line) {
    static const std::string kOpenEnd = "*";
    if (!wanted.ends_with(kOpenEnd)) return wanted == line;
    return line.starts_with(wanted.substr(0, wanted.size() - kOpenEnd.size()));
  }

  void expect_trace() {
    std::vector<std::string> wanted;
    std::string line;
    while (next(line) && trimmed(line) != "end") {
      if (!trimmed(line).empty() && trimmed(line).front() != '#') wanted.push_back(trimmed(line));
    }
    const std::vector<std::string>& trace = pair().trace();
    std::size_t at = 0;
    bool anywhere = false;
    for (const std::string& each : wanted) {
      if (each == "...") {
        anywhere = true;
        continue;
      }
      while (anywhere && at < trace.size() && !fits(each, trace[at])) ++at;
      anywhere = false;
      if (at == trace.size() || !fits(each, trace[at])) {
        return fail("the trace has `" + (at < trace.size() ? trace[at] : "nothing more") +
                    "` where `" + each + "` is expected");
      }
      ++at;
    }
    if (!anywhere && at != trace.size()) fail("the trace goes on with `" + trace[at] + "`");
  }

  std::istringstream stream_;
  std::size_t number_ = 0;
  PairSettings settings_ = Pair::default_settings();
  std::optional<Pair> pair_;
  std::vector<std::string> failures_;
};

}  // namespace

std::vector<std::string> run_script(const std::string& text) { return Interpreter(text).run(); }

}  // namespace tandem6::simulation
