// One whole server of a pair in a test: the shipping server/, lease/ and failover/ code with a disk
// that is a few maps, driven by one thread in virtual time. It carries out the endpoint's effects
// as the daemon would, but at once.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/failover/endpoint.h"
#include "dataplane/server/block_book.h"
#include "dataplane/server/partner_updates.h"
#include "dataplane/server/prefix_shares.h"
#include "tests/server/restart.h"
#include "tests/server/server_bench.h"

namespace tandem6::simulation {

/// What the server says to the world around it; the world says what happens to it.
struct Surroundings {
  std::function<void(Role, ConnectionId)> open;
  std::function<void(Role, ConnectionId, const FailoverMessage&)> send;
  std::function<void(Role, ConnectionId, const std::string& why)> close;
  std::function<void(Role, const std::string& line)> note;  // for the trace
};

class SimulatedServer {
 public:
  SimulatedServer(EndpointSettings endpoint, ServerSettings settings, unsigned shard_count,
                  Surroundings surroundings);

  // --- Life.
  void start(WallTime now);
  /// As kill -9: what is on disk stays.
  void crash();
  void shut_down(WallTime now);
  /// The disk is replaced by an empty one. REQUIRES: not running.
  void lose_disk();
  /// What stands in stable storage of the endpoint. REQUIRES: not running.
  void set_endpoint_record(const EndpointRecord& record) { endpoint_record_ = record; }
  [[nodiscard]] bool is_running() const noexcept { return endpoint_ != nullptr; }

  // --- Events.
  void happen(Event&& event, WallTime now);
  /// It neither applies nor takes updates, as with a disk that stands still; all else goes on.
  void set_deaf_to_updates(bool is_deaf) noexcept { is_deaf_ = is_deaf; }
  /// A second passes: leases expire, timers run.
  void tick(WallTime now);
  /// One datagram of a client.
  Reply serve(const Octets& datagram, WallTime now);

  [[nodiscard]] const Endpoint& endpoint() const noexcept { return *endpoint_; }
  [[nodiscard]] Role role() const noexcept { return endpoint_settings_.role; }
  [[nodiscard]] ServerBench& bench() noexcept { return *bench_; }
  [[nodiscard]] const Duid& duid() const noexcept { return settings_.server_duid; }
  [[nodiscard]] const std::vector<std::string>& reports() const noexcept { return reports_; }
  [[nodiscard]] const std::optional<effect::CommandDone>& last_command() const noexcept {
    return last_command_;
  }
  /// Every lease that is kept for a client, as the partner should know it too: "lease status
  /// client", sorted; times left out. Who had a free lease before is each server's own memory.
  [[nodiscard]] std::vector<std::string> leases() const;
  /// Whose each block of delegable prefixes is, by largest uniform blocks.
  [[nodiscard]] std::vector<std::string> prefix_halves() const;

 private:
  struct SweepPlace {
    bool all = false;
    std::size_t shard = 0;
    BindingIndex from = 0;
    std::vector<Ipv6Prefix> blocks;  // still to be sent
  };

  void carry_out(Effects&& effects, WallTime now);
  void carry_out(effect::MarkAllDirty& mark, WallTime now);
  void carry_out(effect::Persist& persist, WallTime now);
  void carry_out(effect::Serve& serve, WallTime now);
  void carry_out(effect::Open& open, WallTime now);
  void carry_out(effect::Send& send, WallTime now);
  void carry_out(effect::Close& close, WallTime now);
  void carry_out(effect::Apply& apply, WallTime now);
  void carry_out(effect::Acknowledge& acknowledge, WallTime now);
  void carry_out(effect::BeginSweep& begin, WallTime now);
  void carry_out(effect::Take& take, WallTime now);
  void carry_out(effect::ForgetSent& forget, WallTime now);
  void carry_out(effect::ArmReuseTimers& arm, WallTime now);
  void carry_out(effect::ReadShares& read, WallTime now);
  void carry_out(effect::GiveBlock& give, WallTime now);
  void carry_out(effect::FindBlockToTakeBack& find, WallTime now);
  void carry_out(effect::Report& report, WallTime now);
  void carry_out(effect::CommandDone& done, WallTime now);

  [[nodiscard]] PartnerContext context_of(std::size_t shard, WallTime now);
  [[nodiscard]] ShardId home_of(const Duid& duid) const;
  [[nodiscard]] UpdateOutcome apply_to_shards(const LeaseUpdate& update, WallTime now);
  void take_pieces(const effect::Take& take, event::Taken& taken, WallTime now);
  void take_blocks(const effect::Take& take, event::Taken& taken, WallTime now);
  void move_on_disk(const Ipv6Prefix& block, Half half);
  [[nodiscard]] Half half_on_disk(const Ipv6Prefix& prefix) const;
  void keep_on_disk();
  void note(const std::string& line) { surroundings_.note(role(), line); }

  const EndpointSettings endpoint_settings_;
  const ServerSettings settings_;
  const unsigned shard_count_;
  const Surroundings surroundings_;

  // What survives a crash.
  Disk disk_;
  std::optional<EndpointRecord> endpoint_record_;
  std::vector<std::pair<Ipv6Prefix, Half>>
      half_log_;  // every move of a block or a prefix, in order

  std::unique_ptr<ServerBench> bench_;
  std::unique_ptr<Endpoint> endpoint_;
  std::unique_ptr<BlockBook> book_;
  ServingRules rules_;
  std::deque<Event> waiting_;
  bool is_stepping_ = false;
  bool is_deaf_ = false;
  SweepPlace sweep_;
  SweepPlace unsent_;
  std::vector<std::string> reports_;
  std::optional<effect::CommandDone> last_command_;
};

}  // namespace tandem6::simulation
