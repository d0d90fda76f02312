// The primary's book of what it has given to the secondary (RFC 8156 section 4.2.2,
// which blocks of FREE-BACKUP prefixes the secondary has still to acknowledge, and which may
// be asked back. Whose a prefix is stands in the pools' maps; the book only says what is under way.
//
// What keeps a prefix from being both servers':
//  - a block is the secondary's in the map (and on disk) before it is sent, and stays so until the
//    secondary has acked a take-back;
//  - what is sent again is what the map still says: a prefix of it that a client of the secondary
//  had
//    in the meantime has left the half, and is not given twice by an old message;
//  - nothing is asked back from a pool while something given of it is unacknowledged, so that of
//  two
//    messages about one prefix only one is ever under way;
//  - the secondary refuses a block in which it has a lease, and acks what it freed only afterwards:
//  the
//    order of the connection does the rest.
//
// The endpoint's thread. Nothing is allocated on the packet path.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "dataplane/lease/lease_update.h"
#include "dataplane/server/prefix_shares.h"

namespace tandem6 {

class BlockBook {
 public:
  BlockBook(const Service& service, RelationshipIndex relationship) noexcept
      : service_(&service), relationship_(relationship) {}

  /// A new connection, at the primary, and UPDREQALL, at both: everything that is the secondary's
  /// is said again until it is acked. In PARTNER-DOWN the secondary may have freed leases without
  /// our ack; these were nobody's.
  void announce_all(WallTime now);
  /// The periodic scan: what is not acked is said again.
  void forget_sent() noexcept;

  struct Block {
    Ipv6Prefix prefix;
    std::uint64_t count = 0;  // of delegable prefixes
  };
  /// Gives a block of at most `count_max` prefixes: it has left the primary's half, and must be on
  /// disk as FREE-BACKUP before `take_unsent` is called.
  [[nodiscard]] std::optional<Block> give(PoolIndex pool, std::uint64_t count_max, WallTime now);
  /// The block to ask back; nothing moves before it is acked.
  [[nodiscard]] std::optional<Block> find_to_take_back(PoolIndex pool,
                                                       std::uint64_t count_max) const;

  /// With an old copy: nothing is the secondary's until the other server says so. Returns what has
  /// moved; it is to be on disk before anything else happens.
  [[nodiscard]] std::vector<Ipv6Prefix> drop_all();
  /// With an old copy: whose the partner says that a block is, which was refused because of a lease
  /// that the copy has in it. Of blocks in each other the smallest counts.
  void note_told_in_doubt(const Ipv6Prefix& block, BindingStatus status);
  /// Of a prefix in it the partner has told a client's lease since: it has left its half.
  void note_lease_told_in_doubt(const Ipv6Prefix& lease);
  [[nodiscard]] std::optional<Half> half_told_in_doubt(const Ipv6Prefix& prefix) const;
  /// Its leases are settled: these blocks are now whose the partner said. As drop_all.
  [[nodiscard]] std::vector<std::pair<Ipv6Prefix, Half>> end_doubt();

  /// Bare updates of at most `count_max` blocks that were not handed to the connection yet.
  [[nodiscard]] std::vector<LeaseUpdate> take_unsent(std::size_t count_max);
  [[nodiscard]] bool has_unsent() const noexcept;
  /// The secondary has accepted. True: the block is the primary's again, and this is to be on disk.
  [[nodiscard]] bool acked(const LeaseAck& ack);

 private:
  struct Given {
    WallTime since;
    bool is_sent = false;
  };
  const Service* service_;
  RelationshipIndex relationship_;
  std::map<Ipv6Prefix, Given> given_;  // not acked yet
  using ToldBlocks = std::map<Ipv6Prefix, Half>;
  [[nodiscard]] ToldBlocks::const_iterator find_told_in_doubt(const Ipv6Prefix& prefix) const;
  ToldBlocks told_in_doubt_;
};

/// The largest aligned blocks inside of `range` whose prefixes are all of `half`, in their order.
/// REQUIRES: the range lies in this pool. A look at each prefix.
[[nodiscard]] std::vector<Ipv6Prefix> uniform_blocks(const PrefixPool& pool,
                                                     const Ipv6Prefix& range, Half half);
/// The same over all pools of a relationship.
[[nodiscard]] std::vector<Ipv6Prefix> blocks_of_half(const Service& service,
                                                     RelationshipIndex relationship, Half half);

/// The bare update that says whose a block is.
[[nodiscard]] LeaseUpdate block_update(const Ipv6Prefix& block, BindingStatus status,
                                       WallTime since) noexcept;

}  // namespace tandem6
