// Faults of every kind, planted, and found; and stores without any, in which nothing is found.
#include "storage/verify.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>

#include "tests/storage/lease_samples.h"
#include "tests/storage/raw_database.h"
#include "tests/storage/temporary_folder.h"

namespace tandem6 {
namespace {

Ipv6Prefix prefix_of(const std::string& text) { return Ipv6Prefix::parse(text).value(); }

/// An ACTIVE binding, clean, of a client with a short DUID.
Change change_of(const std::string& lease, std::uint8_t client = 1) {
  Change change{};
  change.kind = ChangeKind::kPut;
  change.duid = Duid(std::to_array<std::uint8_t>({0, 3, 0, 1, client}));
  change.binding.address = prefix_of(lease).address;
  change.binding.prefix_length = prefix_of(lease).length;
  change.binding.ia_type = change.binding.prefix_length == 128 ? IaType::kNonTemporaryAddress
                                                               : IaType::kPrefixDelegation;
  change.binding.iaid = Iaid{1};
  change.binding.status = BindingStatus::kActive;
  return change;
}

class VerifyTest : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    auto opened = Store::open({.path = path_});
    ASSERT_TRUE(opened.has_value()) << opened.error();
    store_ = std::move(*opened);
  }
  void put(const Change& change) {
    WriteSet set(*store_);
    set.add(change);
    write(set);
  }
  void write(const WriteSet& set) {
    const auto written = store_->write(set, Durability::kProcess);
    ASSERT_TRUE(written.has_value()) << written.error();
  }
  /// Behind the store's back: any value under any key.
  void put_raw(Family family, RecordOctets key, RecordOctets value) {
    store_.reset();
    RawDatabase(path_).put(family, key, value);
    open();
  }
  VerifyResult verified(const VerifyOptions& options = {}) {
    VerifyProgress progress;
    auto result = verify(*store_, options, progress);
    EXPECT_TRUE(result.has_value()) << result.error();
    if (!result.has_value()) return {};
    EXPECT_EQ(progress.lease_count.load(), result->lease_count);
    return std::move(*result);
  }
  /// The texts of the one kind of fault that there is.
  std::vector<std::string> only(const VerifyResult& result, VerifyFault fault) {
    for (std::size_t i = 0; i < kVerifyFaultCount; ++i) {
      if (static_cast<VerifyFault>(i) != fault) {
        EXPECT_EQ(result.fault_counts[i], 0u) << name_of(static_cast<VerifyFault>(i));
      }
    }
    const auto& texts = result.texts[static_cast<std::size_t>(fault)];
    EXPECT_EQ(result.count_of(fault), texts.size());
    EXPECT_EQ(result.is_sound(), texts.empty() || fault == VerifyFault::kInNoPool ||
                                     fault == VerifyFault::kHeldInHalf);
    return texts;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path("leases");
  std::unique_ptr<Store> store_;
};

using Texts = std::vector<std::string>;

TEST_F(VerifyTest, AnEmptyStoreIsSound) {
  const VerifyResult result = verified();
  EXPECT_TRUE(result.is_sound());
  EXPECT_EQ(result.lease_count, 0u);
  EXPECT_EQ(result.server_record_count, 1u) << "that it was made";
}

TEST_F(VerifyTest, NeighboursThatDoNotMeetAreSound) {
  put(change_of("2001:db8::1/128"));
  put(change_of("2001:db8::2/128", 2));
  put(change_of("2001:db8:8000::/56"));
  put(change_of("2001:db8:8000:100::/56", 2));
  // Former clients' bindings beside the holder's.
  Change former = change_of("2001:db8::1/128", 3);
  former.binding.status = BindingStatus::kFree;
  put(former);
  former.duid = Duid(std::to_array<std::uint8_t>({0, 3, 0, 1, 4}));
  former.binding.status = BindingStatus::kFreeBackup;
  put(former);
  Change dirty = change_of("2001:db8::3/128", 5);
  dirty.binding.needs_update = true;
  dirty.dirty_index = DirtyIndex::kAdd;
  put(dirty);
  const VerifyResult result = verified();
  EXPECT_TRUE(result.is_sound());
  EXPECT_EQ(result.lease_count, 7u);
  EXPECT_EQ(result.held_count, 5u);
  EXPECT_EQ(result.dirty_count, 1u);
}

TEST_F(VerifyTest, ADamagedRecord) {
  LeaseSample sample;
  sample.binding = change_of("2001:db8::1/128").binding;
  sample.duid = {0, 3, 0, 1, 7};
  RecordBuffer value = sample.value();
  value[5] ^= 1;
  put_raw(Family::kLease, sample.key(), value);
  put_raw(Family::kLease, from_hex("0102"), value);
  EXPECT_EQ(only(verified(), VerifyFault::kDamagedRecord),
            (Texts{"the record with the key 0102 does not fit its checksum",
                   "2001:db8::1 of client 0003000107 does not fit its checksum"}));
}

TEST_F(VerifyTest, ALeaseThatTwoHold) {
  put(change_of("2001:db8::1/128", 1));
  Change second = change_of("2001:db8::1/128", 2);
  second.binding.status = BindingStatus::kAbandoned;
  put(second);
  const auto texts = only(verified(), VerifyFault::kHeldTwice);
  EXPECT_EQ(texts,
            Texts{"2001:db8::1 is held by two bindings, one of client 0003000102 (ABANDONED)"});
}

TEST_F(VerifyTest, ALeaseThatOneClientHoldsTwice) {
  put(change_of("2001:db8:8000::/56"));
  Change second = change_of("2001:db8:8000::/56");
  second.binding.iaid = Iaid{2};
  put(second);
  EXPECT_EQ(only(verified(), VerifyFault::kHeldTwice).size(), 1u);
}

TEST_F(VerifyTest, PrefixesInsideOfAnother) {
  put(change_of("2001:db8:8000::/48"));
  put(change_of("2001:db8:8000::/56", 2));
  put(change_of("2001:db8:8000:ff00::/56", 3));
  put(change_of("2001:db8:8001::/56", 4));  // behind it
  Change former = change_of("2001:db8:8000:100::/56", 5);
  former.binding.status = BindingStatus::kFree;
  put(former);
  EXPECT_EQ(only(verified(), VerifyFault::kHeldInside),
            (Texts{"prefix 2001:db8:8000::/56 is held inside of 2001:db8:8000::/48",
                   "prefix 2001:db8:8000:ff00::/56 is held inside of 2001:db8:8000::/48"}));
}

TEST_F(VerifyTest, AddressesInsideOfADelegatedPrefix) {
  put(change_of("2001:db8:7fff:ffff:ffff:ffff:ffff:ffff/128"));
  put(change_of("2001:db8:8000::1/128"));
  put(change_of("2001:db8:8000:ff:ffff::/128"));
  put(change_of("2001:db8:8000:100::/128"));
  put(change_of("2001:db8:8000::/56", 2));
  put(change_of("2001:db8:8000:200::/56", 3));
  EXPECT_EQ(only(verified(), VerifyFault::kHeldInside),
            (Texts{"address 2001:db8:8000::1 is held inside of 2001:db8:8000::/56",
                   "address 2001:db8:8000:ff:ffff:: is held inside of 2001:db8:8000::/56"}));
}

TEST_F(VerifyTest, WhatEndsBeforeAnotherBeginsAcrossParts) {
  // Each flush makes a table, and parts are cut where tables begin.
  put(change_of("2001:db8:8000::/40"));
  ASSERT_TRUE(store_->flush().has_value());
  put(change_of("2001:db8:8010::/56", 2));
  ASSERT_TRUE(store_->flush().has_value());
  put(change_of("2001:db8:8020::/56", 3));
  ASSERT_TRUE(store_->flush().has_value());
  put(change_of("2001:db8:9000::/56", 4));
  ASSERT_TRUE(store_->flush().has_value());
  ASSERT_EQ(store_->split_leases(8).size(), 3u);
  EXPECT_EQ(only(verified(), VerifyFault::kHeldInside).size(), 2u);
}

TEST_F(VerifyTest, TheDirtyIndexBothWays) {
  Change unknown = change_of("2001:db8::1/128");
  unknown.binding.needs_update = true;
  unknown.dirty_index = DirtyIndex::kKeep;
  put(unknown);
  EXPECT_EQ(only(verified(), VerifyFault::kMissingInDirty),
            Texts{"2001:db8::1 of client 0003000101 needs an update, and the index of updates to "
                  "send has it not"});
  unknown.dirty_index = DirtyIndex::kAdd;
  put(unknown);
  EXPECT_TRUE(verified().is_sound());

  Change clean = change_of("2001:db8::2/128");
  clean.dirty_index = DirtyIndex::kAdd;
  put(clean);
  Change gone = change_of("2001:db8::f/128");
  gone.kind = ChangeKind::kErase;
  gone.dirty_index = DirtyIndex::kAdd;
  put(gone);
  gone.binding.address = prefix_of("2001:db8::/128").address;
  put(gone);
  const VerifyResult result = verified();
  EXPECT_EQ(only(result, VerifyFault::kNeedlesslyInDirty),
            (Texts{"2001:db8:: of client 0003000101 is in the index of updates to send, and there "
                   "is no such record",
                   "2001:db8::2 of client 0003000101 is in the index of updates to send, and needs "
                   "none",
                   "2001:db8::f of client 0003000101 is in the index of updates to send, and there "
                   "is no such record"}));
  EXPECT_EQ(result.dirty_count, 4u);
}

TEST_F(VerifyTest, SetAsideRecordsAreCountedByFaultAndHarmNobody) {
  LeaseSample sample;
  sample.binding = change_of("2001:db8::1/128").binding;
  WriteSet set(*store_);
  for (std::uint8_t client = 0; client < 5; ++client) {
    sample.duid = {0, 3, 0, 1, client};
    set.set_aside(sample.key(), sample.value(),
                  client < 2 ? RecordFault::kConflict : RecordFault::kChecksum);
  }
  write(set);
  put_raw(Family::kSetAside, from_hex("0a"), from_hex("99"));
  const VerifyResult result = verified();
  EXPECT_TRUE(result.is_sound());
  EXPECT_EQ(result.set_aside_counts[static_cast<std::size_t>(RecordFault::kConflict)], 2u);
  EXPECT_EQ(result.set_aside_counts[static_cast<std::size_t>(RecordFault::kChecksum)], 3u);
  EXPECT_EQ(result.set_aside_counts[0], 1u);
  EXPECT_EQ(result.set_aside_count(), 6u);
}

TEST_F(VerifyTest, IdentityAndEndpoints) {
  WriteSet set(*store_);
  set.put_server("server-duid", from_hex("00030001020000000001"));
  set.put_endpoint("west", EndpointRecord());
  write(set);
  EXPECT_TRUE(verified().is_sound());
  EXPECT_EQ(verified().server_record_count, 3u);
  const auto octets_of = [](std::string_view text) {
    return RecordBuffer(text.begin(), text.end());
  };
  put_raw(Family::kServer, octets_of("server-duid"), from_hex("0003000102000000000200000000"));
  put_raw(Family::kServer, octets_of("endpoint/east"), from_hex("01"));
  const auto texts = only(verified(), VerifyFault::kServerRecord);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_NE(texts[0].find("east"), std::string::npos) << texts[0];
  EXPECT_NE(texts[1].find("server-duid"), std::string::npos) << texts[1];
}

/// what a client has is in nobody's half.
TEST_F(VerifyTest, HeldPrefixesHaveLeftTheirHalf_R_03) {
  const auto move = [&](const char* block, Half half) {
    WriteSet set(*store_);
    set.move_block(prefix_of(block), half);
    write(set);
  };
  move("2001:db8:8000::/40", Half::kFreeBackup);
  move("2001:db8:8010::/44", Half::kFree);
  move("2001:db8:8018::/45", Half::kFreeBackup);
  put(change_of("2001:db8:7fff::/56"));
  put(change_of("2001:db8:8010::/56"));
  put(change_of("2001:db8:8018::/56"));
  Change leaving = change_of("2001:db8:8018:100::/56");
  leaving.binding.half_left = true;
  put(leaving);
  put(change_of("2001:db8:8020::/56"));
  put(change_of("2001:db8:8100::/56"));
  Change former = change_of("2001:db8:8030::/56");
  former.binding.status = BindingStatus::kFreeBackup;
  put(former);
  EXPECT_EQ(verified().block_count, 4u);
  EXPECT_EQ(only(verified(), VerifyFault::kHeldInHalf),
            (Texts{"prefix 2001:db8:8018::/56 is held, and is the secondary's free one as well",
                   "prefix 2001:db8:8020::/56 is held, and is the secondary's free one as well"}));
}

TEST_F(VerifyTest, RecordsOfBlocksThatCannotBeRead) {
  put_raw(Family::kDelegable, from_hex("20010db8"), from_hex("01"));
  EXPECT_EQ(only(verified(), VerifyFault::kBlockRecord),
            (Texts{"the record with the key 20010db8 is cut short or has octets too many"}));
}

TEST_F(VerifyTest, PlacesInPoolsAndReservations) {
  for (const char* lease : {"2001:db8:7::1/128", "2001:db8:7::77/128", "2001:db8:6::9/128",
                            "2001:db8:6::a/128", "2001:db8:8000::/56", "2001:db8:8000:100::/60"}) {
    put(change_of(lease));
  }
  Change former = change_of("2001:db8:6::b/128");
  former.binding.status = BindingStatus::kFree;
  put(former);
  constexpr auto kAddress = IaType::kNonTemporaryAddress;
  VerifyOptions options;
  options.ranges =
      LeaseRanges{.pools = {{kAddress, prefix_of("2001:db8:7::/64"), 128},
                            {IaType::kPrefixDelegation, prefix_of("2001:db8:8000::/36"), 56}},
                  // One inside of a pool and one outside.
                  .reservations = {{kAddress, prefix_of("2001:db8:7::77/128"), 128},
                                   {kAddress, prefix_of("2001:db8:6::a/128"), 128}}};
  EXPECT_EQ(only(verified(options), VerifyFault::kInNoPool),
            (Texts{"2001:db8:6::9 lies in no pool and is nobody's reservation",
                   "2001:db8:8000:100::/60 lies in no pool and is nobody's reservation"}));
  put(Change(change_of("2001:db8:6::9/128")));
  options.ranges->pools.push_back({kAddress, prefix_of("2001:db8:6::/48"), 128});
  options.ranges->pools.push_back({kAddress, prefix_of("2001:db8:7::/120"), 128});
  options.ranges->pools.push_back(
      {IaType::kPrefixDelegation, prefix_of("2001:db8:8000:100::/56"), 60});
  EXPECT_EQ(only(verified(options), VerifyFault::kInTwoPools),
            (Texts{"2001:db8:7::1 lies in 2 pools", "2001:db8:7::77 lies in 2 pools"}));
  EXPECT_TRUE(verified().is_sound()) << "without pools, places are not checked";
}

TEST_F(VerifyTest, TextsAreFewAndCountsAreWhole) {
  WriteSet set(*store_);
  for (unsigned client = 0; client < 200; ++client) {
    Change change = change_of("2001:db8::1/128", static_cast<std::uint8_t>(client));
    set.add(change);
  }
  write(set);
  const VerifyResult result = verified({.ranges = std::nullopt, .text_count_max = 3});
  EXPECT_EQ(result.count_of(VerifyFault::kHeldTwice), 199u);
  EXPECT_EQ(result.texts[static_cast<std::size_t>(VerifyFault::kHeldTwice)].size(), 3u);
}

TEST_F(VerifyTest, DamagedPlacesOfTheDiskAreCounted) {
  for (unsigned i = 0; i < 4000; ++i) {
    Change change = change_of("2001:db8::/128");
    change.binding.address.octets[14] = static_cast<std::uint8_t>(i / 256);
    change.binding.address.octets[15] = static_cast<std::uint8_t>(i % 256);
    put(change);
  }
  ASSERT_TRUE(store_->flush().has_value());
  store_.reset();
  for (const auto& file : std::filesystem::directory_iterator(path_)) {
    if (file.path().extension() != ".sst" || file.file_size() < 20'000) continue;
    std::fstream table(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    table.seekp(15'000);
    table.write("damaged!", 8);
  }
  open();
  const VerifyResult result = verified();
  EXPECT_EQ(result.damaged_gap_count, 1u);
  EXPECT_FALSE(result.is_sound());
  EXPECT_GT(result.lease_count, 3000u);
  EXPECT_LT(result.lease_count, 4000u);
}

TEST_F(VerifyTest, CanBeCancelled) {
  put(change_of("2001:db8::1/128"));
  VerifyProgress progress;
  progress.is_cancelled = true;
  const auto result = verify(*store_, {}, progress);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), "cancelled");
}

TEST_F(VerifyTest, ACheckpointIsCheckedReadOnly) {
  put(change_of("2001:db8::1/128"));
  const std::string copy = folder_.path("copy");
  ASSERT_TRUE(store_->checkpoint(copy).has_value());
  put(change_of("2001:db8::1/128", 2));
  const auto opened = Store::open({.path = copy, .read_only = true});
  ASSERT_TRUE(opened.has_value()) << opened.error();
  VerifyProgress progress;
  const auto result = verify(**opened, {}, progress);
  ASSERT_TRUE(result.has_value()) << result.error();
  EXPECT_TRUE(result->is_sound());
  EXPECT_EQ(result->lease_count, 1u);
  EXPECT_EQ(only(verified(), VerifyFault::kHeldTwice).size(), 1u);
}

// --- Against a dumb twin: random stores, every pair of records compared.

struct Counts {
  std::uint64_t held_twice = 0;
  std::uint64_t held_inside = 0;
  std::uint64_t missing = 0;
  std::uint64_t needless = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Counts& counts) {
    return out << counts.held_twice << " twice, " << counts.held_inside << " inside, "
               << counts.missing << " missing, " << counts.needless << " needless";
  }
};

using Name = std::tuple<IaType, Ipv6Prefix, std::uint8_t>;  // of a binding; the last: its client

struct Twin {
  std::map<Name, Binding> bindings;
  std::set<Name> dirty;

  [[nodiscard]] Counts count() const {
    Counts counts;
    std::map<std::pair<IaType, Ipv6Prefix>, unsigned> holders;
    for (const auto& [name, binding] : bindings) {
      if (binding.status == BindingStatus::kActive) {
        ++holders[{binding.ia_type, binding.lease()}];
      }
      counts.missing += binding.needs_update && !dirty.contains(name) ? 1 : 0;
    }
    for (const Name& name : dirty) {
      const auto found = bindings.find(name);
      counts.needless += found == bindings.end() || !found->second.needs_update ? 1 : 0;
    }
    for (const auto& [lease, count] : holders) {
      counts.held_twice += count - 1;
      const auto is_around = [&](const auto& other) {
        return other.first != lease && other.first.first == IaType::kPrefixDelegation &&
               other.first.second.contains(lease.second);
      };
      if (std::ranges::none_of(holders, is_around)) continue;
      // Each record of an address, each prefix once.
      counts.held_inside += lease.first == IaType::kPrefixDelegation ? 1 : count;
    }
    return counts;
  }
};

Change random_change(std::mt19937& random) {
  const auto draw = [&](std::uint32_t end) { return static_cast<std::uint32_t>(random() % end); };
  Change change = change_of("2001:db8::/128", static_cast<std::uint8_t>(draw(3)));
  change.kind = draw(4) == 0 ? ChangeKind::kErase : ChangeKind::kPut;
  change.dirty_index = static_cast<DirtyIndex>(draw(3));
  Binding& binding = change.binding;
  if (draw(2) != 0) {
    binding.ia_type = IaType::kPrefixDelegation;
    binding.prefix_length = static_cast<std::uint8_t>(121 + draw(8));
  }
  binding.address.octets[15] = static_cast<std::uint8_t>(draw(256));
  binding.address = binding.lease().masked().address;
  binding.status = draw(2) != 0 ? BindingStatus::kActive : BindingStatus::kFree;
  binding.needs_update = draw(2) != 0;
  return change;
}

TEST_F(VerifyTest, FindsWhatADumbTwinFinds) {
  std::mt19937 random(20260115);
  for (int round = 0; round < 60; ++round) {
    store_.reset();
    std::filesystem::remove_all(path_);
    open();
    Twin twin;
    const bool in_one_part = round % 2 == 0;
    const auto change_count = 1 + random() % 80;
    for (unsigned i = 0; i < change_count; ++i) {
      const Change change = random_change(random);
      put(change);
      const Name name{change.binding.ia_type, change.binding.lease(), change.duid.bytes()[4]};
      twin.bindings.erase(name);
      if (change.kind == ChangeKind::kPut) twin.bindings[name] = change.binding;
      if (change.dirty_index == DirtyIndex::kAdd) twin.dirty.insert(name);
      if (change.dirty_index == DirtyIndex::kRemove) twin.dirty.erase(name);
      if (!in_one_part && random() % 8 == 0) {
        ASSERT_TRUE(store_->flush().has_value());
      }
    }
    const VerifyResult result = verified();
    Counts found{.held_twice = result.count_of(VerifyFault::kHeldTwice),
                 .held_inside = result.count_of(VerifyFault::kHeldInside),
                 .missing = result.count_of(VerifyFault::kMissingInDirty),
                 .needless = result.count_of(VerifyFault::kNeedlesslyInDirty)};
    Counts expected = twin.count();
    EXPECT_EQ(result.lease_count, twin.bindings.size());
    if (!in_one_part) {  // where parts meet, once at least
      EXPECT_EQ(found.held_inside == 0, expected.held_inside == 0) << "round " << round;
      found.held_inside = expected.held_inside = 0;
    }
    EXPECT_EQ(found, expected) << "round " << round;
  }
}

}  // namespace
}  // namespace tandem6
