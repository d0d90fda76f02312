#include "dataplane/wire/client_fqdn.h"

#include <gtest/gtest.h>

#include "tests/wire/parsed.h"

namespace tandem6 {
namespace {

constexpr std::uint8_t kS = ClientFqdn::kServerUpdates;
constexpr std::uint8_t kO = ClientFqdn::kOverridden;
constexpr std::uint8_t kN = ClientFqdn::kNoServerUpdates;

const DnsUpdatePolicy kPolicies[] = {DnsUpdatePolicy::kNever, DnsUpdatePolicy::kAsAsked,
                                     DnsUpdatePolicy::kServerAlways};

std::uint8_t flags_for(std::uint8_t client_flags, DnsUpdatePolicy policy) {
  const Octets value = {client_flags};
  return fqdn_answer_flags(read_client_fqdn(value).value(), policy);
}

TEST(ClientFqdnFlags, FollowThePolicy) {  // S-245
  EXPECT_EQ(flags_for(0, DnsUpdatePolicy::kNever), kN);
  EXPECT_EQ(flags_for(kS, DnsUpdatePolicy::kNever), kN | kO);
  EXPECT_EQ(flags_for(kN, DnsUpdatePolicy::kNever), kN);
  EXPECT_EQ(flags_for(0, DnsUpdatePolicy::kAsAsked), 0);
  EXPECT_EQ(flags_for(kS, DnsUpdatePolicy::kAsAsked), kS);
  EXPECT_EQ(flags_for(kN, DnsUpdatePolicy::kAsAsked), kN);
  EXPECT_EQ(flags_for(0, DnsUpdatePolicy::kServerAlways), kS | kO);
  EXPECT_EQ(flags_for(kS, DnsUpdatePolicy::kServerAlways), kS);
  EXPECT_EQ(flags_for(kN, DnsUpdatePolicy::kServerAlways), kS | kO);
}

TEST(ClientFqdnFlags, HoldTheRulesForEveryOctet) {  // S-245, S-246
  for (unsigned client = 0; client < 256; ++client) {
    const Octets value = {static_cast<std::uint8_t>(client)};
    const auto fqdn = read_client_fqdn(value);
    EXPECT_EQ(fqdn.has_value(), (client & (kS | kN)) != (kS | kN)) << client;
    if (!fqdn) continue;
    for (const DnsUpdatePolicy policy : kPolicies) {
      const unsigned answer = fqdn_answer_flags(*fqdn, policy);
      EXPECT_EQ((answer & kO) != 0, (answer & kS) != (client & kS));
      EXPECT_TRUE((answer & kN) == 0 || (answer & kS) == 0);
      EXPECT_EQ(answer & ~(kS | kO | kN), 0U);
      // Reserved bits and O of the client change nothing.
      EXPECT_EQ(answer, flags_for(static_cast<std::uint8_t>(client & (kS | kN)), policy));
    }
  }
}

TEST(ClientFqdnName, MalformedIsNothing) {  // S-252
  EXPECT_FALSE(read_client_fqdn({}));
  EXPECT_FALSE(read_client_fqdn(Octets{0, 0}));
  EXPECT_FALSE(read_client_fqdn(Octets{0, 0xc0, 1}));
  EXPECT_FALSE(read_client_fqdn(Octets{0, 2, 'a'}));
}

TEST(ClientFqdnName, IsCompleted) {  // S-247
  const DomainName suffix = DomainName::parse("example.net").value();
  const Octets zone = octets_of(suffix.wire());
  const auto answer_to = [&](const Octets& name, const DomainName& zone_name, const Octets& host) {
    const Octets value = Octets{kS} + name;
    const auto answer = build_fqdn_answer(read_client_fqdn(value).value(), DnsUpdatePolicy::kNever,
                                          zone_name, host);
    return octets_of(answer.value().bytes());
  };
  const Octets flags = {kN | kO};
  const Octets full = {1, 'h', 1, 'z', 0};
  const Octets partial = {1, 'h'};
  const Octets host = {2, 'h', '7'};
  EXPECT_EQ(answer_to(full, suffix, {}), flags + full);
  EXPECT_EQ(answer_to(partial, suffix, {}), flags + partial + zone);
  EXPECT_EQ(answer_to(partial, {}, {}), flags + partial);
  EXPECT_EQ(answer_to({}, suffix, {}), flags);
  EXPECT_EQ(answer_to({}, suffix, host), flags + host + zone);
  EXPECT_EQ(answer_to(partial, suffix, host), flags + partial + zone);
}

TEST(ClientFqdnName, TooLongWhenCompletedIsNoAnswer) {
  const DomainName suffix = DomainName::parse("net").value();  // five octets
  Octets name;
  for (const std::size_t size : {63U, 63U, 63U, 57U}) {
    name.push_back(static_cast<std::uint8_t>(size));
    name.insert(name.end(), size, 'a');
  }
  ASSERT_EQ(name.size(), 250U);
  const auto answer_to = [&](const Octets& partial) {
    const Octets value = Octets{0} + partial;
    return build_fqdn_answer(read_client_fqdn(value).value(), DnsUpdatePolicy::kNever, suffix);
  };
  ASSERT_TRUE(answer_to(name));
  EXPECT_EQ(answer_to(name)->bytes().size(), 256U);
  ++name[192];
  name.push_back('a');
  EXPECT_FALSE(answer_to(name));
}

}  // namespace
}  // namespace tandem6
