#include "dataplane/lease/binding.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace tandem6 {
namespace {

// F-036: the values of OPTION_F_BINDING_STATUS (RFC 8156 section 5.5.1).
static_assert(static_cast<int>(BindingStatus::kActive) == 1);
static_assert(static_cast<int>(BindingStatus::kExpired) == 2);
static_assert(static_cast<int>(BindingStatus::kReleased) == 3);
static_assert(static_cast<int>(BindingStatus::kPendingFree) == 4);
static_assert(static_cast<int>(BindingStatus::kFree) == 5);
static_assert(static_cast<int>(BindingStatus::kFreeBackup) == 6);
static_assert(static_cast<int>(BindingStatus::kAbandoned) == 7);
static_assert(static_cast<int>(BindingStatus::kReset) == 8);

TEST(Binding, F036EveryStatusHasItsName) {
  const std::string expected[] = {"ACTIVE", "EXPIRED",     "RELEASED",  "PENDING-FREE",
                                  "FREE",   "FREE-BACKUP", "ABANDONED", "RESET"};
  for (int value = 1; value <= 8; ++value) {
    EXPECT_EQ(name_of(static_cast<BindingStatus>(value)), expected[value - 1]);
  }
  EXPECT_STREQ(name_of(static_cast<BindingStatus>(0)), "UNKNOWN");
  EXPECT_STREQ(name_of(static_cast<BindingStatus>(9)), "UNKNOWN");
}

// A binding is copied to the committer and the slab as octets.
static_assert(std::is_trivially_copyable_v<Binding>);
static_assert(sizeof(Binding) == 96);

// F-194: the seven times of RFC 8156 section 7.3 are kept apart from one another, and so is the
// greatest acknowledged partner-lifetime.
TEST(Binding, F194EveryTimeHasItsOwnPlace) {
  PackedTime Binding::* const times[] = {
      &Binding::expiration_time,       &Binding::acked_partner_lifetime,
      &Binding::partner_lifetime,      &Binding::client_last_transaction_time,
      &Binding::partner_raw_clt_time,  &Binding::start_time_of_state,
      &Binding::state_expiration_time, &Binding::acked_partner_lifetime_max};
  Binding binding;
  for (const auto time : times) EXPECT_TRUE(WallTime(binding.*time).is_none());
  std::int64_t seconds = 1000;
  for (const auto time : times) binding.*time = WallTime{seconds++};
  seconds = 1000;
  for (const auto time : times) EXPECT_EQ(WallTime(binding.*time).seconds, seconds++);
}

TEST(Binding, TheLowBitIsTheHalf) {
  Ipv6Address address;
  address.octets[15] = 0x11;
  EXPECT_EQ(half_of(address), Half::kFree);
  address.octets[15] = 0x10;
  EXPECT_EQ(half_of(address), Half::kFreeBackup);
}

TEST(Binding, ANewOneClaimsNothing) {
  const Binding binding;
  EXPECT_FALSE(binding.claimed);
  EXPECT_FALSE(binding.needs_update);
  EXPECT_EQ(binding.pool, kNoPool);
  EXPECT_EQ(binding.list_next, kNoBinding);
}

}  // namespace
}  // namespace tandem6
