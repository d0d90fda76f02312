// Gives tasks to the workers and takes them back: the control thread's end of the rings of tasks.
// Polls while something is with a worker, and only then.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "dataplane/server/shard_task.h"

// Asio is slow to compile; its name is enough here.
namespace boost::asio {
class io_context;
}

namespace tandem6 {

/// The rings, by worker. Tasks come back in the order in which they were given.
struct TaskLines {
  std::function<bool(unsigned worker, ShardTask& task)> give;  // false: full now
  std::function<std::size_t(unsigned worker, std::span<ShardTask*> done)> take_back;
};

/// Control thread. Ends after the workers have.
class ShardTasks {
 public:
  ShardTasks(boost::asio::io_context& context, unsigned worker_count, TaskLines lines);
  ~ShardTasks();
  ShardTasks(const ShardTasks&) = delete;
  ShardTasks& operator=(const ShardTasks&) = delete;

  [[nodiscard]] unsigned worker_count() const noexcept;

  /// The tasks of a worker are done in the order in which they were given. `done` comes exactly
  /// once, never from inside of this call; not at all once the workers have ended.
  template <typename Task>
  void give(unsigned worker, std::unique_ptr<Task> task,
            std::function<void(std::unique_ptr<Task>)> done) {
    give_any(worker, std::move(task), [done = std::move(done)](std::unique_ptr<ShardTask> each) {
      done(std::unique_ptr<Task>(static_cast<Task*>(each.release())));
    });
  }

  /// One for each worker; `done` has them all, when the last is back.
  template <typename Task>
  void give_to_all(const std::function<std::unique_ptr<Task>()>& make,
                   std::function<void(const std::vector<std::unique_ptr<Task>>&)> done) {
    const auto back = std::make_shared<std::vector<std::unique_ptr<Task>>>();
    const unsigned count = worker_count();
    for (unsigned worker = 0; worker < count; ++worker) {
      give<Task>(worker, make(), [back, count, done](std::unique_ptr<Task> task) {
        back->push_back(std::move(task));
        if (back->size() == count) done(*back);
      });
    }
  }

 private:
  using AnyDone = std::function<void(std::unique_ptr<ShardTask>)>;
  void give_any(unsigned worker, std::unique_ptr<ShardTask> task, AnyDone done);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6
