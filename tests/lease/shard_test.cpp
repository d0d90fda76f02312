#include "dataplane/lease/shard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "tests/lease/shard_maker.h"

namespace tandem6 {
namespace {

using test::address_lease;
using test::client;
using test::duid_of;
using test::key;
using test::Octets;
using test::prefix_lease;
using test::take_changes;

constexpr IaType kIaNa = IaType::kNonTemporaryAddress;
constexpr IaType kIaPd = IaType::kPrefixDelegation;
constexpr WallTime kNow{830'000'000};

std::vector<BindingIndex> bindings_of(const Shard& shard, const Octets& duid) {
  std::array<BindingIndex, 64> found;
  const std::size_t count = shard.find_client(client(duid), found);
  return {found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count)};
}

BindingIndex insert(Shard& shard, const Octets& duid, std::uint32_t iaid, const Ipv6Prefix& lease,
                    IaType type = kIaNa) {
  return shard.insert(client(duid), type, Iaid{iaid}, lease);
}

TEST(Shard, ANewBindingHasItsClientIaAndLease) {
  Shard shard(3, {.binding_count_max = 10, .change_ring_size = 16}, key());
  EXPECT_EQ(shard.id(), 3);
  const Octets duid = duid_of(1);
  const BindingIndex index = insert(shard, duid, 7, prefix_lease(5), kIaPd);
  ASSERT_NE(index, kNoBinding);
  const Binding& binding = shard.at(index);
  EXPECT_EQ(binding.lease(), prefix_lease(5));
  EXPECT_EQ(binding.ia_type, kIaPd);
  EXPECT_EQ(binding.iaid, Iaid{7});
  EXPECT_EQ(shard.duid_of(binding), Duid(duid));
  EXPECT_FALSE(binding.claimed);
  EXPECT_TRUE(WallTime(binding.state_expiration_time).is_none());
  EXPECT_EQ(shard.binding_count(), 1U);
  EXPECT_EQ(bindings_of(shard, duid), std::vector{index});
  EXPECT_EQ(shard.find_lease(prefix_lease(5).address, 56), index);
  EXPECT_EQ(shard.find_lease(prefix_lease(5).address, 57), kNoBinding);
}

// S-036: DUIDs of every type, those that no RFC names too. S-037: equal only over the full length.
TEST(Shard, S036S037DuidsAreOpaqueAndComparedOverTheirFullLength) {
  Shard shard(0, {.binding_count_max = 1000, .change_ring_size = 16}, key());
  std::vector<Octets> duids;
  // Each is the beginning of the next one; 0xabcd is no type of any RFC.
  for (const std::size_t size : {3, 4, 14, 15, 16, 18, 72, 73, 129, 130}) {
    Octets duid(size, 0x55);
    duid[0] = 0xab;
    duid[1] = 0xcd;
    duids.push_back(duid);
    // And one that differs in its last octet only, one in its type only.
    duid.back() ^= 0x80;
    duids.push_back(duid);
    duid[1] = 0x01;
    duids.push_back(duid);
  }
  for (std::uint32_t i = 0; i < duids.size(); ++i) {
    ASSERT_NE(insert(shard, duids[i], 1, address_lease(i)), kNoBinding);
  }
  for (std::uint32_t i = 0; i < duids.size(); ++i) {
    const std::vector<BindingIndex> found = bindings_of(shard, duids[i]);
    ASSERT_EQ(found.size(), 1U) << "DUID " << i;
    EXPECT_EQ(shard.at(found[0]).lease(), address_lease(i));
    EXPECT_EQ(shard.duid_of(shard.at(found[0])), Duid(duids[i]));
  }
}

// S-069: the key of a binding is DUID, IA type and IAID.
TEST(Shard, S069IaidZeroOfIaNaAndOfIaPdAreTwoBindings) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 16}, key());
  const Octets duid = duid_of(1);
  const BindingIndex na = insert(shard, duid, 0, address_lease(1), kIaNa);
  const BindingIndex pd = insert(shard, duid, 0, prefix_lease(1), kIaPd);
  const BindingIndex other_iaid = insert(shard, duid, 1, address_lease(2), kIaNa);
  const BindingIndex other_client = insert(shard, duid_of(2), 0, address_lease(3), kIaNa);
  EXPECT_EQ(bindings_of(shard, duid), (std::vector{na, pd, other_iaid}));
  EXPECT_EQ(bindings_of(shard, duid_of(2)), std::vector{other_client});
  EXPECT_EQ(shard.at(na).ia_type, kIaNa);
  EXPECT_EQ(shard.at(pd).ia_type, kIaPd);
}

TEST(Shard, AClientsBindingsComeOldestFirstWhateverWasErased) {
  Shard shard(0, {.binding_count_max = 500, .change_ring_size = 16}, key());
  const Octets duid = duid_of(1);
  std::vector<BindingIndex> expected;
  std::uint32_t next = 0;
  // Others come and go meanwhile, so that freed places are taken again.
  std::vector<BindingIndex> others;
  for (std::uint32_t i = 0; i < 300; ++i) {
    others.push_back(insert(shard, duid_of(100 + i), 1, address_lease(100'000 + i)));
  }
  for (int round = 0; round < 2000; ++round) {
    if (expected.size() < 60) expected.push_back(insert(shard, duid, next, address_lease(next)));
    ++next;
    if (round % 3 == 0) {
      const auto victim = expected.begin() + round / 3 % static_cast<int>(expected.size());
      shard.erase(*victim);
      expected.erase(victim);
    }
    const std::size_t other = static_cast<std::size_t>(round) % others.size();
    shard.erase(others[other]);
    others[other] = insert(shard, duid_of(10'000 + next), 1, address_lease(200'000 + next));
    ASSERT_EQ(bindings_of(shard, duid), expected) << "round " << round;
  }
}

TEST(Shard, TheSpanMayBeShorterThanTheClient) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 16}, key());
  const Octets duid = duid_of(1);
  const BindingIndex first = insert(shard, duid, 1, address_lease(1));
  static_cast<void>(insert(shard, duid, 2, address_lease(2)));
  std::array<BindingIndex, 1> found{};
  EXPECT_EQ(shard.find_client(client(duid), found), 2U);
  EXPECT_EQ(found[0], first);
  EXPECT_EQ(shard.find_client(client(duid_of(9)), found), 0U);
}

TEST(Shard, AClientMayNotFillTheShardAlone) {
  Shard shard(0, {.binding_count_max = 1000, .change_ring_size = 16}, key());
  const Octets duid = duid_of(1);
  for (std::uint32_t i = 0; i < Shard::kClientBindingCountMax; ++i) {
    ASSERT_NE(insert(shard, duid, i, address_lease(i)), kNoBinding);
  }
  EXPECT_EQ(insert(shard, duid, 999, address_lease(999)), kNoBinding);
  EXPECT_NE(insert(shard, duid_of(2), 999, address_lease(999)), kNoBinding);
}

TEST(Shard, TheClaimedBindingOfALeaseIsFoundFirst) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 16}, key());
  const BindingIndex former = insert(shard, duid_of(1), 1, address_lease(1));
  const BindingIndex holder = insert(shard, duid_of(2), 1, address_lease(1));
  const BindingIndex later = insert(shard, duid_of(3), 1, address_lease(1));
  EXPECT_EQ(shard.find_lease(address_lease(1).address, 128), later);
  shard.at(holder).claimed = true;
  EXPECT_EQ(shard.find_lease(address_lease(1).address, 128), holder);
  shard.at(holder).claimed = false;
  shard.at(former).claimed = true;
  EXPECT_EQ(shard.find_lease(address_lease(1).address, 128), former);
}

TEST(Shard, AFullShardRefusesAndAFreedPlaceIsTakenAgain) {
  Shard shard(0, {.binding_count_max = 3, .change_ring_size = 16}, key());
  for (std::uint32_t i = 0; i < 3; ++i) {
    ASSERT_NE(insert(shard, duid_of(i), 1, address_lease(i)), kNoBinding);
  }
  EXPECT_EQ(insert(shard, duid_of(9), 1, address_lease(9)), kNoBinding);
  EXPECT_TRUE(bindings_of(shard, duid_of(9)).empty());
  EXPECT_EQ(shard.find_lease(address_lease(9).address, 128), kNoBinding);
  shard.erase(bindings_of(shard, duid_of(1))[0]);
  const BindingIndex index = insert(shard, duid_of(9), 1, address_lease(9));
  ASSERT_NE(index, kNoBinding);
  EXPECT_EQ(shard.duid_of(shard.at(index)), Duid(duid_of(9)));
  EXPECT_TRUE(bindings_of(shard, duid_of(1)).empty());
}

TEST(Shard, WalksTheLiveBindingsOnly) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 16}, key());
  std::vector<BindingIndex> live;
  for (std::uint32_t i = 0; i < 6; ++i) {
    live.push_back(insert(shard, duid_of(i), 1, address_lease(i)));
  }
  shard.erase(live[0]);
  shard.erase(live[3]);
  std::vector<BindingIndex> walked;
  for (BindingIndex at = shard.first_from(0); at != kNoBinding; at = shard.first_from(at + 1)) {
    walked.push_back(at);
  }
  EXPECT_EQ(walked, (std::vector{live[1], live[2], live[4], live[5]}));
  EXPECT_EQ(shard.first_from(100), kNoBinding);
}

TEST(Shard, AttributesAreKeptBesideALongDuid) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 16}, key());
  const Octets duid = duid_of(1, 130);
  const BindingIndex index = insert(shard, duid, 1, address_lease(1));
  const Octets name = {0, 3, 'c', 'p', 'e', 0};
  const Octets remote(200, 0x77);
  EXPECT_TRUE(
      shard.set_attributes(index, {.client_fqdn = name, .remote_id = remote, .interface_id = {}}));
  const BindingAttributes attributes = shard.attributes_of(shard.at(index));
  EXPECT_TRUE(std::ranges::equal(attributes.client_fqdn, name));
  EXPECT_TRUE(std::ranges::equal(attributes.remote_id, remote));
  EXPECT_TRUE(attributes.interface_id.empty());
  EXPECT_EQ(shard.duid_of(shard.at(index)), Duid(duid));

  // What cannot be kept whole is not kept at all; the DUID stays.
  const Octets too_long(256, 1);
  EXPECT_FALSE(shard.set_attributes(
      index, {.client_fqdn = name, .remote_id = too_long, .interface_id = {}}));
  EXPECT_TRUE(shard.attributes_of(shard.at(index)).client_fqdn.empty());
  EXPECT_EQ(shard.duid_of(shard.at(index)), Duid(duid));
}

TEST(Shard, ALongDuidFindsItsRoomHoweverMuchOthersSay) {
  Shard shard(0, {.binding_count_max = 8, .change_ring_size = 16}, key());
  const Octets remote(255, 1);
  // 16 chunks are for attributes: three records of five chunks each leave one.
  bool all_kept = true;
  for (std::uint32_t i = 0; i < 4; ++i) {
    const BindingIndex index = insert(shard, duid_of(i), 1, address_lease(i));
    all_kept = shard.set_attributes(
        index, {.client_fqdn = {}, .remote_id = remote, .interface_id = Octets(20, 2)});
    EXPECT_EQ(all_kept, i < 3);
  }
  for (std::uint32_t i = 4; i < 8; ++i) {
    EXPECT_NE(insert(shard, duid_of(i, 130), 1, address_lease(i)), kNoBinding);
    EXPECT_EQ(bindings_of(shard, duid_of(i, 130)).size(), 1U);
  }
}

TEST(Shard, ChangesAreNumberedWithoutGapsAndWhole) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 8}, key());
  EXPECT_EQ(shard.last_change(), 0U);
  const Octets duid = duid_of(1, 99);
  const BindingIndex index = insert(shard, duid, 1, address_lease(1));
  shard.at(index).status = BindingStatus::kActive;
  EXPECT_EQ(shard.emit(index), 1U);
  shard.at(index).status = BindingStatus::kReleased;
  EXPECT_EQ(shard.emit(index, ChangeKind::kErase), 2U);
  shard.erase(index);
  EXPECT_EQ(shard.last_change(), 2U);

  const std::vector<Change> changes = take_changes(shard);
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].number, 1U);
  EXPECT_EQ(changes[0].kind, ChangeKind::kPut);
  EXPECT_EQ(changes[0].binding.status, BindingStatus::kActive);
  EXPECT_EQ(changes[0].duid, Duid(duid));
  EXPECT_EQ(changes[1].number, 2U);
  EXPECT_EQ(changes[1].kind, ChangeKind::kErase);
  EXPECT_EQ(changes[1].duid, Duid(duid)) << "a copy, not a reference to what is gone";
}

TEST(Shard, RoomForChangesCountsWhatAStepMayEmitAtMost) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 8}, key());
  EXPECT_EQ(shard.change_room(), 2U);
  const BindingIndex index = insert(shard, duid_of(1), 1, address_lease(1));
  for (int i = 0; i < 6; ++i) static_cast<void>(shard.emit(index));
  EXPECT_EQ(shard.change_room(), 0U);
  EXPECT_EQ(take_changes(shard).size(), 6U);
  EXPECT_EQ(shard.change_room(), 2U);
}

TEST(ShardDeathTest, BrokenPromisesEndTheProgram) {
  Shard shard(0, {.binding_count_max = 10, .change_ring_size = 1}, key());
  const Octets duid = duid_of(1);
  const BindingIndex index = insert(shard, duid, 1, address_lease(1));
  EXPECT_DEATH(static_cast<void>(shard.at(10)), "binding_count_max_");
  EXPECT_DEATH(static_cast<void>(shard.insert({duid, 12345}, kIaNa, Iaid{1}, address_lease(2))),
               "hash");
  EXPECT_DEATH(static_cast<void>(insert(shard, duid, 1, address_lease(1))), "is_same");
  EXPECT_DEATH(shard.erase(index + 1), "is_live");
  shard.at(index).claimed = true;
  EXPECT_DEATH(shard.erase(index), "claimed");
  EXPECT_DEATH(shard.keep_in_history(index), "claimed");
  static_cast<void>(shard.emit(index));
  EXPECT_DEATH(static_cast<void>(shard.emit(index)), "change != nullptr");
}

}  // namespace
}  // namespace tandem6
