// One whole server in a test: the shipping server/, lease/ and failover/ code with a simulated
// disk, driven by one thread in virtual time. It has an endpoint for each relationship (m-to-1),
// and carries out their effects in their order: one that follows a Persist waits until the disk has
// it, and so does everything that comes back from the shards with a change.
//
// With an instant disk (the default) an event and all that follows from it happen at once.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/daemon/sweeps.h"
#include "control/failover/endpoint.h"
#include "dataplane/server/block_book.h"
#include "dataplane/server/partner_updates.h"
#include "dataplane/server/prefix_shares.h"
#include "tests/server/restart.h"
#include "tests/server/server_bench.h"
#include "tests/simulation/simulated_disk.h"

namespace tandem6::simulation {

/// On whose account a server writes: a client's, that of time, of an old copy that is doubted or
/// settled, of what the partner tells or acks, or of something else.
struct ByClient {};
struct ByTime {};
struct ByDoubt {};
struct BySettling {};
using Occasion = std::variant<std::monostate, ByClient, ByTime, ByDoubt, BySettling,
                              const LeaseUpdate*, const LeaseAck*>;

/// What the server says to the world around it; the world says what happens to it. Those below
/// `note` may be empty.
struct Surroundings {
  std::function<void(RelationshipIndex, ConnectionId)> open;
  std::function<void(RelationshipIndex, ConnectionId, const FailoverMessage&)> send;
  std::function<void(RelationshipIndex, ConnectionId, const std::string& why)> close;
  std::function<void(const std::string& line)> note;  // for the trace
  /// About to carry out this effect: true, and the server dies before it does.
  std::function<bool(RelationshipIndex, const EndpointEffect&)> dies_before;
  std::function<void(RelationshipIndex, EndpointState before, EndpointState now)> changed_state;
  /// A lease of the partner's was judged; `before` is what stood on disk of it for that client.
  std::function<void(RelationshipIndex, const LeaseUpdate&, const LeaseRecord* before,
                     const LeaseVerdict&)>
      judged;
  std::function<void(RelationshipIndex, const LeaseAck&)> acknowledged;
  /// About to be written; the disk still has what it replaces.
  std::function<void(const LeaseRecord&, ChangeKind, const Occasion&)> writes;
};

/// A start takes its memory anew, so that small servers start fast.
struct ServerSize {
  unsigned shard_count = 1;
  std::uint32_t bindings_per_shard = 4096;
  std::uint32_t change_ring_size = 4096;
};

class SimulatedServer {
 public:
  /// One endpoint for each relationship, in the order of their indexes.
  SimulatedServer(std::vector<EndpointSettings> endpoints, ServerSettings settings, ServerSize size,
                  Surroundings surroundings);

  // --- Life.
  void start(WallTime now);
  /// As kill -9: what is on disk stays, and `kept` of the steps that were not durable.
  void crash(std::uint64_t kept = 0);
  void shut_down(WallTime now);
  /// The disk is replaced by an empty one. REQUIRES: not running.
  void lose_disk();
  /// An operator puts an old copy back, and the next start knows that it is one. REQUIRES:
  /// not running.
  void restore_disk(SimulatedDisk::Content copy);
  /// For the next start. REQUIRES: not running, and the same relationships.
  void set_settings(ServerSettings settings) { settings_ = std::move(settings); }
  void set_mclt(Lifetime mclt, RelationshipIndex relationship) {
    sides_[relationship].settings.mclt = mclt;
  }
  /// What stands in stable storage of the endpoint. REQUIRES: not running.
  void set_endpoint_record(const EndpointRecord& record, RelationshipIndex relationship = 0) {
    disk_.keep(relationship, record);
  }
  /// Likewise, of its leases.
  void set_origin(LeasesOrigin origin, RelationshipIndex relationship = 0) {
    sides_[relationship].origin = origin;
  }
  [[nodiscard]] bool is_running() const noexcept { return is_running_; }

  // --- Events.
  void happen(Event&& event, WallTime now, RelationshipIndex relationship = 0);
  /// It neither applies nor takes updates, as with a disk that stands still; all else goes on.
  void set_deaf_to_updates(bool is_deaf) noexcept { is_deaf_ = is_deaf; }
  /// A second passes: leases expire, timers run.
  void tick(WallTime now);
  /// One datagram of a client. The reply may leave when the disk has what is written now, if it has
  /// a change number.
  Reply serve(const Octets& datagram, WallTime now,
              const Envelope& envelope = ServerBench::direct_envelope());
  /// The disk has got further: what waited for it goes on.
  void disk_advanced(WallTime now);

  [[nodiscard]] SimulatedDisk& disk() noexcept { return disk_; }
  [[nodiscard]] const SimulatedDisk& disk() const noexcept { return disk_; }
  [[nodiscard]] std::size_t relationship_count() const noexcept { return sides_.size(); }
  [[nodiscard]] const Endpoint& endpoint(RelationshipIndex relationship = 0) const noexcept {
    return *sides_[relationship].endpoint;
  }
  [[nodiscard]] const ServingRules& rules(RelationshipIndex relationship = 0) const noexcept {
    return sides_[relationship].rules;
  }
  [[nodiscard]] Role role(RelationshipIndex relationship = 0) const noexcept {
    return sides_[relationship].settings.role;
  }
  [[nodiscard]] ServerBench& bench() noexcept { return *bench_; }
  [[nodiscard]] WallTime now() const noexcept { return bench_->now; }
  [[nodiscard]] const ServerSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] const Duid& duid() const noexcept { return settings_.server_duid; }
  [[nodiscard]] const std::vector<std::string>& reports() const noexcept { return reports_; }
  [[nodiscard]] const std::optional<effect::CommandDone>& last_command() const noexcept {
    return last_command_;
  }
  /// By the link that it lies on; kNoRelationship: on none.
  [[nodiscard]] RelationshipIndex relationship_of(const Binding& binding) const;
  /// What the endpoint wants is not all done: its state is ahead of what the server does.
  [[nodiscard]] bool is_behind(RelationshipIndex relationship) const noexcept {
    return !sides_[relationship].effects.empty();
  }
  /// Events and effects that wait for the disk.
  [[nodiscard]] std::size_t waiting_count() const noexcept;
  /// Every lease of the relationship that is kept for a client, as the partner should know it too:
  /// "lease status client", sorted; times left out. Who had a free lease before is each server's
  /// own memory.
  [[nodiscard]] std::vector<std::string> leases(RelationshipIndex relationship = 0) const;
  /// Whose each block of delegable prefixes is, by largest uniform blocks.
  [[nodiscard]] std::vector<std::string> prefix_halves(RelationshipIndex relationship = 0) const;

 private:
  /// One relationship.
  struct Side {
    EndpointSettings settings;
    RelationshipIndex index = 0;
    LeasesOrigin origin = LeasesOrigin::kMade;  // on disk
    bool is_settled = false;                    // but for the note on disk
    std::unique_ptr<Endpoint> endpoint;
    std::unique_ptr<BlockBook> book;
    ServingRules rules;
    std::deque<Event> events;
    std::deque<EndpointEffect> effects;
    std::uint64_t blocked_until = 0;  // the step of the disk that the next effect waits for
    std::optional<Sweeps> sweeps;
  };
  struct WaitingEvent {
    std::uint64_t step;  // of the disk
    RelationshipIndex relationship;
    Event event;
  };

  void run(WallTime now);
  bool advance(Side& side, WallTime now);
  void step(Side& side, WallTime now);
  /// It comes to the endpoint when all that is written now is durable; with no change number it
  /// waits for nothing.
  void after_disk(Side& side, Event&& event, std::uint64_t change_number);

  // --- simulated_effects.cpp
  void carry_out(Side& side, EndpointEffect& effect, WallTime now);
  template <typename Pass>
  void pass_over_leases(Side& side, WallTime now, const Occasion& occasion, Pass&& pass);
  void carry_out(Side& side, effect::MarkAllDirty& mark, WallTime now);
  void carry_out(Side& side, effect::DoubtOldCopy& doubt, WallTime now);
  void carry_out(Side& side, effect::LeasesAreWhole& whole, WallTime now);
  void carry_out(Side& side, effect::Persist& persist, WallTime now);
  void carry_out(Side& side, effect::Serve& serve, WallTime now);
  void carry_out(Side& side, effect::Open& open, WallTime now);
  void carry_out(Side& side, effect::Send& send, WallTime now);
  void carry_out(Side& side, effect::Close& close, WallTime now);
  void carry_out(Side& side, effect::Apply& apply, WallTime now);
  void carry_out(Side& side, effect::Acknowledge& acknowledge, WallTime now);
  void carry_out(Side& side, effect::NoteRefusal& refusal, WallTime now);
  void carry_out(Side& side, effect::BeginSweep& begin, WallTime now);
  void carry_out(Side& side, effect::Take& take, WallTime now);
  void carry_out(Side& side, effect::ForgetSent& forget, WallTime now);
  void carry_out(Side& side, effect::ArmReuseTimers& arm, WallTime now);
  void carry_out(Side& side, effect::ReadShares& read, WallTime now);
  void carry_out(Side& side, effect::GiveBlock& give, WallTime now);
  void carry_out(Side& side, effect::FindBlockToTakeBack& find, WallTime now);
  void carry_out(Side& side, effect::Report& report, WallTime now);
  void carry_out(Side& side, effect::CommandDone& done, WallTime now);

  [[nodiscard]] PartnerContext context_of(const Side& side, std::size_t shard, WallTime now);
  [[nodiscard]] ShardId home_of(const Duid& duid) const;
  [[nodiscard]] UpdateOutcome apply_to_shards(const Side& side, const LeaseUpdate& update,
                                              WallTime now);
  std::uint64_t take_pieces(Side& side, const effect::Take& take, event::Taken& taken,
                            WallTime now);
  void take_blocks(Side& side, const effect::Take& take, event::Taken& taken);
  void keep_on_disk(const Occasion& occasion = {});
  [[nodiscard]] WallTime last_client_contact(RelationshipIndex relationship) const;
  [[nodiscard]] bool is_of(RelationshipIndex relationship, const Binding& binding) const;
  void note(const std::string& line) {
    if (surroundings_.note) surroundings_.note(line);
  }

  ServerSettings settings_;
  const ServerSize size_;
  const Surroundings surroundings_;

  // What survives a crash.
  SimulatedDisk disk_;

  bool is_running_ = false;
  std::unique_ptr<ServerBench> bench_;
  std::vector<Side> sides_;
  std::deque<WaitingEvent> waiting_;
  bool is_stepping_ = false;
  bool is_deaf_ = false;
  std::vector<std::string> reports_;
  std::optional<effect::CommandDone> last_command_;
};

}  // namespace tandem6::simulation
