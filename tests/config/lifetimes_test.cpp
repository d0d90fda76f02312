#include <gtest/gtest.h>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

LifetimeSettings lifetimes_of(const std::string& inside) {
  return good_link("    match: {port: access}\n    lifetimes: {" + inside + "}\n").lifetimes;
}

TEST(Lifetimes, HalfOrTwiceTheOther) {
  EXPECT_EQ(lifetimes_of("valid: 1h").preferred, Lifetime{1800});
  EXPECT_EQ(lifetimes_of("preferred: 1h").valid, Lifetime{7200});
  EXPECT_TRUE(lifetimes_of("valid: infinite").preferred.is_infinite());
  EXPECT_TRUE(lifetimes_of("preferred: infinite").valid.is_infinite());
  EXPECT_EQ(lifetimes_of("valid: 1s").preferred, Lifetime{1});
}

TEST(Lifetimes, T1AndT2) {
  const LifetimeSettings lifetimes = lifetimes_of("preferred: 1h, valid: 1h, t1: 10m, t2: 1h");
  EXPECT_EQ(lifetimes.t1, Lifetime{600});
  EXPECT_EQ(lifetimes.t2, Lifetime{3600});
  EXPECT_TRUE(lifetimes_of("preferred: infinite, t1: infinite, t2: infinite").t1->is_infinite());
}

// RFC 8415 section 21.4: 0 leaves the times to the client.
TEST(Lifetimes, ZeroT1AndT2) {
  const LifetimeSettings lifetimes = lifetimes_of("t1: 0s, t2: 0s");
  EXPECT_EQ(lifetimes.t1, Lifetime{0});
  EXPECT_EQ(lifetimes.t2, Lifetime{0});
}

// S-180: preferred above valid never leaves the server.
TEST(LifetimesFault, PreferredAboveValid) {
  EXPECT_EQ(
      link_faults("    match: {port: access}\n"
                  "    lifetimes: {preferred: 2h, valid: 1h}\n"),
      "4:28: preferred is 2h, but valid is 1h: clients discard a lease whose preferred lifetime is "
      "above the valid one (RFC 8415 section 21.6); write a preferred lifetime of at most 1h");
}

TEST(LifetimesFault, PreferredInfiniteValidNot) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    lifetimes: {preferred: infinite, valid: 2h}\n"),
            "4:28: preferred is infinite, but valid is 2h: clients discard a lease whose preferred "
            "lifetime is above the valid one (RFC 8415 section 21.6); write a preferred lifetime "
            "of at most 2h");
}

TEST(LifetimesFault, Zero) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    lifetimes: {preferred: 0s, valid: 0s}\n"),
            "4:28: links.lifetimes.preferred is \"0s\": a lifetime of 0 means that the lease has "
            "ended; write a duration from 1s on\n"
            "4:39: links.lifetimes.valid is \"0s\": a lifetime of 0 means that the lease has "
            "ended; write a duration from 1s on");
}

// S-181: T1 above T2 never leaves the server.
TEST(LifetimesFault, T1AboveT2) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    lifetimes: {preferred: 1h, valid: 2h, t1: 50m, t2: 40m}\n"),
            "4:47: t1 is 50m, but t2 is 40m: clients discard an IA whose T1 is above its T2 (RFC "
            "8415 section 21.4); make t1 the smaller one, or leave both out");
}

TEST(LifetimesFault, T1AboveTheDefaultOfT2) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    lifetimes: {preferred: 1h, valid: 2h, t1: 50m}\n"),
            "4:47: t1 is 50m, but t2 defaults to 48m: clients discard an IA whose T1 is above its "
            "T2 (RFC 8415 section 21.4); make t1 the smaller one, or leave both out");
}

TEST(LifetimesFault, T2UnderTheDefaultOfT1) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    lifetimes: {preferred: 1h, valid: 2h, t2: 20m}\n"),
            "4:47: t1 defaults to 30m, but t2 is 20m: clients discard an IA whose T1 is above its "
            "T2 (RFC 8415 section 21.4); make t1 the smaller one, or leave both out");
}

TEST(LifetimesFault, T2AbovePreferred) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    lifetimes: {preferred: 1h, valid: 2h, t2: 61m}\n"),
            "4:47: t2 is 61m, but preferred is 1h: an address would stop being preferred before "
            "the client asks to extend it; write a t2 of at most 1h");
}

TEST(LifetimesFault, NoDuration) {
  EXPECT_EQ(link_faults("    match: {port: access}\n"
                        "    lifetimes: {preferred: soon, valid: 4294967295s, t1: 1w}\n"),
            "4:28: links.lifetimes.preferred is \"soon\": a duration is a whole number with its "
            "unit, under 136 years; write 90s, 15m, 12h, 7d or infinite\n"
            "4:41: links.lifetimes.valid is \"4294967295s\": a duration is a whole number with its "
            "unit, under 136 years; write 90s, 15m, 12h, 7d or infinite\n"
            "4:58: links.lifetimes.t1 is \"1w\": a duration is a whole number with its unit, under "
            "136 years; write 90s, 15m, 12h, 7d or infinite");
}

}  // namespace
}  // namespace tandem6
