#include "dataplane/lease/attribute_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tandem6 {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets octets(std::size_t size, std::uint8_t first = 1) {
  Octets result(size);
  for (std::size_t i = 0; i < size; ++i) result[i] = static_cast<std::uint8_t>(first + i * 7);
  return result;
}

Octets copy(std::span<const std::uint8_t> view) { return {view.begin(), view.end()}; }

/// The attributes of a record, as values.
std::array<Octets, 3> read(const AttributeStore& store, AttributeHandle handle,
                           std::size_t tail_size) {
  AttributeStore::Buffer buffer;
  const BindingAttributes attributes = store.read_attributes(handle, tail_size, buffer);
  return {copy(attributes.client_fqdn), copy(attributes.remote_id), copy(attributes.interface_id)};
}

TEST(AttributeStore, KeepsTailsOfEverySize) {
  AttributeStore store(64);
  for (std::size_t size = 1; size <= 115; ++size) {
    const Octets tail = octets(size);
    AttributeHandle handle = store.create(tail);
    ASSERT_NE(handle, kNoAttributes);
    EXPECT_TRUE(store.tail_equals(handle, tail));
    for (std::size_t at = 0; at < size; ++at) {
      Octets other = tail;
      other[at] ^= 1;
      EXPECT_FALSE(store.tail_equals(handle, other)) << "octet " << at << " of " << size;
    }
    Octets back(size);
    store.read_tail(handle, back);
    EXPECT_EQ(back, tail);
    store.free(handle, size);
    EXPECT_EQ(handle, kNoAttributes);
    EXPECT_EQ(store.free_count(), 64U);
  }
}

TEST(AttributeStore, NothingCostsNothing) {
  AttributeStore store(4);
  AttributeHandle handle = store.create({});
  EXPECT_EQ(handle, kNoAttributes);
  EXPECT_TRUE(store.assign(handle, 0, {}));
  EXPECT_EQ(handle, kNoAttributes);
  store.free(handle, 0);
  EXPECT_EQ(store.free_count(), 4U);
}

TEST(AttributeStore, AFullStoreRefusesAndChangesNothing) {
  AttributeStore store(3);
  const Octets tail = octets(10);
  AttributeHandle handle = store.create(tail);
  const Octets small = octets(20);
  ASSERT_TRUE(store.assign(handle, tail.size(),
                           {.client_fqdn = small, .remote_id = {}, .interface_id = {}}));
  const Octets big = octets(255);
  EXPECT_FALSE(
      store.assign(handle, tail.size(), {.client_fqdn = {}, .remote_id = big, .interface_id = {}}));
  EXPECT_EQ(read(store, handle, tail.size()), (std::array<Octets, 3>{small, {}, {}}));
  EXPECT_TRUE(store.tail_equals(handle, tail));
  EXPECT_EQ(store.free_count(), 2U);

  EXPECT_NE(store.create(tail), kNoAttributes);
  EXPECT_NE(store.create(tail), kNoAttributes);
  EXPECT_EQ(store.create(tail), kNoAttributes);
  store.free(handle, tail.size());
  EXPECT_NE(store.create(tail), kNoAttributes) << "freed chunks are taken again";
}

// Whoever names himself at length costs no other client its lease.
TEST(AttributeStore, AttributesNeverTakeTheRoomOfTails) {
  AttributeStore store(6, 4);  // two tails of any length, two chunks for attributes
  const Octets longest = octets(115);
  AttributeHandle first = store.create(longest);
  const Octets name = octets(100);
  const BindingAttributes named{.client_fqdn = name, .remote_id = {}, .interface_id = {}};
  EXPECT_TRUE(store.assign(first, longest.size(), named));
  AttributeHandle none = kNoAttributes;
  EXPECT_FALSE(store.assign(none, 0, named)) << "the last two chunks are not for attributes";
  AttributeHandle second = store.create(longest);
  EXPECT_NE(second, kNoAttributes);
  EXPECT_FALSE(store.assign(second, longest.size(), named));

  store.free(first, longest.size());
  EXPECT_TRUE(store.assign(second, longest.size(), named)) << "what was freed is taken again";
  EXPECT_TRUE(store.assign(second, longest.size(), {}));
  EXPECT_TRUE(store.assign(none, 0, named));
  EXPECT_NE(store.create(longest), kNoAttributes);
}

TEST(AttributeStore, APartThatIsTooLongIsRefused) {
  AttributeStore store(64);
  AttributeHandle handle = kNoAttributes;
  const Octets too_long = octets(kAttributeSizeMax + 1);
  EXPECT_FALSE(
      store.assign(handle, 0, {.client_fqdn = {}, .remote_id = {}, .interface_id = too_long}));
  EXPECT_EQ(handle, kNoAttributes);
  EXPECT_EQ(store.free_count(), 64U);
}

struct Twin {
  AttributeHandle handle = kNoAttributes;
  Octets tail;
  std::array<Octets, 3> parts;
};

// Random records that grow, shrink, come and go, against plain vectors.
TEST(AttributeStore, AgreesWithPlainVectors) {
  std::mt19937 random(20260101);
  AttributeStore store(200);
  std::vector<Twin> twins;
  const auto random_octets = [&](std::size_t size_max) {
    return octets(random() % (size_max + 1), static_cast<std::uint8_t>(random()));
  };
  unsigned refused = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (twins.empty() || random() % 4 == 0) {
      Twin twin{.handle = kNoAttributes, .tail = random_octets(115), .parts = {}};
      twin.handle = store.create(twin.tail);
      if (twin.handle != kNoAttributes || twin.tail.empty()) twins.push_back(twin);
    }
    const std::size_t at = random() % std::max<std::size_t>(twins.size(), 1);
    if (at >= twins.size()) continue;
    Twin& twin = twins[at];
    ASSERT_EQ(read(store, twin.handle, twin.tail.size()), twin.parts) << "step " << step;
    if (!twin.tail.empty()) {
      ASSERT_TRUE(store.tail_equals(twin.handle, twin.tail));
    }
    if (random() % 5 == 0) {
      store.free(twin.handle, twin.tail.size());
      twins.erase(twins.begin() + static_cast<std::ptrdiff_t>(at));
      continue;
    }
    const std::array<Octets, 3> parts = {random_octets(random() % 2 == 0 ? 0 : 255),
                                         random_octets(40), random_octets(255)};
    if (store.assign(twin.handle, twin.tail.size(), {parts[0], parts[1], parts[2]})) {
      twin.parts = parts;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 100U) << "the store was never full";
  for (Twin& twin : twins) store.free(twin.handle, twin.tail.size());
  EXPECT_EQ(store.free_count(), 200U) << "a chunk was lost";
}

}  // namespace
}  // namespace tandem6
