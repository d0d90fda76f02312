// Random clients against small pools that run full, checked after every step: no lease has two
// owners, what clients were told stays true while it runs, the counts agree, a dropped message
// leaves nothing behind, and the changes that left the shards make the same bindings again.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

constexpr std::uint32_t kClientCount = 40;
constexpr std::uint32_t kBindingCountMax = 60;

/// With `moved`, a pool and a reservation of the first link belong to the second.
ServerSettings small_pools(bool moved = false) {
  ServerSettings settings = ServerBench::two_links();
  settings.decline_hold = Lifetime{900};
  for (LinkSettings& link : settings.links) {
    link.lifetimes.preferred = Lifetime{300};
    link.lifetimes.valid = Lifetime{600};
  }
  settings.links[0].rapid_commit = true;
  settings.links[0].address_pools = {prefix_of("2001:db8:7::/122")};
  settings.links[0].prefix_pools = {{prefix_of("2001:db8:8000::/52"), 56, std::uint8_t{64}},
                                    {prefix_of("2001:db8:8800::/57"), 60, std::nullopt}};
  settings.links[1].address_pools = {prefix_of("2001:db8:9::/124")};
  auto& address_pools = settings.links[moved].address_pools;
  // Either way it is the second pool.
  address_pools.insert(moved ? address_pools.begin() : address_pools.end(),
                       prefix_of("2001:db8:70::/64"));
  settings.links[1].create_on_renew = false;
  settings.links[0].reservations.push_back({.duid = ServerBench::client_duid(3),
                                            .iaid = Iaid{1},
                                            .address = address_of("2001:db8:7::9"),
                                            .prefix = prefix_of("2001:db8:8000:100::/56")});
  settings.links[moved].reservations.push_back({.duid = ServerBench::client_duid(4),
                                                .iaid = std::nullopt,
                                                .address = std::nullopt,
                                                .prefix = prefix_of("2001:db8:abcd::/48")});
  return settings;
}

/// What one client was told of a lease.
struct Told {
  std::uint32_t client = 0;
  WallTime until;
};

class RandomClients {
 public:
  RandomClients(std::uint32_t seed, unsigned shard_count)
      : random_(seed), bench_(small_pools(), shard_count, kBindingCountMax) {}

  void step() {
    if (chance(100)) {
      bench_.reconfigure(small_pools(chance(2)));
    } else if (chance(8)) {
      bench_.pass(draw(200));
      forget_ended();
    } else {
      send_something();
    }
    check_bindings();
    check_counts();
  }

  void check_replay() {
    std::map<std::string, std::string> replayed;
    for (const Change& change : bench_.changes) {
      const std::string key = key_of(change.binding, change.duid);
      if (change.kind == ChangeKind::kErase) {
        EXPECT_EQ(replayed.erase(key), 1u) << "erased what was never put: " << key;
      } else {
        replayed[key] = value_of(change.binding);
      }
    }
    std::map<std::string, std::string> present;
    for_each_binding([&](const Shard& shard, const Binding& binding) {
      EXPECT_TRUE(
          present.emplace(key_of(binding, shard.duid_of(binding)), value_of(binding)).second);
    });
    EXPECT_EQ(replayed, present);
  }

  [[nodiscard]] ServerBench& bench() { return bench_; }
  std::map<MessageType, int> answered;
  std::map<DropReason, int> dropped;
  int refused_for_want = 0;

 private:
  std::uint32_t draw(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  bool chance(std::uint32_t one_in) { return draw(one_in) == 0; }

  template <typename Visit>
  void for_each_binding(Visit visit) const {
    for (const auto& shard : bench_.shards) {
      for (BindingIndex at = shard->first_from(0); at != kNoBinding;
           at = shard->first_from(at + 1)) {
        visit(*shard, shard->at(at));
      }
    }
  }

  static std::string key_of(const Binding& binding, const Duid& duid) {
    return duid.to_string() + " " + std::to_string(int(binding.ia_type)) + "/" +
           std::to_string(binding.iaid.value) + " " + binding.lease().to_string();
  }
  static std::string value_of(const Binding& binding) {
    return std::string(name_of(binding.status)) + " " +
           std::to_string(WallTime(binding.state_expiration_time).seconds) + " " +
           std::to_string(WallTime(binding.start_time_of_state).seconds) + " " +
           std::to_string(WallTime(binding.client_last_transaction_time).seconds) + " " +
           std::to_string(binding.valid_lifetime.seconds) + (binding.claimed ? " claimed" : "");
  }

  Ipv6Prefix any_lease(IaType type) {
    std::vector<Ipv6Prefix> known;
    for (const auto& [key, told] : told_) {
      if (key.first == type) known.push_back(key.second);
    }
    if (!known.empty() && !chance(4)) return known[draw(static_cast<std::uint32_t>(known.size()))];
    if (type == IaType::kNonTemporaryAddress) {
      const char* bases[] = {
          "2001:db8:7::", "2001:db8:9::", "2001:db8:70::", "2001:db8:99::", "::"};
      const Ipv6Address base = address_of(bases[draw(5)]);
      return {Ipv6Address::from_halves(base.high(), draw(70)), 128};
    }
    const Ipv6Address bases[] = {address_of("2001:db8:8000::"), address_of("2001:db8:8800::"),
                                 address_of("2001:db8:9000::"), address_of("::")};
    const std::uint8_t lengths[] = {48, 52, 56, 60, 64};
    const Ipv6Address base = bases[draw(4)];
    const Ipv6Address address =
        base.is_unspecified() ? base : Ipv6Address::from_halves(base.high() | draw(16) << 8, 0);
    return Ipv6Prefix{address, lengths[draw(5)]}.masked();
  }

  /// Mostly what the client has, sometimes anything.
  std::vector<Ipv6Prefix> hints_for(std::uint32_t client, IaType type) {
    std::vector<Ipv6Prefix> hints;
    for (const auto& [key, told] : told_) {
      if (key.first == type && told.client == client && !chance(4)) hints.push_back(key.second);
    }
    while (chance(3)) hints.push_back(any_lease(type));
    return hints;
  }

  PacketBuilder message(MessageType type, std::uint32_t client) {
    const Duid duid = ServerBench::client_duid(client);
    const bool names_no_server = type == kSolicit || type == kConfirm || type == kRebind;
    PacketBuilder packet =
        names_no_server ? PacketBuilder(type, draw(100)).client_id(duid) : to_server(type, duid);
    if (chance(2)) packet.rapid_commit();
    if (chance(2)) packet.oro({23, 67});
    std::set<std::pair<IaType, std::uint32_t>> used;
    for (std::uint32_t n = 0; n < 1 + draw(3); ++n) {
      const IaType ia = chance(2) ? IaType::kNonTemporaryAddress : IaType::kPrefixDelegation;
      const std::uint32_t iaid = draw(4);
      if (!used.emplace(ia, iaid).second) continue;
      const std::vector<Ipv6Prefix> hints = hints_for(client, ia);
      if (ia == IaType::kPrefixDelegation) {
        packet.ia_pd(Iaid{iaid}, hints);
      } else {
        std::vector<Ipv6Address> addresses;
        for (const Ipv6Prefix& hint : hints) addresses.push_back(hint.address);
        packet.ia_na(Iaid{iaid}, addresses);
      }
    }
    return packet;
  }

  void send_something() {
    constexpr MessageType kTypes[] = {kSolicit, kRequest, kRequest, kRequest, kRenew,
                                      kRebind,  kRelease, kDecline, kConfirm};
    const MessageType type = kTypes[draw(std::size(kTypes))];
    const std::uint32_t client = draw(kClientCount);
    PacketBuilder packet = message(type, client);
    const bool second_link = chance(4);
    Envelope envelope = ServerBench::direct_from(address_of("fe80::c1"), second_link);
    if (chance(3)) {
      packet.relay(0, address_of(second_link ? "2001:db8:9::fe" : "2001:db8:7::fe"),
                   address_of("fe80::c1"));
      if (chance(2)) packet.interface_id({1, 2, 3});
      envelope = ServerBench::relay_envelope();
    }
    bench_.buffer_size = chance(10) ? 40 + draw(120) : 4096;
    const std::string before = bench_.digest();
    const std::size_t changes_before = bench_.changes.size();
    const Reply reply = bench_.send(packet.bytes(), envelope);
    if (!reply.sent()) {
      ++dropped[reply.drop];
      check_nothing_happened(before, changes_before);
      return;
    }
    ++answered[reply.type];
    if (reply.type == kReply) learn(type, client, reply);
    if (type == kRelease || type == kDecline) give_up(client);
  }

  /// But for old history that made room.
  void check_nothing_happened(const std::string& before, std::size_t changes_before) {
    bool evicted = false;
    for (std::size_t i = changes_before; i < bench_.changes.size(); ++i) {
      const Change& change = bench_.changes[i];
      evicted = true;
      EXPECT_EQ(change.kind, ChangeKind::kErase);
      EXPECT_FALSE(change.binding.claimed);
      EXPECT_NE(change.binding.status, BindingStatus::kActive);
    }
    if (!evicted) {
      EXPECT_EQ(bench_.digest(), before);
    }
  }

  void learn(MessageType type, std::uint32_t client, const Reply& reply) {
    for (const ReplyIa& ia : reply.ias) {
      refused_for_want +=
          ia.status == StatusCode::kNoAddrsAvail || ia.status == StatusCode::kNoPrefixAvail;
      for (const ReplyLease& lease : ia.leases) {
        const auto key = std::pair(ia.type, lease.lease);
        if (lease.valid == 0) continue;
        for (const auto& [other_key, told] : told_) {
          if (told.client == client || told.until <= bench_.now) continue;
          EXPECT_FALSE(other_key.second.overlaps(lease.lease))
              << name_of(type) << ": " << lease.lease.to_string() << " was told to client "
              << told.client << " and now to " << client;
        }
        told_[key] = {client, bench_.now + Lifetime{lease.valid}};
        EXPECT_EQ(WallTime(bench_.binding_of(lease.lease).state_expiration_time), told_[key].until);
      }
    }
  }

  /// A client that released or declined leases uses none of those that the server took back.
  void give_up(std::uint32_t client) {
    std::erase_if(told_, [&](const auto& entry) {
      const auto& [key, told] = entry;
      if (told.client != client) return false;
      for (const auto& shard : bench_.shards) {
        const BindingIndex index = shard->find_lease(key.second.address, key.second.length);
        if (index != kNoBinding && shard->at(index).status == BindingStatus::kActive) return false;
      }
      return true;
    });
  }

  void forget_ended() {
    std::erase_if(told_, [&](const auto& entry) { return entry.second.until <= bench_.now; });
  }

  void check_bindings() {
    std::vector<Ipv6Prefix> claimed;
    std::set<std::string> keys;
    for_each_binding([&](const Shard& shard, const Binding& binding) {
      // On disk these name the record.
      const std::string key = key_of(binding, shard.duid_of(binding));
      EXPECT_TRUE(keys.insert(key).second) << "two bindings: " << key;
      const bool held =
          binding.status == BindingStatus::kActive || binding.status == BindingStatus::kAbandoned;
      EXPECT_EQ(binding.claimed, held) << binding.lease().to_string();
      if (held) {
        // Armed: it ends in time (every pass of time ends what is due).
        EXPECT_GT(WallTime(binding.state_expiration_time), bench_.now);
        EXPECT_NE(binding.list_kind, 0);
        claimed.push_back(binding.lease());
      }
    });
    std::ranges::sort(claimed);
    for (std::size_t i = 1; i < claimed.size(); ++i) {
      EXPECT_FALSE(claimed[i - 1].overlaps(claimed[i])) << claimed[i].to_string();
    }
    for (const auto& [key, told] : told_) {
      EXPECT_TRUE(std::ranges::binary_search(claimed, key.second)) << key.second.to_string();
    }
  }

  void check_counts() {
    std::map<std::pair<IaType, PoolIndex>, std::uint64_t> used;
    for_each_binding([&](const Shard&, const Binding& binding) {
      if (binding.claimed) ++used[{binding.ia_type, binding.pool}];
    });
    Pools& pools = *bench_.pools;
    for (std::size_t i = 0; i < pools.address_pool_count(); ++i) {
      const auto index = static_cast<PoolIndex>(i);
      EXPECT_EQ(pools.address_pool(index).used(), (used[{IaType::kNonTemporaryAddress, index}]));
    }
    for (std::size_t i = 0; i < pools.prefix_pool_count(); ++i) {
      const auto index = static_cast<PoolIndex>(i);
      EXPECT_EQ(pools.prefix_pool(index).used(), (used[{IaType::kPrefixDelegation, index}]));
    }
  }

  std::mt19937 random_;
  ServerBench bench_;
  std::map<std::pair<IaType, Ipv6Prefix>, Told> told_;
};

class ServerProperty : public testing::TestWithParam<unsigned> {};

// S-071, S-185, S-147, S-254, S-257
TEST_P(ServerProperty, no_lease_has_two_owners_and_nothing_is_lost) {
  std::map<MessageType, int> answered;
  std::map<DropReason, int> dropped;
  int refused_for_want = 0;
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomClients clients(seed, GetParam());
    for (int step = 0; step < 3000; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      clients.step();
      if (HasFailure()) return;
    }
    clients.check_replay();
    for (const auto& [type, count] : clients.answered) answered[type] += count;
    for (const auto& [reason, count] : clients.dropped) dropped[reason] += count;
    refused_for_want += clients.refused_for_want;
    clients.bench().pass(2000);
    EXPECT_EQ(clients.bench().live_bindings(BindingStatus::kActive), 0u);
    EXPECT_EQ(clients.bench().pools->address_pool(0).used(), 0u);
    EXPECT_EQ(clients.bench().pools->prefix_pool(0).used(), 0u);
  }
  // The rare was common.
  EXPECT_GT(answered[kAdvertise], 100);
  EXPECT_GT(answered[kReply], 1000);
  EXPECT_GT(refused_for_want, 100);
  EXPECT_GT(dropped[DropReason::kAnsSize], 100);
  if (GetParam() == 1) {
    EXPECT_GT(dropped[DropReason::kNoMemory], 20);
  }
}

INSTANTIATE_TEST_SUITE_P(Shards, ServerProperty, testing::Values(1u, 2u, 3u));

}  // namespace
}  // namespace tandem6
