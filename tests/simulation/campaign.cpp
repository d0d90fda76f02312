// Lives many lives and looks at each step of them; README.md of this folder says what it can find.
//
//   campaign --seeds N --first S --jobs J [--keep-going]   exit 1 on any violation
//   campaign --trace SEED                                  a whole life, line by line
//   campaign --shrink SEED                                 what its violation needs, and why
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <iostream>
#include <new>
#include <sstream>

#include "tests/simulation/life.h"
#include "tests/simulation/pipe_text.h"
#include "tests/simulation/shrink.h"

namespace tandem6::simulation {
namespace {

constexpr unsigned kJobCountMax = 64;
constexpr std::size_t kReadableLines = 28;

/// In memory that the processes share.
struct Board {
  struct Job {
    std::atomic<std::uint64_t> seed;
    std::atomic<std::uint64_t> lives;
    std::atomic<std::int64_t> time_ms;
  };
  std::array<Job, kJobCountMax> jobs;
  std::atomic<bool> is_over;
};

struct Request {
  std::uint64_t first = 0;
  std::uint64_t seeds = 1000;
  unsigned jobs = 2;
  bool keeps_going = false;
};

/// Its part of the seeds; to `to` go its coverage and its violations, a line each.
[[noreturn]] void work(const Request& request, unsigned job, Board& board, int to) {
  CoverageTable coverage;
  Board::Job& mine = board.jobs[job];
  const std::uint64_t end = request.first + request.seeds;
  for (std::uint64_t seed = request.first + job; seed < end; seed += request.jobs) {
    if (board.is_over.load(std::memory_order_relaxed)) break;
    mine.seed.store(seed, std::memory_order_relaxed);
    Life life(plan_of(seed), coverage, nullptr);
    const auto violation = life.live();
    mine.lives.fetch_add(1, std::memory_order_relaxed);
    mine.time_ms.fetch_add(life.time(), std::memory_order_relaxed);
    if (!violation) continue;
    const std::string found = "violation: seed " + std::to_string(seed) + " checker " +
                              violation->checker + ": " + violation->text + '\n';
    std::cerr << found;  // a long campaign is watched
    write_all(to, found);
    if (!request.keeps_going) board.is_over = true;
  }
  std::string text;
  for (const auto& [place, times] : coverage.counts()) {
    text += std::to_string(times) + ' ' + place + '\n';
  }
  write_all(to, text);
  std::cout.flush();
  _exit(0);
}

class Campaign {
 public:
  explicit Campaign(const Request& request) : request_(request) {
    void* const memory =
        mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    board_ = new (memory) Board{};
  }

  int run() {
    begin_ = std::chrono::steady_clock::now();
    for (unsigned job = 0; job < request_.jobs; ++job) start(job);
    listen();
    for (unsigned job = 0; job < request_.jobs; ++job) finish(job);
    return sum_up();
  }

 private:
  struct Worker {
    pid_t process = 0;
    int from = -1;
    std::string text;
  };

  void start(unsigned job) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return;
    const pid_t process = fork();
    if (process == 0) work(request_, job, *board_, ends[1]);
    close(ends[1]);
    workers_.push_back({.process = process, .from = ends[0], .text = {}});
  }

  /// Until all have said everything.
  void listen() {
    std::array<char, 65536> buffer{};
    for (std::size_t open = workers_.size(); open > 0;) {
      std::vector<pollfd> polled;
      for (const Worker& worker : workers_) polled.push_back({worker.from, POLLIN, 0});
      if (poll(polled.data(), polled.size(), 1000) == 0) progress();
      for (std::size_t i = 0; i < workers_.size(); ++i) {
        if ((polled[i].revents & (POLLIN | POLLHUP)) == 0) continue;
        const ssize_t size = read(workers_[i].from, buffer.data(), buffer.size());
        if (size > 0) {
          workers_[i].text.append(buffer.data(), static_cast<std::size_t>(size));
        } else {
          close(workers_[i].from);
          workers_[i].from = -1;
          --open;
        }
      }
    }
  }

  void finish(unsigned job) {
    int status = 0;
    waitpid(workers_[job].process, &status, 0);
    if (!WIFEXITED(status)) {
      violations_.push_back("violation: seed " + std::to_string(board_->jobs[job].seed) +
                            " checker crash: signal " + std::to_string(WTERMSIG(status)));
    }
    std::istringstream text(workers_[job].text);
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("violation: ")) {
        violations_.push_back(line);
      } else {
        const std::size_t space = line.find(' ');
        coverage_.add(line.substr(space + 1), std::stoull(line.substr(0, space)));
      }
    }
  }

  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }
  [[nodiscard]] std::uint64_t lives() const {
    std::uint64_t lives = 0;
    for (const Board::Job& job : board_->jobs) lives += job.lives.load(std::memory_order_relaxed);
    return lives;
  }

  void progress() {
    if (isatty(STDERR_FILENO) == 0 && ++quiet_seconds_ % 30 != 0) return;
    const double rate = static_cast<double>(lives()) / seconds();
    const double left = static_cast<double>(request_.seeds - lives()) / std::max(rate, 0.001);
    std::cerr << lives() << " of " << request_.seeds << " lives, " << static_cast<int>(rate)
              << "/s, " << static_cast<int>(left) << " s left\n";
  }

  int sum_up() {
    coverage_.print(std::cout);
    const auto unreached = coverage_.unreached(lives());
    for (const std::string& place : unreached) std::cout << "never reached: " << place << '\n';
    for (const std::string& violation : violations_) std::cout << violation << '\n';
    std::int64_t time_ms = 0;
    for (const Board::Job& job : board_->jobs) time_ms += job.time_ms;
    std::cout << lives() << " lives from seed " << request_.first << ", " << time_ms / 3'600'000
              << " hours of " << static_cast<int>(seconds()) << " s, " << coverage_.sum("trouble ")
              << " troubles, " << coverage_.sum("death before ") << " deaths between effects, "
              << violations_.size() << " violations\n";
    return violations_.empty() && unreached.empty() ? 0 : 1;
  }

  const Request request_;
  Board* board_;
  std::vector<Worker> workers_;
  std::chrono::steady_clock::time_point begin_;
  unsigned quiet_seconds_ = 0;
  CoverageTable coverage_;
  std::vector<std::string> violations_;
};

int trace(std::uint64_t seed) {
  const LifeOutcome outcome = outcome_of(plan_of(seed), true);
  for (const std::string& line : outcome.trace) std::cout << line << '\n';
  if (!outcome.violation) return 0;
  std::cout << "violation: seed " << seed << " checker " << outcome.violation->checker << ": "
            << outcome.violation->text << '\n';
  return 1;
}

int shrink(std::uint64_t seed) {
  const LifeOutcome whole = outcome_of(plan_of(seed), false);
  if (!whole.violation) {
    std::cout << "seed " << seed << " lives well\n";
    return 0;
  }
  const Plan small = shrunk(plan_of(seed), whole.violation->checker);
  const LifeOutcome outcome = outcome_of(small, true);
  if (!outcome.violation) return 1;
  std::cout << "seed " << seed << ", " << small.actions.size() << " of "
            << plan_of(seed).actions.size() << " troubles; MCLT " << small.settings.mclt.seconds
            << " s, valid lifetime " << small.settings.valid.seconds << " s\n";
  for (const std::string& line : readable(outcome.trace, *outcome.violation, kReadableLines)) {
    std::cout << line << '\n';
  }
  return 1;
}

}  // namespace
}  // namespace tandem6::simulation

int main(int argc, char** argv) {
  using namespace tandem6::simulation;
  CLI::App app("Two servers, their clients, clocks, disks and networks, from seeds");
  Request request;
  std::optional<std::uint64_t> traced;
  std::optional<std::uint64_t> to_shrink;
  app.add_option("--seeds", request.seeds, "how many lives")->check(CLI::PositiveNumber);
  app.add_option("--first", request.first, "the first seed");
  app.add_option("--jobs", request.jobs, "processes")->check(CLI::Range(1U, kJobCountMax));
  app.add_flag("--keep-going", request.keeps_going, "a violation does not end the campaign");
  app.add_option("--trace", traced, "live this seed and tell everything");
  app.add_option("--shrink", to_shrink, "find what the violation of this seed needs");
  CLI11_PARSE(app, argc, argv);
  if (traced) return trace(*traced);
  if (to_shrink) return shrink(*to_shrink);
  return Campaign(request).run();
}
