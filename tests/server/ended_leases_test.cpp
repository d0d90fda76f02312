// How leases of a pair end and when another client may have them: RFC 8156 sections 4.2.2.1, 7.2
// and 8.4.1; rulings.
#include <gtest/gtest.h>

#include "dataplane/lease/partner_rules.h"
#include "dataplane/server/claims.h"
#include "tests/server/pair_rules.h"
#include "tests/server/restart.h"

namespace tandem6 {
namespace {

using enum MessageType;

const Duid kClient = ServerBench::client_duid(1);
const Duid kOther = ServerBench::client_duid(2);
constexpr Role kRoles[] = {Role::kPrimary, Role::kSecondary};
constexpr const char* kRanges[] = {"2001:db8:7::1/128", "2001:db8:7::2/128"};

/// One address of the server's own half, and one prefix.
ServerSettings one_of_each(Role role) {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].address_pools = {prefix_of(kRanges[role == Role::kPrimary ? 0 : 1])};
  settings.links[0].prefix_pools = {{prefix_of("2001:db8:8000::/56"), 56, std::nullopt}};
  return settings;
}

/// A server of the pair whose client has its only address and its only prefix.
struct Holder : ServerBench {
  explicit Holder(Role role, const ServingRules& rules) : ServerBench(one_of_each(role)) {
    set_rules(rules);
    pools->prefix_pool(0).set_half(prefix_of("2001:db8:8000::/56"), 0, own_half(role));
    const Reply given = request(kClient);
    address = given.na().leases.at(0).lease;
    prefix = given.pd().leases.at(0).lease;
    pass(10);
  }
  explicit Holder(Role role = Role::kPrimary) : Holder(role, normal(role)) {}

  Reply request(const Duid& client) {
    return send(to_server(kRequest, client).ia_na(Iaid{1}).ia_pd(Iaid{1}));
  }
  Reply give_back(MessageType type) {
    return send(
        to_server(type, kClient).ia_na(Iaid{1}, {address.address}).ia_pd(Iaid{1}, {prefix}));
  }
  [[nodiscard]] bool gets_address(const Duid& client) {
    return !request(client).na().leases.empty();
  }
  [[nodiscard]] bool gets_prefix(const Duid& client) {
    return !request(client).pd().leases.empty();
  }
  void expect_held(const Ipv6Prefix& lease, BindingStatus status) const {
    const Binding& binding = binding_of(lease);
    EXPECT_EQ(binding.status, status) << name_of(binding.status);
    EXPECT_TRUE(binding.claimed);
    EXPECT_TRUE(binding.needs_update);
    EXPECT_FALSE(binding.update_sent);
  }
  /// Hands the update of both leases to the connection.
  void send_updates() {
    for (const Ipv6Prefix& lease : {address, prefix}) {
      const BindingIndex index = shard().find_lease(lease.address, lease.length);
      shard().mark_sent(index);
    }
  }
  Ipv6Prefix address;
  Ipv6Prefix prefix;
};

// --- The ends.

TEST(EndedLease, released_is_held_until_the_ack) {  // F-271, F-151, F-347
  for (const Role role : kRoles) {
    Holder server(role);
    EXPECT_EQ(server.give_back(kRelease).status, StatusCode::kSuccess);
    for (const Ipv6Prefix& lease : {server.address, server.prefix}) {
      server.expect_held(lease, BindingStatus::kReleased);
      const Binding& binding = server.binding_of(lease);
      EXPECT_EQ(WallTime(binding.client_last_transaction_time), server.now);
      EXPECT_EQ(WallTime(binding.start_time_of_state), server.now);
      EXPECT_TRUE(WallTime(binding.state_expiration_time).is_none());
      // What may still have been promised counts for its reuse.
      EXPECT_FALSE(WallTime(binding.partner_lifetime).is_none());
    }
    // Nobody else gets it, however long it takes.
    server.pass(100'000'000);
    EXPECT_FALSE(server.gets_address(kOther));
    EXPECT_FALSE(server.gets_prefix(kOther));
  }
}

TEST(EndedLease, what_was_released_is_told_to_the_disk_before_the_reply) {  // F-271
  Holder server;
  const std::size_t before = server.changes.size();
  const Reply reply = server.give_back(kRelease);
  ASSERT_EQ(server.changes.size(), before + 2);
  EXPECT_EQ(reply.change_number, server.changes.back().number);
  EXPECT_EQ(server.changes.back().kind, ChangeKind::kPut);
  EXPECT_EQ(server.changes.back().urgency, Urgency::kTold);
  EXPECT_EQ(server.changes.back().binding.status, BindingStatus::kReleased);
}

TEST(EndedLease, expired_is_held_until_the_ack) {  // F-272, F-151, F-347
  for (const Role role : kRoles) {
    Holder server(role);
    server.pass(kMclt.seconds - 11);
    EXPECT_EQ(server.binding_of(server.address).status, BindingStatus::kActive);
    server.pass(1);
    for (const Ipv6Prefix& lease : {server.address, server.prefix}) {
      server.expect_held(lease, BindingStatus::kExpired);
      EXPECT_EQ(WallTime(server.binding_of(lease).client_last_transaction_time),
                WallTime{server.now.seconds - kMclt.seconds});
    }
    EXPECT_EQ(server.changes.back().urgency, Urgency::kLazy);
    server.pass(100'000'000);
    EXPECT_FALSE(server.gets_address(kOther));
    EXPECT_FALSE(server.gets_prefix(kOther));
  }
}

// where the partner heard the client last it is the partner that ends the lease; we do so a
// grace period after everything that it may have promised: MCLT beyond what we acked.
TEST(EndedLease, of_a_client_of_the_partner_waits_for_what_was_acked) {
  Holder server;
  Binding& binding = server.binding_at(server.address);
  binding.from_partner = true;
  binding.partner_raw_clt_time = server.now;
  binding.expiration_time = WallTime{server.now.seconds + 10'000};
  server.shard().arm(server.shard().find_lease(server.address.address, 128), server.now);
  const Lifetime mclt = server.service->rules_of(0).mclt_max;
  server.pass(10'000 + mclt.seconds + kPartnerExpiryGrace.seconds - 1);
  EXPECT_EQ(binding.status, BindingStatus::kActive);
  EXPECT_EQ(server.binding_of(server.prefix).status, BindingStatus::kExpired);
  server.pass(1);
  EXPECT_EQ(binding.status, BindingStatus::kExpired);
}

TEST(EndedLease, goes_to_anybody_after_the_ack) {  // F-154, F-275, F-276 (with partner_updates)
  Holder server;
  server.give_back(kRelease);
  for (const Ipv6Prefix& lease : {server.address, server.prefix}) {
    Binding& binding = server.binding_at(lease);
    become_free(binding, Half::kFree, server.now);
    release_claim(*server.service, binding, server.shard().id());
  }
  EXPECT_TRUE(server.gets_address(kOther));
  EXPECT_TRUE(server.gets_prefix(kOther));
}

// --- The same client again.

TEST(SameClient, gets_its_ended_lease_back_while_the_partner_was_not_sent_word) {  // F-152
  for (const Role role : kRoles) {
    for (const bool released : {true, false}) {
      for (const ServingRules& rules : {normal(role), interrupted(role)}) {
        Holder server(role, rules);
        if (released) {
          server.give_back(kRelease);
        } else {
          server.pass(kMclt.seconds);
        }
        const Reply offered = rules.responsiveness == Responsiveness::kResponsive
                                  ? server.send(solicit(kClient).ia_na(Iaid{1}))
                                  : server.send(to_server(kRequest, kClient).ia_na(Iaid{1}));
        EXPECT_EQ(offered.na().leases.size(), 1u);
        const Reply again = server.request(kClient);
        ASSERT_EQ(again.na().leases.size(), 1u);
        EXPECT_EQ(again.na().leases[0].lease, server.address);
        server.expect_held(server.address, BindingStatus::kActive);
        EXPECT_EQ(WallTime(server.binding_of(server.address).state_expiration_time),
                  server.now + Lifetime{again.na().leases[0].valid});
        // A prefix falls to the primary, whoever gave it.
        EXPECT_EQ(again.pd().leases.size(), role == Role::kPrimary ? 1u : 0u);
        // And it ends again.
        server.pass(again.na().leases[0].valid);
        server.expect_held(server.address, BindingStatus::kExpired);
      }
    }
  }
}

TEST(SameClient, does_not_get_it_back_once_word_was_sent) {  // F-153
  for (const bool released : {true, false}) {
    Holder server;
    if (released) {
      server.give_back(kRelease);
    } else {
      server.pass(kMclt.seconds);
    }
    server.send_updates();
    // Sent stays sent when the connection breaks.
    for (const ServingRules& rules : {normal(Role::kPrimary), interrupted(Role::kPrimary),
                                      partner_down(Role::kPrimary, server.now)}) {
      server.set_rules(rules);
      EXPECT_FALSE(server.gets_address(kClient));
      EXPECT_FALSE(server.gets_prefix(kClient));
      const std::vector<Ipv6Address> wish{server.address.address};
      EXPECT_TRUE(server.send(solicit(kClient).ia_na(Iaid{1}, wish)).na().leases.empty());
    }
  }
}

TEST(SameClient, does_not_get_back_what_the_partner_has_ended) {
  Holder server;
  Binding& binding = server.binding_at(server.address);
  end_with_partner(binding, BindingStatus::kExpired, server.now);
  binding.from_partner = true;
  EXPECT_FALSE(server.gets_address(kClient));
}

TEST(SameClient, another_ia_of_it_is_another_client) {
  Holder server;
  server.give_back(kRelease);
  const Reply reply = server.send(to_server(kRequest, kClient).ia_na(Iaid{2}).ia_pd(Iaid{2}));
  EXPECT_TRUE(reply.na(2).leases.empty());
  EXPECT_TRUE(reply.pd(2).leases.empty());
}

TEST(SameClient, renewing_an_ended_lease_is_told_that_it_has_none) {  // F-153
  ServerSettings settings = one_of_each(Role::kPrimary);
  settings.links[0].create_on_renew = false;
  Holder server;
  server.give_back(kRelease);
  server.send_updates();
  const Reply reply =
      server.send(to_server(kRenew, kClient).ia_na(Iaid{1}, {server.address.address}));
  EXPECT_EQ(reply.na().status, StatusCode::kNoAddrsAvail);
  ASSERT_EQ(reply.na().leases.size(), 1u);
  EXPECT_EQ(reply.na().leases[0].valid, 0u);
  server.reconfigure(settings);
  EXPECT_EQ(server.send(to_server(kRenew, kClient).ia_na(Iaid{1})).na().status,
            StatusCode::kNoBinding);
  EXPECT_EQ(server.give_back(kRelease).na().status, StatusCode::kNoBinding);
}

// --- Declined addresses.

TEST(Declined, is_reset_by_the_server_of_its_half_and_waits_for_the_ack) {  // F-273, F-274, F-277
  Holder server;
  server.give_back(kDecline);
  server.expect_held(server.address, BindingStatus::kAbandoned);
  EXPECT_EQ(server.pools->address_pool(0).quarantined(), 1u);
  const std::uint32_t hold = server.settings.decline_hold.seconds;
  server.pass(hold - 1);
  server.expect_held(server.address, BindingStatus::kAbandoned);
  server.pass(1);
  server.expect_held(server.address, BindingStatus::kReset);
  EXPECT_EQ(server.pools->address_pool(0).quarantined(), 0u);
  // RESET is nobody's, its former client's least of all.
  EXPECT_FALSE(server.gets_address(kClient));
  EXPECT_FALSE(server.gets_address(kOther));
}

TEST(Declined, stays_so_on_the_server_of_the_other_half) {  // F-143, R-34
  Holder server;
  server.set_rules(interrupted(Role::kSecondary));
  server.give_back(kDecline);
  server.expect_held(server.address, BindingStatus::kAbandoned);
  server.pass(10 * server.settings.decline_hold.seconds);
  server.expect_held(server.address, BindingStatus::kAbandoned);
  EXPECT_EQ(server.pools->address_pool(0).quarantined(), 1u);
}

TEST(Declined, a_hold_that_runs_out_on_the_wrong_server_is_not_the_end) {
  Holder server;
  server.give_back(kDecline);
  server.set_rules(interrupted(Role::kSecondary));  // the timer was armed by the other role
  server.pass(2 * server.settings.decline_hold.seconds);
  server.expect_held(server.address, BindingStatus::kAbandoned);
}

// S-105: past what one client may keep from the others. It is not free at once, though.
TEST(Declined, too_many_wait_for_the_ack_only) {
  ServerBench bench(ServerBench::pair_settings());
  bench.set_rules(normal(Role::kPrimary));
  std::vector<Ipv6Prefix> declined;
  for (int n = 0; n < 4; ++n) {
    const Reply given = bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}));
    ASSERT_EQ(given.na().leases.size(), 1u);
    declined.push_back(given.na().leases[0].lease);
    (void)bench.send(to_server(kDecline, kClient).ia_na(Iaid{1}, {declined.back().address}));
  }
  EXPECT_EQ(bench.live_bindings(BindingStatus::kAbandoned), 3u);
  const Binding& last = bench.binding_of(declined.back());
  EXPECT_EQ(last.status, BindingStatus::kReset);
  EXPECT_TRUE(last.claimed);
  EXPECT_TRUE(last.needs_update);
  EXPECT_EQ(bench.changes.back().kind, ChangeKind::kPut);
  EXPECT_EQ(bench.pools->address_pool(0).quarantined(), 3u);
  const Reply next =
      bench.send(to_server(kRequest, kClient).ia_na(Iaid{1}, {declined.back().address}));
  EXPECT_NE(next.na().leases.at(0).lease, declined.back());
}

// --- PARTNER-DOWN: reuse without an ack.

TEST(PartnerDown, an_ended_lease_is_free_mclt_after_all_that_was_promised) {  // F-150, F-278, F-307
  for (const bool released : {true, false}) {
    Holder server;
    const WallTime promised = server.binding_of(server.address).partner_lifetime;
    server.set_rules(partner_down(Role::kPrimary, server.now));
    if (released) {
      server.give_back(kRelease);
    } else {
      server.pass(kMclt.seconds);
    }
    const WallTime at = promised + kMclt;
    ASSERT_GT(at, server.now);
    server.pass(static_cast<std::uint32_t>(at.seconds - server.now.seconds - 1));
    EXPECT_FALSE(server.gets_address(kOther));
    EXPECT_FALSE(server.gets_prefix(kOther));
    server.pass(1);
    EXPECT_EQ(server.binding_of(server.address).status, BindingStatus::kFree);
    EXPECT_FALSE(server.binding_of(server.address).claimed);
    EXPECT_TRUE(server.binding_of(server.address).needs_update);  // the partner will hear of it
    EXPECT_TRUE(server.gets_address(kOther));
    EXPECT_TRUE(server.gets_prefix(kOther));
  }
}

TEST(PartnerDown, never_before_mclt_after_the_entry_or_the_end) {  // F-278, F-307
  Holder server;
  // A lease of long ago: nothing promised reaches beyond its end.
  Binding& binding = server.binding_at(server.address);
  binding.partner_lifetime = binding.acked_partner_lifetime = WallTime{server.now.seconds - 5000};
  server.set_rules(partner_down(Role::kPrimary, WallTime{server.now.seconds - 2000}));
  server.give_back(kRelease);
  server.pass(kMclt.seconds - 1);
  EXPECT_FALSE(server.gets_address(kOther));
  server.pass(1);
  EXPECT_TRUE(server.gets_address(kOther));
}

TEST(PartnerDown, each_promise_of_either_server_counts) {  // F-307
  for (const auto promise : {&Binding::partner_lifetime, &Binding::acked_partner_lifetime,
                             &Binding::acked_partner_lifetime_max, &Binding::expiration_time}) {
    Holder server;
    server.set_rules(partner_down(Role::kPrimary, server.now));
    server.binding_at(server.address).*promise = WallTime{server.now.seconds + 1'000'000};
    server.give_back(kRelease);
    server.pass(1'000'000 + kMclt.seconds - 1);
    EXPECT_FALSE(server.gets_address(kOther));
    server.pass(1);
    EXPECT_TRUE(server.gets_address(kOther));
  }
}

TEST(PartnerDown, that_is_left_stops_the_clock) {  // F-151
  Holder server;
  server.set_rules(partner_down(Role::kPrimary, server.now));
  server.give_back(kRelease);
  server.set_rules(normal(Role::kPrimary));
  server.pass(1'000'000);
  server.expect_held(server.address, BindingStatus::kReleased);
  EXPECT_FALSE(server.gets_address(kOther));
}

TEST(PartnerDown, an_address_of_the_other_half_is_not_given_even_then) {  // F-143, F-144
  Holder server;
  server.set_rules(partner_down(Role::kSecondary, server.now));
  server.give_back(kRelease);
  server.pass(1'000'000);
  EXPECT_EQ(server.binding_of(server.address).status, BindingStatus::kFree);
  EXPECT_FALSE(server.gets_address(kOther));
  EXPECT_FALSE(server.gets_address(kClient));
  EXPECT_TRUE(server.gets_prefix(kOther));  // prefixes cross over
}

// --- Restart.

TEST(PairRestart, what_waits_for_an_ack_waits_on) {  // F-151
  for (const bool sent : {false, true}) {
    Holder server;
    server.give_back(kRelease);
    if (sent) server.send_updates();
    for (const Ipv6Prefix& lease : {server.address, server.prefix}) {
      server.shard().emit(server.shard().find_lease(lease.address, lease.length));
    }
    server.drain_changes();
    Restarted after(server, one_of_each(Role::kPrimary), 100'000'000);
    EXPECT_EQ(after.outcomes[Restored::kServed], 2);
    EXPECT_NE(after.bench.shard().first_unsent_from(0), kNoBinding);  // told to the partner again
    after.bench.set_rules(normal(Role::kPrimary));
    after.bench.pass(100'000);
    const auto ask = [&](const Duid& client) {
      return after.bench.send(to_server(kRequest, client).ia_na(Iaid{1}).ia_pd(Iaid{1}));
    };
    EXPECT_EQ(after.bench.binding_of(server.address).status, BindingStatus::kReleased);
    EXPECT_TRUE(after.bench.binding_of(server.address).claimed);
    EXPECT_TRUE(ask(kOther).na().leases.empty());
    EXPECT_TRUE(ask(kOther).pd().leases.empty());
    EXPECT_EQ(ask(kClient).na().leases.size(), sent ? 0u : 1u);
  }
}

TEST(PairRestart, in_partner_down_the_time_of_reuse_is_kept) {  // F-278
  Holder server;
  const WallTime since = server.now;
  const WallTime at = WallTime(server.binding_of(server.address).partner_lifetime) + kMclt;
  server.set_rules(partner_down(Role::kPrimary, since));
  server.give_back(kRelease);
  Restarted after(server, one_of_each(Role::kPrimary), 50);
  ServerBench& bench = after.bench;
  bench.set_rules(partner_down(Role::kPrimary, since));
  bench.pass(static_cast<std::uint32_t>(at.seconds - bench.now.seconds - 1));
  EXPECT_EQ(bench.binding_of(server.address).status, BindingStatus::kReleased);
  bench.pass(1);
  EXPECT_EQ(bench.binding_of(server.address).status, BindingStatus::kFree);
}

TEST(PairRestart, a_held_prefix_is_of_neither_half) {  // F-146
  Holder server(Role::kSecondary, interrupted(Role::kSecondary));
  ServerBench after(one_of_each(Role::kSecondary));
  after.pools->prefix_pool(0).set_half(server.prefix, 0, Half::kFreeBackup);
  after.now = server.now;
  (void)restore_all(after, disk_of(server));
  EXPECT_EQ(after.pools->prefix_pool(0).half(server.prefix), Half::kFree);
}

TEST(PairRestart, an_abandoned_address_is_reset_by_the_server_of_its_half) {  // F-274, R-34
  for (const Role role : kRoles) {
    Holder server(role);
    server.give_back(kDecline);
    Restarted after(server, one_of_each(role), 10);
    ServerBench& bench = after.bench;
    EXPECT_EQ(bench.pools->address_pool(0).quarantined(), 1u);
    bench.set_rules(normal(role));  // after the leases were read: the endpoint speaks late
    bench.pass(server.settings.decline_hold.seconds);
    EXPECT_EQ(bench.binding_of(server.address).status, BindingStatus::kReset);
    EXPECT_EQ(bench.pools->address_pool(0).quarantined(), 0u);
  }
}

// A server that leaves its partner for good waits for nobody.
TEST(PairRestart, without_a_partner_what_waited_is_free) {
  ServerSettings alone = one_of_each(Role::kPrimary);
  alone.links[0].relationship = kNoRelationship;
  for (const MessageType type : {kRelease, kDecline}) {
    Holder server;
    server.give_back(type);
    if (type == kDecline) server.pass(server.settings.decline_hold.seconds);
    Restarted after(server, alone, 10);
    after.bench.pass(1);
    EXPECT_EQ(after.bench.pools->claims().holder(server.address.address), kNoShard);
    const Reply reply = after.bench.send(to_server(kRequest, kOther).ia_na(Iaid{1}));
    EXPECT_EQ(reply.na().leases.size(), 1u);
  }
}

// no longer configured. Not renewed; kept to its end, and then until the partner has acked.
TEST(PairRestart, what_is_no_longer_configured_is_not_renewed_nor_freed_without_an_ack) {
  Holder server;
  ServerSettings without = one_of_each(Role::kPrimary);
  without.links[0].address_pools = {prefix_of("2001:db8:77::/64")};
  Restarted after(server, without, 10);
  ServerBench& bench = after.bench;
  EXPECT_EQ(after.outcomes[Restored::kUnplaced], 1);
  bench.set_rules(normal(Role::kPrimary));
  const Reply reply =
      bench.send(to_server(kRenew, kClient).ia_na(Iaid{1}, {server.address.address}));
  ASSERT_FALSE(reply.na().leases.empty());
  EXPECT_EQ(reply.na().leases[0].lease, server.address);
  EXPECT_EQ(reply.na().leases[0].valid, 0u);
  EXPECT_EQ(bench.binding_of(server.address).status, BindingStatus::kActive);
  bench.pass(kMclt.seconds);
  EXPECT_EQ(bench.binding_of(server.address).status, BindingStatus::kExpired);
  EXPECT_TRUE(bench.binding_of(server.address).claimed);
  bench.pass(1'000'000);
  EXPECT_EQ(bench.binding_of(server.address).status, BindingStatus::kExpired);
}

}  // namespace
}  // namespace tandem6
