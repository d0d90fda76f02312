// One server of a pair on the bench, from the partner's side: updates go in as the codec would make
// them, and what is taken for the partner comes out as something to look at.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "dataplane/server/claims.h"
#include "dataplane/server/partner_updates.h"
#include "tests/server/pair_rules.h"
#include "tests/server/server_bench.h"

namespace tandem6 {

class PartnerBench : public ServerBench {
 public:
  explicit PartnerBench(Role role = Role::kPrimary, unsigned shard_count = 1,
                        std::uint32_t binding_count_max = 4096)
      : PartnerBench(pair_settings(), role, shard_count, binding_count_max) {}
  PartnerBench(const ServerSettings& its_settings, Role role, unsigned shard_count = 1,
               std::uint32_t binding_count_max = 4096)
      : ServerBench(its_settings, shard_count, binding_count_max) {
    obey(normal(role));
  }

  void obey(const ServingRules& its_rules) {
    rules = its_rules;
    set_rules(rules);
  }
  [[nodiscard]] WallTime after(std::int64_t seconds) const {
    return WallTime{now.seconds + seconds};
  }
  [[nodiscard]] ShardId home_of(const Duid& duid) const {
    return service->home_of(service->client_key(duid.bytes()));
  }
  [[nodiscard]] PartnerContext context(ShardId shard = 0) const {
    return {.service = *service,
            .shard = *shards[shard],
            .relationship = 0,
            .rules = rules,
            .now = now};
  }

  /// Of the client, in IA 1: ACTIVE for 6000 s from `age` seconds ago, all times there.
  [[nodiscard]] LeaseUpdate update(const Duid& duid, const Ipv6Prefix& lease,
                                   BindingStatus status = BindingStatus::kActive,
                                   std::int64_t age = 0) const {
    LeaseUpdate its;
    its.duid = duid;
    its.ia_type = lease.length == 128 ? IaType::kNonTemporaryAddress : IaType::kPrefixDelegation;
    its.iaid = Iaid{1};
    its.lease = lease;
    its.status = status;
    its.preferred_lifetime = Lifetime{3000};
    its.valid_lifetime = Lifetime{6000};
    its.client_time = after(-age);
    its.start_time_of_state = after(-age);
    if (status == BindingStatus::kActive) {
      its.t1 = Lifetime{1500};
      its.t2 = Lifetime{2400};
      its.state_expiration_time = after(6000 - age);
      its.partner_lifetime = after(7500 - age);
    }
    return its;
  }

  /// As the endpoint's executor does: home, and who has to yield before.
  UpdateOutcome apply(const LeaseUpdate& update) {
    const ShardId home = home_of(update.duid);
    WallTime promised{};
    UpdateOutcome outcome;
    for (int round = 0; round < 4; ++round) {
      outcome = apply_update(context(home), update, promised);
      if (outcome.held_by == kNoShard) break;
      EXPECT_NE(outcome.held_by, home);
      const UpdateOutcome yielded = yield_lease(context(outcome.held_by), update);
      EXPECT_EQ(yielded.held_by, kNoShard);
      if (yielded.verdict.status != StatusCode::kSuccess) {
        outcome = yielded;
        break;
      }
      promised = yielded.promised_until;
      ++yield_count;
    }
    EXPECT_EQ(outcome.held_by, kNoShard);
    drain_changes();
    return outcome;
  }
  StatusCode verdict_of(const LeaseUpdate& update) { return apply(update).verdict.status; }

  /// All that is to be taken, one BNDUPD each.
  std::vector<std::vector<LeaseUpdate>> take(UpdateKind kind = UpdateKind::kUnsent,
                                             std::uint32_t count_max = 100) {
    std::vector<std::vector<LeaseUpdate>> groups;
    for (ShardId shard = 0; shard < shards.size(); ++shard) {
      Sink sink{groups, true};
      BindingIndex from = 0;
      for (int call = 0; from != kNoBinding && call < 10'000; ++call) {
        const TakenUpdates taken =
            take_updates(context(shard), kind, from, count_max, &Sink::put, &sink);
        EXPECT_TRUE(sink.begins) << "an IA is never cut by the end of a call";
        EXPECT_LE(taken.change_number, shards[shard]->last_change());
        EXPECT_EQ(taken.change_number == 0, taken.count == 0);
        from = taken.next;
        drain_changes();
      }
    }
    return groups;
  }
  /// The same, where each IA has one lease.
  std::vector<LeaseUpdate> take_each(UpdateKind kind = UpdateKind::kUnsent) {
    std::vector<LeaseUpdate> all;
    for (const auto& group : take(kind)) all.insert(all.end(), group.begin(), group.end());
    return all;
  }

  static LeaseAck ack_of(const LeaseUpdate& update) {
    return {.duid = update.duid,
            .ia_type = update.ia_type,
            .iaid = update.iaid,
            .lease = update.lease,
            .status = update.status,
            .state_expiration_time = update.state_expiration_time,
            .partner_lifetime_sent = update.partner_lifetime};
  }
  std::uint64_t acknowledge_update(const LeaseUpdate& update) {
    const std::uint64_t number = apply_ack(context(home_of(update.duid)), ack_of(update));
    drain_changes();
    return number;
  }
  /// Tells the partner everything, and it accepts.
  std::vector<LeaseUpdate> tell() {
    std::vector<LeaseUpdate> all = take_each();
    for (const LeaseUpdate& each : all) acknowledge_update(each);
    return all;
  }

  /// The client gets an address (or prefix) by itself; returns the lease.
  Ipv6Prefix lease_address(const Duid& duid, std::uint32_t iaid = 1) {
    const Reply reply = send(to_server(MessageType::kRequest, duid).ia_na(Iaid{iaid}));
    EXPECT_FALSE(reply.na(iaid).leases.empty());
    return reply.na(iaid).leases.empty() ? Ipv6Prefix{} : reply.na(iaid).leases[0].lease;
  }
  Ipv6Prefix lease_prefix(const Duid& duid) {
    const Reply reply = send(to_server(MessageType::kRequest, duid).ia_pd(Iaid{1}));
    EXPECT_FALSE(reply.pd().leases.empty());
    return reply.pd().leases.empty() ? Ipv6Prefix{} : reply.pd().leases[0].lease;
  }

  [[nodiscard]] ShardId holder(const Ipv6Prefix& lease) const {
    const auto place = service->places().find(
        lease.length == 128 ? IaType::kNonTemporaryAddress : IaType::kPrefixDelegation, lease);
    if (!place) return kNoShard;
    return holder_of(
        *service, {lease.length == 128 ? IaType::kNonTemporaryAddress : IaType::kPrefixDelegation,
                   lease, place->pool});
  }
  /// The binding of this client for the lease, in IA 1; null: there is none.
  [[nodiscard]] const Binding* find(const Duid& duid, const Ipv6Prefix& lease) const {
    const Shard& shard = *shards[home_of(duid)];
    std::array<BindingIndex, Shard::kClientBindingCountMax> found;
    const std::size_t count = shard.find_client(service->client_key(duid.bytes()), found);
    for (std::size_t i = 0; i < count; ++i) {
      const Binding& binding = shard.at(found[i]);
      if (binding.lease() == lease && binding.iaid == Iaid{1}) return &binding;
    }
    return nullptr;
  }
  [[nodiscard]] bool is_unsent(const Duid& duid) const {
    const Shard& shard = *shards[home_of(duid)];
    std::array<BindingIndex, Shard::kClientBindingCountMax> found;
    const std::size_t count = shard.find_client(service->client_key(duid.bytes()), found);
    return std::any_of(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](BindingIndex index) { return shard.is_unsent(index); });
  }
  /// A client whose home is this shard.
  [[nodiscard]] Duid client_at_home_in(ShardId shard, std::uint32_t from = 1) const {
    for (std::uint32_t number = from;; ++number) {
      if (home_of(client_duid(number)) == shard) return client_duid(number);
    }
  }
  /// What the partner is told of this lease now; fails the test when that is nothing.
  LeaseUpdate taken_for(const Ipv6Prefix& lease, UpdateKind kind = UpdateKind::kUnsent) {
    for (const LeaseUpdate& each : take_each(kind)) {
      if (each.lease == lease) return each;
    }
    ADD_FAILURE() << "nothing is told of " << lease.to_string();
    return {};
  }

  ServingRules rules;
  int yield_count = 0;

 private:
  struct Sink {
    std::vector<std::vector<LeaseUpdate>>& groups;
    bool begins;

    static void put(void* opaque, const LeaseUpdate& update, bool last_of_ia) {
      Sink& self = *static_cast<Sink*>(opaque);
      if (self.begins) self.groups.emplace_back();
      self.groups.back().push_back(update);
      self.begins = last_of_ia;
    }
  };
};

inline Octets copied_octets(std::span<const std::uint8_t> octets) {
  return {octets.begin(), octets.end()};
}
inline Ipv6Prefix odd_lease(std::uint32_t n = 0) {
  return {Ipv6Address::from_halves(0x20010db800070000, 0x1001 + 2ULL * n), 128};
}
inline Ipv6Prefix even_lease(std::uint32_t n = 0) {
  return {Ipv6Address::from_halves(0x20010db800070000, 0x1002 + 2ULL * n), 128};
}
inline void PrintTo(StatusCode code, std::ostream* out) {
  *out << "status " << static_cast<int>(code);
}
inline void PrintTo(BindingStatus status, std::ostream* out) { *out << name_of(status); }
inline void PrintTo(const WallTime& time, std::ostream* out) { *out << time.seconds; }

}  // namespace tandem6
