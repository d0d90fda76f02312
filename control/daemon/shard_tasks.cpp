#include "control/daemon/shard_tasks.h"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <utility>
#include <vector>

#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

constexpr auto kPollTime = std::chrono::microseconds(100);
constexpr std::size_t kTasksAtOnce = 32;

struct Given {
  std::unique_ptr<ShardTask> task;
  std::function<void(std::unique_ptr<ShardTask>)> done;
};

}  // namespace

struct ShardTasks::Impl {
  Impl(boost::asio::io_context& context, unsigned worker_count, TaskLines lines_given)
      : timer(context),
        lines(std::move(lines_given)),
        given(worker_count),
        with_worker(worker_count) {}

  void poll_soon() {
    if (is_polling) return;
    is_polling = true;
    timer.expires_after(kPollTime);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      is_polling = false;
      poll();
    });
  }

  void poll() {
    bool any = false;
    for (unsigned worker = 0; worker < given.size(); ++worker) {
      take_back(worker);
      give_waiting(worker);
      any = any || !given[worker].empty();
    }
    if (any) poll_soon();
  }

  void give_waiting(unsigned worker) {
    auto& queue = given[worker];
    while (with_worker[worker] < queue.size()) {
      Given& next = queue[with_worker[worker]];
      if (!lines.give(worker, *next.task)) return;
      ++with_worker[worker];
    }
  }

  void take_back(unsigned worker) {
    std::array<ShardTask*, kTasksAtOnce> done;
    while (const std::size_t count = lines.take_back(worker, done)) {
      for (std::size_t i = 0; i < count; ++i) finish(worker, *done[i]);
      if (count < done.size()) return;
    }
  }

  void finish(unsigned worker, const ShardTask& task) {
    auto& queue = given[worker];
    T6_CHECK(!queue.empty() && queue.front().task.get() == &task);
    Given ready = std::move(queue.front());
    queue.pop_front();
    --with_worker[worker];
    ready.done(std::move(ready.task));
  }

  boost::asio::steady_timer timer;
  TaskLines lines;
  std::vector<std::deque<Given>> given;  // by worker, in order
  std::vector<std::size_t> with_worker;  // how many of them, from the front
  bool is_polling = false;
};

ShardTasks::ShardTasks(boost::asio::io_context& context, unsigned worker_count, TaskLines lines)
    : impl_(std::make_unique<Impl>(context, worker_count, std::move(lines))) {}

ShardTasks::~ShardTasks() = default;

unsigned ShardTasks::worker_count() const noexcept {
  return static_cast<unsigned>(impl_->given.size());
}

void ShardTasks::give_any(unsigned worker, std::unique_ptr<ShardTask> task, AnyDone done) {
  impl_->given[worker].push_back({.task = std::move(task), .done = std::move(done)});
  impl_->give_waiting(worker);
  impl_->poll_soon();
}

}  // namespace tandem6
