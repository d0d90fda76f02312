// A server with leases and a new partner (RFC 8156 section 8.2; ).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/simulation/pair.h"

namespace tandem6::simulation {
namespace {

/// A record that counts for nothing: of the role that it had before.
EndpointRecord record_of_other_role(const Pair& pair, Role role) {
  EndpointRecord record;
  record.role = static_cast<std::uint8_t>(partner_of(role));
  record.state = static_cast<std::uint8_t>(EndpointState::kNormal);
  record.mclt = Lifetime{3600};
  record.start_time_of_state = record.last_heartbeat = pair.now();
  return record;
}

TEST(Joining, R09R43ANewPartnerHearsOfAllLeases) {
  Pair pair;
  pair.start_both();
  pair.pass(30);
  for (std::uint32_t i = 1; i <= 20; ++i) {
    ASSERT_TRUE(pair.lease_address(i, Role::kPrimary).lease);
    ASSERT_TRUE(pair.lease_prefix(100 + i, Role::kPrimary).lease);
  }
  pair.pass(5);
  // Both start anew: one with leases that were all acked, in another role; one with nothing.
  pair.crash(Role::kPrimary);
  pair.crash(Role::kSecondary);
  pair.lose_disk(Role::kSecondary);
  pair.server(Role::kSecondary).set_origin(LeasesOrigin::kKept);  // else it asks for all
  pair.server(Role::kPrimary).set_endpoint_record(record_of_other_role(pair, Role::kPrimary));
  pair.clear_trace();
  pair.start_both();
  pair.pass(60);
  EXPECT_EQ(pair.state(Role::kPrimary), EndpointState::kNormal);
  EXPECT_EQ(pair.state(Role::kSecondary), EndpointState::kNormal);
  const auto& trace = pair.trace();
  EXPECT_EQ(std::ranges::find(trace, "secondary > UPDREQALL"), trace.end())
      << "R-43: nobody remembers a partner, so UPDREQ has to suffice";
  EXPECT_EQ(pair.server(Role::kSecondary).leases().size(), 40U);
  EXPECT_EQ(pair.differences(), std::vector<std::string>{});
}

}  // namespace
}  // namespace tandem6::simulation
