// Random clients at one server of a pair, in random states, with acks at random times. After every
// reply: what is new is of the own half, and what another client had before was acked or has waited
// long enough in PARTNER-DOWN (RFC 8156 sections 4.2, 4.2.2.1 and 8.4.1). The model knows only what
// was said to clients and by the partner.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "dataplane/lease/partner_rules.h"
#include "dataplane/server/claims.h"
#include "dataplane/server/lease_timers.h"
#include "tests/server/pair_rules.h"
#include "tests/server/server_bench.h"

namespace tandem6 {
namespace {

using enum MessageType;

constexpr std::uint32_t kClientCount = 10;

ServerSettings small_pools() {
  ServerSettings settings = ServerBench::pair_settings();
  settings.decline_hold = Lifetime{2000};
  settings.links[0].address_pools = {prefix_of("2001:db8:7::/124")};
  settings.links[0].prefix_pools = {{prefix_of("2001:db8:8000::/53"), 56, std::nullopt}};
  settings.links[0].lifetimes.preferred = Lifetime{5000};
  settings.links[0].lifetimes.valid = Lifetime{9000};
  return settings;
}

/// Who was told last that it has a lease, and until when; nobody once the partner knows it free.
struct Holder {
  std::uint32_t client = 0;
  WallTime told_until;
  bool has_waited = false;  // long enough in PARTNER-DOWN
};

class RandomPair {
 public:
  RandomPair(std::uint32_t seed, Role role) : random_(seed), role_(role), bench_(small_pools()) {
    // Of eight prefixes this server has two.
    PrefixPool& pool = bench_.pools->prefix_pool(0);
    pool.set_half(prefix_of("2001:db8:8000::/56"), 3, other_half(role));
    pool.set_half(prefix_of("2001:db8:8000::/56"), 1, own_half(role));
    change_state();
  }

  void step() {
    if (chance(30)) change_state();
    if (chance(3)) acknowledge_some();
    if (chance(4)) {
      bench_.pass(draw(chance(10) ? 40'000 : 1500));
      let_time_free();
    } else {
      send_something();
    }
  }

  int new_leases = 0;
  int passed_on = 0;
  int crossed_over = 0;
  int refused = 0;

 private:
  std::uint32_t draw(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  bool chance(std::uint32_t one_in) { return draw(one_in) == 0; }

  void change_state() {
    const ServingRules states[] = {normal(role_), interrupted(role_),
                                   partner_down(role_, bench_.now), recover_done(role_)};
    rules_ = states[draw(std::size(states))];
    bench_.set_rules(rules_);
    // As arm_reuse_timers on entry to PARTNER-DOWN.
    for_each_ended([&](BindingIndex index) {
      set_timer(*bench_.service, rules_, bench_.shard(), index, bench_.now);
    });
  }

  void let_time_free() {
    if (!rules_.is_partner_down() || bench_.now < rules_.other_half_opens()) return;
    for (auto& [lease, holder] : holders_) {
      holder.has_waited |= bench_.now >= holder.told_until + kMclt;
    }
  }

  template <typename Visit>
  void for_each_ended(Visit visit) {
    Shard& shard = bench_.shard();
    for (BindingIndex at = shard.first_from(0); at != kNoBinding; at = shard.first_from(at + 1)) {
      if (has_ended(shard.at(at).status)) visit(at);
    }
  }

  void acknowledge_some() {
    if (!rules_.is_in_contact) return;
    Shard& shard = bench_.shard();
    for_each_ended([&](BindingIndex index) {
      if (chance(2)) return;
      Binding& binding = shard.at(index);
      become_free(binding, half_of(*bench_.service, binding), bench_.now);
      release_claim(*bench_.service, binding, shard.id());
      binding.needs_update = false;
      shard.emit(index);
      shard.keep_in_history(index);
      holders_.erase(binding.lease());
    });
    for (BindingIndex at = shard.first_from(0); at != kNoBinding; at = shard.first_from(at + 1)) {
      if (shard.at(at).status == BindingStatus::kActive) bench_.acknowledge(shard.at(at).lease());
    }
    bench_.drain_changes();
  }

  std::vector<Ipv6Prefix> leases_of(std::uint32_t client, IaType type) {
    std::vector<Ipv6Prefix> leases;
    for (const auto& [lease, holder] : holders_) {
      if (holder.client == client &&
          (lease.length == 128) == (type == IaType::kNonTemporaryAddress)) {
        leases.push_back(lease);
      }
    }
    if (type == IaType::kNonTemporaryAddress && chance(3)) {
      leases.push_back(
          {Ipv6Address::from_halves(address_of("2001:db8:7::").high(), draw(16)), 128});
    }
    return leases;
  }

  void send_something() {
    constexpr MessageType kTypes[] = {kSolicit, kRequest, kRequest, kRequest,
                                      kRenew,   kRebind,  kRelease, kDecline};
    const MessageType type = kTypes[draw(std::size(kTypes))];
    const std::uint32_t client = draw(kClientCount);
    const Duid duid = ServerBench::client_duid(client);
    PacketBuilder packet = type == kSolicit || type == kRebind
                               ? PacketBuilder(type, 1).client_id(duid)
                               : to_server(type, duid);
    std::vector<Ipv6Address> addresses;
    for (const Ipv6Prefix& lease : leases_of(client, IaType::kNonTemporaryAddress)) {
      addresses.push_back(lease.address);
    }
    packet.ia_na(Iaid{1}, addresses);
    packet.ia_pd(Iaid{1}, leases_of(client, IaType::kPrefixDelegation));
    const auto halves = prefix_halves();
    const auto own = used_up(halves);
    const Reply reply = bench_.send(packet);
    for (const ReplyIa& ia : reply.ias) {
      for (const ReplyLease& lease : ia.leases) {
        if (lease.valid == 0) continue;
        check(lease.lease, client, halves, own);
        if (type != kSolicit) note_told(lease, client);
      }
      refused += ia.status == StatusCode::kNoAddrsAvail || ia.status == StatusCode::kNoPrefixAvail;
    }
  }

  std::map<Ipv6Prefix, Half> prefix_halves() {
    std::map<Ipv6Prefix, Half> halves;
    const PrefixPool& pool = bench_.pools->prefix_pool(0);
    for (std::uint64_t n = 0; n < 8; ++n) {
      const Ipv6Prefix prefix{
          Ipv6Address::from_halves(address_of("2001:db8:8000::").high() | n << 8, 0), 56};
      halves[prefix] = pool.half(prefix);
    }
    return halves;
  }
  /// No prefix of the own half is left.
  bool used_up(const std::map<Ipv6Prefix, Half>& halves) {
    const PrefixPool& pool = bench_.pools->prefix_pool(0);
    return std::ranges::none_of(halves, [&](const auto& each) {
      return each.second == own_half(role_) && pool.holder(each.first) == kNoShard;
    });
  }

  void check(const Ipv6Prefix& lease, std::uint32_t client,
             const std::map<Ipv6Prefix, Half>& halves, bool own_used_up) {
    const auto known = holders_.find(lease);
    if (known != holders_.end() && known->second.client == client &&
        known->second.told_until > bench_.now) {
      return;  // it has it
    }
    ++new_leases;
    EXPECT_TRUE(rules_.may_allocate);
    if (lease.length == 128) {
      EXPECT_EQ(half_of(lease.address), own_half(role_));
    } else if (halves.at(lease) != own_half(role_)) {
      // The client's own, or in PARTNER-DOWN the last choice.
      ++crossed_over;
      EXPECT_GE(bench_.now, rules_.other_half_opens());
      EXPECT_TRUE(own_used_up);
    }
    if (known == holders_.end() || known->second.client == client) return;
    ++passed_on;
    EXPECT_TRUE(known->second.has_waited);
  }

  void note_told(const ReplyLease& lease, std::uint32_t client) {
    Holder& holder = holders_[lease.lease];
    if (holder.client != client) holder = {.client = client, .told_until = kNoTime};
    holder.has_waited = false;
    holder.told_until = std::max(holder.told_until, bench_.now + Lifetime{lease.valid});
  }

  std::mt19937 random_;
  Role role_;
  ServerBench bench_;
  ServingRules rules_;
  std::map<Ipv6Prefix, Holder> holders_;
};

class PairProperty : public testing::TestWithParam<Role> {};

// F-139, F-140, F-151, F-305, F-307, R-01, R-10
TEST_P(PairProperty, leases_are_of_the_own_half_and_pass_on_only_when_nobody_can_have_them) {
  int new_leases = 0;
  int passed_on = 0;
  int crossed_over = 0;
  int refused = 0;
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    RandomPair pair(seed, GetParam());
    for (int n = 0; n < 1500 && !HasFatalFailure(); ++n) pair.step();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
    new_leases += pair.new_leases;
    passed_on += pair.passed_on;
    crossed_over += pair.crossed_over;
    refused += pair.refused;
  }
  // It did happen.
  EXPECT_GT(new_leases, 1000);
  EXPECT_GT(passed_on, 20);
  EXPECT_GT(crossed_over, 20);
  EXPECT_GT(refused, 100);
}

INSTANTIATE_TEST_SUITE_P(Roles, PairProperty, testing::Values(Role::kPrimary, Role::kSecondary));

}  // namespace
}  // namespace tandem6
