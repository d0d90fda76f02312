#include "tests/simulation/shrink.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <sstream>

#include "tests/simulation/life.h"
#include "tests/simulation/pipe_text.h"

namespace tandem6::simulation {

namespace {

constexpr std::string_view kFoundMark = "#found ";

std::string read_all(int from) {
  std::string text;
  std::array<char, 65536> buffer{};
  for (ssize_t size = 0; (size = read(from, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return text;
}

[[noreturn]] void live_in_child(const Plan& plan, bool with_trace, int to) {
  CoverageTable coverage;
  std::vector<std::string> trace;
  Life life(plan, coverage, with_trace ? &trace : nullptr);
  const auto violation = life.live();
  std::string text;
  for (const std::string& line : trace) text += line + '\n';
  if (violation)
    text += std::string(kFoundMark) + violation->checker + ' ' + violation->text + '\n';
  write_all(to, text);
  _exit(0);
}

bool still_found(const Plan& plan, const std::string& checker) {
  const LifeOutcome outcome = outcome_of(plan, false);
  return outcome.violation && outcome.violation->checker == checker;
}

/// Leaves out runs of actions, long ones first.
void leave_out_actions(Plan& plan, const std::string& checker) {
  for (std::size_t run = std::max<std::size_t>(plan.actions.size() / 2, 1); run > 0; run /= 2) {
    for (std::size_t at = 0; at < plan.actions.size();) {
      Plan less = plan;
      const auto begin = less.actions.begin() + static_cast<std::ptrdiff_t>(at);
      const std::size_t count = std::min(run, less.actions.size() - at);
      less.actions.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
      if (still_found(less, checker)) {
        plan = std::move(less);
      } else {
        at += run;
      }
    }
  }
}

void leave_out_clients(Plan& plan, const std::string& checker) {
  for (unsigned number = 1; number <= plan.settings.client_count; ++number) {
    Plan less = plan;
    less.settings.absent_clients |= std::uint64_t{1} << number;
    if (still_found(less, checker)) plan = std::move(less);
  }
}

void make_plain(Plan& plan, const std::string& checker) {
  const std::array<void (*)(LifeSettings&), 9> kPlainer{
      [](LifeSettings& settings) { settings.has_third_server = false; },
      [](LifeSettings& settings) { settings.client_loss_percent = 0; },
      [](LifeSettings& settings) { settings.client_repeat_percent = 0; },
      [](LifeSettings& settings) { settings.shard_count = 1; },
      [](LifeSettings& settings) { settings.clock_offset_ms = {}; },
      [](LifeSettings& settings) { settings.cable_delay_ms_max = 1; },
      [](LifeSettings& settings) { settings.client_delay_ms_max = 1; },
      [](LifeSettings& settings) { settings.sync_ms_max = 1; },
      [](LifeSettings& settings) { settings.rapid_commit = false; }};
  for (const auto plainer : kPlainer) {
    Plan less = plan;
    plainer(less.settings);
    if (still_found(less, checker)) plan = std::move(less);
  }
  // An early end leaves less to read.
  for (Milliseconds end = 2000; end < plan.settings.active_ms; end += end / 2) {
    Plan less = plan;
    less.settings.active_ms = end;
    if (!still_found(less, checker)) continue;
    plan = std::move(less);
    break;
  }
}

/// Words of the violation that name a lease or a client.
std::set<std::string> subjects_of(const Violation& violation) {
  std::set<std::string> subjects;
  std::istringstream text(violation.text);
  std::string word;
  for (bool is_number = false; text >> word;) {
    if (word.find("::") != std::string::npos) subjects.insert(word);
    if (is_number) subjects.insert("client " + std::to_string(std::atoi(word.c_str())));
    is_number = word == "client";
  }
  return subjects;
}

bool is_of_interest(const std::string& line, const std::set<std::string>& subjects) {
  if (line.find("VIOLATION") != std::string::npos) return true;
  if (line.find(" writes ") != std::string::npos || line.find(" erases ") != std::string::npos ||
      line.find(" drops ") != std::string::npos) {
    return false;
  }
  if (line.find(" > ") == std::string::npos && line.find(" is told ") == std::string::npos) {
    return line.find("client ") == std::string::npos ||
           std::ranges::any_of(subjects, [&](const std::string& subject) {
             return line.find(subject + ':') != std::string::npos;
           });
  }
  return std::ranges::any_of(subjects, [&](const std::string& subject) {
    return line.find(subject + ' ') != std::string::npos || line.ends_with(subject);
  });
}

}  // namespace

LifeOutcome outcome_of(const Plan& plan, bool with_trace) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return {};
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    live_in_child(plan, with_trace, ends[1]);
  }
  close(ends[1]);
  std::istringstream text(read_all(ends[0]));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);

  LifeOutcome outcome;
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with(kFoundMark)) {
      outcome.trace.push_back(line);
      continue;
    }
    const std::string found = line.substr(kFoundMark.size());
    const std::size_t space = found.find(' ');
    outcome.violation = Violation{found.substr(0, space), found.substr(space + 1)};
  }
  if (!WIFEXITED(status)) {
    outcome.violation = Violation{"crash", "signal " + std::to_string(WTERMSIG(status))};
  }
  return outcome;
}

Plan shrunk(Plan plan, const std::string& checker) {
  make_plain(plan, checker);
  for (std::size_t before = plan.actions.size() + 1; plan.actions.size() < before;) {
    before = plan.actions.size();
    leave_out_actions(plan, checker);
    leave_out_clients(plan, checker);
  }
  make_plain(plan, checker);
  return plan;
}

std::vector<std::string> readable(const std::vector<std::string>& trace, const Violation& violation,
                                  std::size_t line_count_max) {
  const std::set<std::string> subjects = subjects_of(violation);
  std::vector<std::string> lines;
  for (const std::string& line : trace) {
    if (is_of_interest(line, subjects)) lines.push_back(line);
  }
  if (lines.size() > line_count_max) {
    const auto excess = static_cast<std::ptrdiff_t>(lines.size() - line_count_max);
    // The beginning, where all that is there comes up, is told by the plan.
    lines.erase(lines.begin(), lines.begin() + excess);
  }
  return lines;
}

}  // namespace tandem6::simulation
