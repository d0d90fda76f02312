// One failover endpoint at work: takes its events in turn and carries out what it wants, on shards,
// disk, pools and the connection to the partner.
//
// Problem: the engine's effects are in an order that is part of their meaning (effects.h), and what
// they need (workers, the committer, the network) answers later. So they wait in a queue, of which
// the first is begun when those before it are done:
//  - a Persist that is not lazy, and all that changes many leases, is done when it is on disk; a
//    Serve when every worker obeys it; a Take when the shards have answered. Until then nothing
//    further is begun, but events are taken, and their effects queue up;
//  - updates and answers of the partner are begun when they are given to their shards, which do
//    them in the order given. What looks at pools or writes records waits until they are back;
//  - what a partner is told was done, or is handed over, is on disk first (Committer::when_kept).
//
// Budget: nothing here grows with the number of leases; a lease of an update costs the control
// thread a copy each way.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/daemon/partner_tasks.h"
#include "control/daemon/shard_tasks.h"
#include "control/daemon/sweeps.h"
#include "control/failover/endpoint.h"
#include "dataplane/server/block_book.h"
#include "storage/committer.h"

namespace tandem6 {

/// Control thread.
class EndpointRunner {
 public:
  struct Surroundings {
    const Service* service = nullptr;
    Relationships* relationships = nullptr;
    ShardTasks* tasks = nullptr;
    Committer* committer = nullptr;
    /// Runs it on the control thread, later. Any thread.
    std::function<void(std::function<void()>)> post;
    std::function<WallTime()> clock;
    /// The connection: open, send, close. After `stop` none is called any more.
    std::function<void(ConnectionId)> open;
    std::function<void(ConnectionId, FailoverMessage&&)> send;
    std::function<void(ConnectionId, std::string why)> close;
    std::function<void(Severity, const std::string&)> report;
    /// Two clients with one lease, and what was decided.
    std::function<void(const ApplyOperation&)> disputed;
    /// All that an old or new database lacked has been heard by this endpoint; calls back when that
    /// is on disk for good, or must wait for another endpoint.
    std::function<void(std::function<void()> done)> leases_are_whole;
  };
  using CommandAnswer = std::function<void(bool taken, std::string text)>;

  EndpointRunner(EndpointSettings settings, RelationshipIndex index, Surroundings surroundings);
  ~EndpointRunner();
  EndpointRunner(const EndpointRunner&) = delete;
  EndpointRunner& operator=(const EndpointRunner&) = delete;

  /// Before the workers start, so that none acts on rules of before (serving_rules.h).
  void start(const event::Start& start);
  /// `at`: when it happened; a message, when it was read.
  void happen(Event&& event, WallTime at);
  void happen(Event&& event) { happen(std::move(event), surroundings_.clock()); }
  /// The endpoint's answer comes exactly once; a command at a time.
  void command(event::PartnerDown command, CommandAnswer answer);

  /// Everything that was wanted is done, and on disk where it belongs there.
  [[nodiscard]] bool is_idle() const noexcept;
  [[nodiscard]] const Endpoint& endpoint() const noexcept { return endpoint_; }
  [[nodiscard]] RelationshipIndex index() const noexcept { return index_; }

 private:
  struct Taking {
    effect::Take take;
    std::vector<std::vector<LeaseUpdate>> groups;
    bool has_blocks = false;
    std::uint64_t change_number = 0;
  };

  // --- endpoint_runner.cpp: the queue
  void run();
  void advance();
  void block();
  void unblock();
  void when_operations_are_back(std::function<void()> then);
  void when_kept(std::function<void()> then);
  [[nodiscard]] std::function<void()> on_control_thread(std::function<void()> then);
  [[nodiscard]] OnBehalfOf behalf() const noexcept { return {index_, rules_}; }
  [[nodiscard]] unsigned home_of(const Duid& duid) const;
  void add_operation(unsigned shard, ShardOperation&& operation);
  void give_operations();
  void give_operations_soon();
  void operations_are_back(OperationsTask& task);
  void pass_over_shards(const std::function<std::unique_ptr<PassTask>()>& make,
                        std::function<void()> then);

  // --- endpoint_effects.cpp: each effect
  void carry_out(effect::MarkAllDirty&& effect);
  void carry_out(effect::DoubtOldCopy&& effect);
  void carry_out(effect::LeasesAreWhole&& effect);
  void carry_out(effect::Persist&& effect);
  void carry_out(effect::Serve&& effect);
  void carry_out(effect::Open&& effect);
  void carry_out(effect::Send&& effect);
  void carry_out(effect::Close&& effect);
  void carry_out(effect::Apply&& effect);
  void carry_out(effect::Acknowledge&& effect);
  void carry_out(effect::NoteRefusal&& effect);
  void carry_out(effect::BeginSweep&& effect);
  void carry_out(effect::Take&& effect);
  void carry_out(effect::ForgetSent&& effect);
  void carry_out(effect::ArmReuseTimers&& effect);
  void carry_out(effect::ReadShares&& effect);
  void carry_out(effect::GiveBlock&& effect);
  void carry_out(effect::FindBlockToTakeBack&& effect);
  void carry_out(effect::Report&& effect);
  void carry_out(effect::CommandDone&& effect);
  void apply_block(const effect::Apply& apply);
  /// Another shard has to yield the lease first, or it is done: then `applied` has the answer.
  void go_on_applying(ApplyOperation& operation, std::vector<event::Applied>& applied,
                      bool& must_be_kept);
  void forget_sent_of_shards();
  void go_on_taking();
  void finish_taking();

  const RelationshipIndex index_;
  const Surroundings surroundings_;
  const std::string name_;
  Endpoint endpoint_;
  BlockBook book_;
  ServingRules rules_;

  struct Happened {
    Event event;
    WallTime at;
  };
  std::deque<Happened> events_;
  std::deque<EndpointEffect> effects_;
  bool is_running_ = false;
  bool is_blocked_ = false;
  std::vector<std::vector<ShardOperation>> operations_;  // by shard, not given yet
  std::size_t operation_count_ = 0;
  bool is_giving_soon_ = false;
  std::size_t tasks_out_ = 0;
  std::size_t kept_out_ = 0;  // what waits for the disk
  std::function<void()> when_back_;
  std::optional<Taking> taking_;
  Sweeps sweeps_;
  std::deque<CommandAnswer> commands_;
  /// What comes back later looks here whether there is still somebody.
  const std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
};

}  // namespace tandem6
