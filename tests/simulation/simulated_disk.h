// The disk of a simulated server: what has been written, in order, and what of it would survive a
// power cut. A write is a step; a sync makes every step up to some point durable; a crash keeps
// what was durable and any number of the steps after it, never one without those before it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "control/failover/endpoint_state.h"
#include "dataplane/lease/endpoint_record.h"
#include "dataplane/server/relationships.h"
#include "tests/server/restart.h"

namespace tandem6::simulation {

[[nodiscard]] inline bool covers(const Ipv6Prefix& block, const Ipv6Prefix& prefix) {
  return block.length <= prefix.length && block.contains(prefix.address);
}

/// Of this lease, client and IA; null: there is none.
[[nodiscard]] const LeaseRecord* find_record(const Disk& disk, const Ipv6Prefix& lease,
                                             const Octets& client, Iaid iaid = Iaid{1});

/// "ACTIVE 2001:db8:7::1/128 00:03:…".
[[nodiscard]] std::string text_of(const LeaseRecord& record);

/// Whose half delegable prefixes are where they are not the primary's by default: the newest move
/// of each block, in which no older and smaller one is left.
class HalfMap {
 public:
  void move(const Ipv6Prefix& block, Half half);
  [[nodiscard]] Half of(const Ipv6Prefix& prefix) const;
  /// Wider blocks first, so that moving them in this order makes the map anew.
  [[nodiscard]] std::vector<std::pair<Ipv6Prefix, Half>> in_order() const;

 private:
  std::map<Ipv6Prefix, Half> moves_;
};

class SimulatedDisk {
 public:
  struct Content {
    Disk leases;
    std::map<RelationshipIndex, EndpointRecord> records;
    HalfMap halves;
    /// On record for this relationship; kNone: nothing is.
    [[nodiscard]] EndpointState state_of(RelationshipIndex relationship) const;
  };

  /// Every write is durable at once.
  void set_instant(bool is_instant) { is_instant_ = is_instant; }

  void put(const LeaseRecord& record) { write(record); }
  void erase(const LeaseRecord& record) { write(Erased{record}); }
  void move(const Ipv6Prefix& block, Half half) { write(Moved{block, half}); }
  void keep(RelationshipIndex relationship, const EndpointRecord& record) {
    write(Recorded{relationship, record});
  }

  /// Takes its turn, and changes nothing.
  void read() { write(Read{}); }

  /// How many steps have been written, and how many of them are durable.
  [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
  [[nodiscard]] std::uint64_t durable() const noexcept { return written_ - pending_.size(); }
  void sync(std::uint64_t up_to);
  /// A crash, after which `kept` steps that were not durable are there all the same.
  void crash(std::uint64_t kept);
  void clear() { restore({}); }
  void restore(Content content);

  [[nodiscard]] const Content& newest() const noexcept { return newest_; }
  [[nodiscard]] const Content& durable_content() const noexcept { return durable_; }

 private:
  struct Erased {
    LeaseRecord record;
  };
  struct Moved {
    Ipv6Prefix block;
    Half half;
  };
  struct Recorded {
    RelationshipIndex relationship;
    EndpointRecord record;
  };
  struct Read {};
  using Step = std::variant<LeaseRecord, Erased, Moved, Recorded, Read>;

  void write(Step step);
  static void apply(const Step& step, Content& content);

  Content newest_;
  Content durable_;
  std::deque<Step> pending_;
  std::uint64_t written_ = 0;
  bool is_instant_ = true;
};

}  // namespace tandem6::simulation
