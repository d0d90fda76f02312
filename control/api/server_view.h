// What the control socket and the metrics see of a running server: plain values, and questions.
// The daemon implements it on its living parts, tests implement it on nothing.
//
// All functions are called by the control thread only and return without waiting; what needs a
// worker's answer comes through a callback on the same thread later.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "control/api/failover_view.h"
#include "control/api/storage_view.h"
#include "dataplane/lease/lease_record.h"
#include "dataplane/server/shard_query.h"

namespace tandem6 {

/// One counter by its name ("received.solicit", "drop.no_link", "net.rx_packets"), all workers'.
struct CounterView {
  std::string name;
  std::vector<std::uint64_t> per_worker;  // one value where a counter has no worker

  [[nodiscard]] std::uint64_t sum() const noexcept {
    std::uint64_t total = 0;
    for (const std::uint64_t value : per_worker) total += value;
    return total;
  }
};

struct PortView {
  std::string name;
  std::string device;
  bool link_up = false;
  std::string mac;  // "02:00:00:00:00:01"
  double received_packets_per_second = 0;
  double sent_packets_per_second = 0;
};

/// How much of something happened, and how fast over the last interval.
struct RateView {
  std::string name;  // "solicit", "no_link"
  std::uint64_t total = 0;
  double per_second = 0;
};

struct PoolView {
  std::string link;
  std::string relationship;  // that its link belongs to; "": the server serves it alone
  bool is_prefix_pool = false;
  Ipv6Prefix range;
  std::uint8_t delegated_length = 128;  // of a prefix pool
  std::uint64_t size = 0;               // leases in all; saturated at 2^64 - 1
  std::uint64_t used = 0;
  /// Leases by the half they belong to while no client holds them (RFC 8156 section 4.2); none
  /// where the server keeps no halves of this pool.
  std::optional<std::uint64_t> half_free;
  std::optional<std::uint64_t> half_free_backup;
  /// Of each half, what may be given now: no client holds it, and it waits for no ack. None where
  /// that is not counted.
  std::optional<std::uint64_t> half_free_left;
  std::optional<std::uint64_t> half_free_backup_left;
  double used_per_second = 0;  // growth over the last interval; negative when it shrinks

  [[nodiscard]] std::uint64_t free() const noexcept { return size > used ? size - used : 0; }
  /// None when the pool does not grow.
  [[nodiscard]] std::optional<double> seconds_to_empty() const noexcept {
    if (used_per_second <= 0) return std::nullopt;
    return static_cast<double>(free()) / used_per_second;
  }
};

struct StatusView {
  std::string version;
  std::int64_t since_unix_seconds = 0;
  double uptime_seconds = 0;
  unsigned worker_count = 0;
  double rate_interval_seconds = 0;  // what every rate below is taken over
  std::vector<PortView> ports;
  std::vector<RateView> received;
  std::vector<RateView> sent;
  std::vector<RateView> dropped;
  std::vector<PoolView> pools;
  std::uint64_t binding_count = 0;  // of all shards
  std::uint64_t binding_count_max = 0;
  StorageView storage;
  std::vector<RelationshipView> relationships;  // in the order of the configuration
  std::vector<std::string> alarms;              // a sentence each
};

/// All that a shard said to one query.
struct ShardReply {
  std::vector<LeaseRecord> records;
  BindingIndex next = kNoBinding;  // of kList: where to go on
};
/// An error text when the worker did not answer.
using ShardReplyCallback = std::function<void(std::expected<ShardReply, std::string>)>;

class ServerView {
 public:
  virtual ~ServerView() = default;

  [[nodiscard]] virtual StatusView status() = 0;
  [[nodiscard]] virtual std::vector<CounterView> counters() = 0;
  /// In the order of the configuration.
  [[nodiscard]] virtual std::vector<PoolView> pools() = 0;

  [[nodiscard]] virtual unsigned worker_count() = 0;
  [[nodiscard]] virtual WallTime now() = 0;
  /// In the order of PoolIndex of links.
  [[nodiscard]] virtual const std::vector<std::string>& link_names() = 0;
  /// Range of the pool that the binding's lease is of; none: a reservation.
  [[nodiscard]] virtual std::optional<Ipv6Prefix> pool_of(const Binding& binding) = 0;

  /// Asks the shard of one worker; `query.id` is chosen by the view. The callback comes exactly
  /// once, never from inside this call.
  virtual void ask(unsigned worker, const ShardQuery& query, ShardReplyCallback done) = 0;

  /// Copies everything committed so far into `folder`, an absolute path of nothing yet; serves on
  /// meanwhile. The callback comes exactly once, however late, never from inside this call. One
  /// such work at a time: an error says what is under way.
  virtual void checkpoint(const std::string& folder, CheckpointCallback done) = 0;
  /// Checks every record: of the server's own leases as they are now, or of those in `folder`.
  virtual void verify_leases(const std::optional<std::string>& folder, VerifyCallback done) = 0;

  /// In the order of the configuration.
  [[nodiscard]] virtual std::vector<RelationshipView> relationships() = 0;
  /// The newest first; as many as are remembered.
  [[nodiscard]] virtual std::vector<ConflictView> conflicts() = 0;
  /// RFC 8156's external command. REQUIRES: a relationship of this name. The answer comes exactly
  /// once, perhaps from inside this call.
  virtual void declare_partner_down(const std::string& relationship, bool is_forced,
                                    CommandAnswer answer) = 0;

  /// "trace" to "critical", "off". An error says which levels there are.
  [[nodiscard]] virtual std::expected<void, std::string> set_log_level(
      const std::string& level) = 0;
  /// Begins the clean end; returns at once, so that the answer still leaves.
  virtual void shutdown() = 0;
};

}  // namespace tandem6
