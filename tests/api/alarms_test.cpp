// What an operator should look at now.
#include "control/daemon/alarms.h"

#include <gtest/gtest.h>

#include "tests/api/fake_server_view.h"

namespace tandem6 {
namespace {

TEST(Alarms, PoolsAtEightyAndNinetyFivePercent) {
  StatusView status;
  PoolView pool;
  pool.link = "olt-7";
  pool.range = Ipv6Prefix::parse("2001:db8::/120").value();
  pool.size = 1000;
  pool.used = 799;
  status.pools = {pool};
  EXPECT_TRUE(find_alarms(status).empty());
  status.pools[0].used = 800;
  EXPECT_EQ(find_alarms(status),
            std::vector<std::string>{"pool 2001:db8::/120 of link olt-7 fills up: 80 % used"});
  status.pools[0].used = 950;
  EXPECT_EQ(
      find_alarms(status),
      std::vector<std::string>{"pool 2001:db8::/120 of link olt-7 is nearly full: 95 % used"});
}

TEST(Alarms, PortsAndMemory) {
  StatusView status;
  status.ports = {{.name = "access", .device = {}, .link_up = false, .mac = {}}};
  status.binding_count = 96;
  status.binding_count_max = 100;
  EXPECT_EQ(find_alarms(status),
            (std::vector<std::string>{"port access has no link",
                                      "memory for bindings is nearly full: 96 % used"}));
}

TEST(Alarms, StorageThatTakesNoChanges) {
  StatusView status;
  status.storage.serving = false;
  status.storage.trouble = "/var/lib/tandem6: No space left on device";
  EXPECT_EQ(find_alarms(status),
            std::vector<std::string>{
                "storage does not take changes: /var/lib/tandem6: No space left on device; nothing "
                "is answered that it would have to keep"});
  const std::vector<std::string> before = find_alarms(status);
  status.storage.trouble = "/var/lib/tandem6: Input/output error";
  EXPECT_TRUE(compare_alarms(before, find_alarms(status)).raised.empty());
}

TEST(Alarms, AWriteThatTakesLong) {
  StatusView status;
  status.storage.writing_since_seconds = 0.99;
  EXPECT_TRUE(find_alarms(status).empty());
  status.storage.writing_since_seconds = 3.7;
  EXPECT_EQ(find_alarms(status),
            std::vector<std::string>{"storage: a write has been under way for 3 s"});
}

TEST(Alarms, RecordsThatAreNotServed) {
  StatusView status;
  status.storage.loaded = {.lease_count = 100, .set_aside_count = 9, .seconds = 1};
  EXPECT_TRUE(find_alarms(status).empty());
  status.storage.set_aside_count = 2;
  status.storage.loaded.unplaced_count = 5;
  status.storage.loaded.damaged_gap_count = 1;
  EXPECT_EQ(find_alarms(status),
            (std::vector<std::string>{
                "lease records are set aside: 2, why says `tandem6ctl storage verify`",
                "the disk gave back damaged places: 1 at start, with an unknown number of leases",
                "leases lie in no pool: 5 at start, they run out and are not renewed"}));
}

TEST(Alarms, AGrowingNumberIsNoNews) {
  const AlarmChange change =
      compare_alarms({"a fills up: 80 % used", "b has no link"},
                     {"a fills up: 81 % used", "c is nearly full: 95 % used"});
  EXPECT_EQ(change.raised, std::vector<std::string>{"c is nearly full: 95 % used"});
  EXPECT_EQ(change.gone, std::vector<std::string>{"b has no link"});
}

std::vector<std::string> alarms_of(const RelationshipView& relationship) {
  StatusView status;
  status.relationships = {relationship};
  return find_alarms(status);
}

TEST(Alarms, CommunicationsInterruptedSinceWhen) {  // RFC 8156 section 8.9
  EXPECT_TRUE(alarms_of(relationship_in_normal()).empty());
  RelationshipView view = relationship_interrupted();
  EXPECT_EQ(alarms_of(view),
            std::vector<std::string>{"failover east is in COMMUNICATIONS-INTERRUPTED: since "
                                     "2000-01-01T00:28:20Z, no contact with the partner"});
  view.is_in_contact = true;  // it recovers, or starts
  EXPECT_TRUE(alarms_of(view).empty());
}

TEST(Alarms, APlannedStartIsNone) {
  RelationshipView view = relationship_interrupted();
  view.state = EndpointState::kStartup;
  EXPECT_TRUE(alarms_of(view).empty());
}

TEST(Alarms, ConflictsAndPartnerDown) {
  RelationshipView view = relationship_interrupted();
  view.state = EndpointState::kPartnerDown;
  EXPECT_EQ(alarms_of(view),
            std::vector<std::string>{"failover east is in PARTNER-DOWN: since "
                                     "2000-01-01T00:28:20Z, the partner is not back"});
  view.is_in_contact = true;
  EXPECT_TRUE(alarms_of(view).empty());
  view.state = EndpointState::kPotentialConflict;
  EXPECT_EQ(alarms_of(view),
            std::vector<std::string>{"failover east is in POTENTIAL-CONFLICT: since "
                                     "2000-01-01T00:28:20Z, the servers compare their leases, this "
                                     "one answers nobody"});
  view.state = EndpointState::kResolutionInterrupted;
  EXPECT_EQ(alarms_of(view).size(), 1u);
}

TEST(Alarms, AServerThatAnswersNobodyForWantOfItsPartner) {
  RelationshipView view = relationship_interrupted();
  for (const EndpointState state : {EndpointState::kRecover, EndpointState::kRecoverWait,
                                    EndpointState::kRecoverDone, EndpointState::kConflictDone}) {
    view.state = state;
    EXPECT_EQ(alarms_of(view).size(), 1u) << name_of(state);
  }
}

TEST(Alarms, AnotherStateIsNewsAndItsAgeIsNot) {
  RelationshipView view = relationship_interrupted();
  const std::vector<std::string> before = alarms_of(view);
  view.since = WallTime{1800};
  EXPECT_TRUE(compare_alarms(before, alarms_of(view)).raised.empty());
  view.state = EndpointState::kPartnerDown;
  const AlarmChange change = compare_alarms(before, alarms_of(view));
  EXPECT_EQ(change.raised.size(), 1u);
  EXPECT_EQ(change.gone, before);
}

TEST(Alarms, FaultsAreToldApartByAllTheirWords) {
  RelationshipView view = relationship_in_normal();
  view.faults = {"the clocks are more than 5 s apart; the connection is given up",
                 "the configurations differ: link olt-7"};
  const std::vector<std::string> before = alarms_of(view);
  EXPECT_EQ(before, (std::vector<std::string>{
                        "failover west, the clocks are more than 5 s apart; the connection is "
                        "given up",
                        "failover west, the configurations differ, link olt-7"}));
  view.faults.push_back("the configurations differ: link olt-8");
  EXPECT_EQ(compare_alarms(before, alarms_of(view)).raised.size(), 1u);
}

TEST(Alarms, AHalfOfAPrefixPoolThatRunsShort) {
  StatusView status;
  PoolView pool;
  pool.link = "olt-8";
  pool.relationship = "west";
  pool.is_prefix_pool = true;
  pool.range = prefix_of("2001:db8:8000::/40");
  pool.size = 200;
  pool.half_free = 100;
  pool.half_free_backup = 100;
  pool.half_free_left = 5;
  pool.half_free_backup_left = 4;
  status.pools = {pool};
  EXPECT_EQ(find_alarms(status),
            std::vector<std::string>{"pool 2001:db8:8000::/40 of link olt-8 runs short of "
                                     "FREE-BACKUP prefixes: 4 of 100 left"});
  status.pools[0].half_free_backup_left.reset();
  EXPECT_TRUE(find_alarms(status).empty());
  status.pools[0].half_free_backup_left = 0;
  status.pools[0].half_free_backup = 0;  // too small to be shared
  EXPECT_TRUE(find_alarms(status).empty());
}

}  // namespace
}  // namespace tandem6
