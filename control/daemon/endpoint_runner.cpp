#include "control/daemon/endpoint_runner.h"

#include <utility>

#include "dataplane/wire/check.h"

namespace tandem6 {

EndpointRunner::EndpointRunner(EndpointSettings settings, RelationshipIndex index,
                               Surroundings surroundings)
    : index_(index),
      surroundings_(std::move(surroundings)),
      name_(settings.relationship_name),
      endpoint_(std::move(settings)),
      book_(*surroundings_.service, index),
      operations_(surroundings_.tasks->worker_count()),
      sweeps_(surroundings_.tasks->worker_count()) {}

EndpointRunner::~EndpointRunner() { *is_alive_ = false; }

// --- Events.

void EndpointRunner::start(const event::Start& start) { happen(event::Start(start)); }

void EndpointRunner::happen(Event&& event, WallTime at) {
  events_.push_back({.event = std::move(event), .at = at});
  run();
}

void EndpointRunner::command(event::PartnerDown command, CommandAnswer answer) {
  commands_.push_back(std::move(answer));
  happen(command);
}

bool EndpointRunner::is_idle() const noexcept {
  return events_.empty() && effects_.empty() && !is_blocked_ && operation_count_ == 0 &&
         tasks_out_ == 0 && kept_out_ == 0;
}

/// Effects may bring events at once; these wait until what was begun is done.
void EndpointRunner::run() {
  if (is_running_) return;
  is_running_ = true;
  while ((!effects_.empty() && !is_blocked_) || !events_.empty()) advance();
  is_running_ = false;
  give_operations_soon();
}

void EndpointRunner::advance() {
  if (!effects_.empty() && !is_blocked_) {
    EndpointEffect next = std::move(effects_.front());
    effects_.pop_front();
    std::visit([this](auto&& effect) { carry_out(std::move(effect)); }, std::move(next));
    return;
  }
  Happened next = std::move(events_.front());
  events_.pop_front();
  Effects effects;
  endpoint_.step(std::move(next.event), next.at, effects);
  for (EndpointEffect& each : effects) effects_.push_back(std::move(each));
}

// --- Waiting.

void EndpointRunner::block() {
  T6_CHECK(!is_blocked_);
  is_blocked_ = true;
}

void EndpointRunner::unblock() {
  T6_CHECK(is_blocked_);
  is_blocked_ = false;
  run();
}

/// REQUIRES: blocked, so that nothing further is begun.
void EndpointRunner::when_operations_are_back(std::function<void()> then) {
  T6_CHECK(is_blocked_ && !when_back_);
  give_operations();
  if (tasks_out_ == 0) return then();
  when_back_ = std::move(then);
}

std::function<void()> EndpointRunner::on_control_thread(std::function<void()> then) {
  return [post = surroundings_.post, alive = std::weak_ptr<bool>(is_alive_),
          then = std::move(then)]() mutable {
    post([alive = std::move(alive), then = std::move(then)] {
      if (alive.lock() != nullptr) then();
    });
  };
}

void EndpointRunner::when_kept(std::function<void()> then) {
  ++kept_out_;
  surroundings_.committer->when_kept(on_control_thread([this, then = std::move(then)] {
    --kept_out_;
    then();
  }));
}

// --- Shards.

unsigned EndpointRunner::home_of(const Duid& duid) const {
  const Service& service = *surroundings_.service;
  return service.home_of(service.client_key(duid.bytes()));
}

void EndpointRunner::add_operation(unsigned shard, ShardOperation&& operation) {
  ++operation_count_;
  operations_[shard].push_back(std::move(operation));
}

/// What else is read from the connection now goes along.
void EndpointRunner::give_operations_soon() {
  if (is_giving_soon_ || operation_count_ == 0) return;
  is_giving_soon_ = true;
  on_control_thread([this] {
    is_giving_soon_ = false;
    give_operations();
  })();
}

void EndpointRunner::give_operations() {
  operation_count_ = 0;
  for (unsigned shard = 0; shard < operations_.size(); ++shard) {
    if (operations_[shard].empty()) continue;
    auto task = std::make_unique<OperationsTask>(behalf());
    task->operations = std::exchange(operations_[shard], {});
    ++tasks_out_;
    surroundings_.tasks->give<OperationsTask>(
        shard, std::move(task),
        [this](std::unique_ptr<OperationsTask> back) { operations_are_back(*back); });
  }
}

void EndpointRunner::operations_are_back(OperationsTask& task) {
  --tasks_out_;
  std::vector<event::Applied> applied;
  bool must_be_kept = false;
  for (ShardOperation& operation : task.operations) {
    if (auto* apply = std::get_if<ApplyOperation>(&operation)) {
      go_on_applying(*apply, applied, must_be_kept);
    }
  }
  const auto tell = [this](const std::vector<event::Applied>& all) {
    const WallTime now = surroundings_.clock();
    for (const event::Applied& each : all) events_.push_back({.event = each, .at = now});
    run();
  };
  if (!must_be_kept) {
    tell(applied);
  } else {
    when_kept([tell, applied = std::move(applied)] { tell(applied); });
  }
  give_operations();
  if (tasks_out_ == 0 && when_back_) std::exchange(when_back_, {})();
}

/// REQUIRES: blocked, and no operations out.
void EndpointRunner::pass_over_shards(const std::function<std::unique_ptr<PassTask>()>& make,
                                      std::function<void()> then) {
  surroundings_.tasks->give_to_all<PassTask>(make,
                                             [then = std::move(then)](const auto&) { then(); });
}

}  // namespace tandem6
