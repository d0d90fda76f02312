#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Ipv6Address address(const char* text) { return *Ipv6Address::parse(text); }
Ipv6Prefix prefix(const char* text) { return *Ipv6Prefix::parse(text); }

/// The file of the operators' manual, without the partner.
const char* const kManual = R"(
server:
  duid: auto                     # made once, kept in storage
  preference: 0                  # RFC 8415 21.8; not sent when 0
  allocation-key: auto
  control-socket: /run/tandem6/control.sock
  metrics: "[::1]:9547"
  log: {level: info, format: text}         # or json

dataplane:
  eal: ["--no-huge", "--no-pci", "-m", "512"]   # given to DPDK as it stands
  workers: 1
  ports:
    - name: access
      device: "net_af_packet0,iface=t6-access"
      addresses: ["fe80::1", "2001:db8:ffff::1"]

storage:
  path: /var/lib/tandem6
  durability: power              # power | process | none

links:
  - name: olt-7
    match: {link-address: "2001:db8:7::/64"}
    address-pools: ["2001:db8:7::/64"]
    prefix-pools:
      - {prefix: "2001:db8:8000::/36", delegated-length: 56}
    lifetimes: {preferred: 12h, valid: 24h}
    rapid-commit: yes
    options:
      dns-servers: ["2001:db8::53"]
      domain-search: ["example.net"]
      sol-max-rt: 1h
      "64": {name: "aftr.example.net"}
    reservations:
      - {duid: "00:03:00:01:02:00:00:00:00:aa", address: "2001:db8:7::100", prefix: "2001:db8:8000:100::/56"}
)";

TEST(ValidFile, ManualServer) {
  const Configuration configuration = good(kManual);
  EXPECT_TRUE(configuration.server_duid_is_auto);
  EXPECT_TRUE(configuration.allocation_key_is_auto);
  EXPECT_TRUE(configuration.server.server_duid.empty());
  EXPECT_EQ(configuration.server.preference, 0);
  EXPECT_EQ(configuration.control_socket, "/run/tandem6/control.sock");
  EXPECT_EQ(configuration.metrics, "[::1]:9547");
  EXPECT_EQ(configuration.log_level, "info");
  EXPECT_EQ(configuration.log_format, LogFormat::kText);
  EXPECT_EQ(configuration.storage.path, "/var/lib/tandem6");
  EXPECT_EQ(configuration.storage.durability, Durability::kPower);
  EXPECT_THAT(configuration.net.eal_arguments, ElementsAre("--no-huge", "--no-pci", "-m", "512"));
  EXPECT_EQ(configuration.net.worker_count, 1U);
  ASSERT_EQ(configuration.net.ports.size(), 1U);
  const PortSettings& port = configuration.net.ports[0];
  EXPECT_EQ(port.name, "access");
  EXPECT_EQ(port.device, "net_af_packet0,iface=t6-access");
  EXPECT_THAT(port.addresses, ElementsAre(address("fe80::1"), address("2001:db8:ffff::1")));
}

TEST(ValidFile, ManualLink) {
  const Configuration configuration = good(kManual);
  ASSERT_EQ(configuration.server.links.size(), 1U);
  const LinkSettings& link = configuration.server.links[0];
  EXPECT_EQ(link.name, "olt-7");
  ASSERT_EQ(link.matches.size(), 1U);
  EXPECT_EQ(link.matches[0].link_address, prefix("2001:db8:7::/64"));
  EXPECT_FALSE(link.matches[0].port || link.matches[0].interface_id || link.matches[0].relay);
  EXPECT_THAT(link.address_pools, ElementsAre(prefix("2001:db8:7::/64")));
  ASSERT_EQ(link.prefix_pools.size(), 1U);
  EXPECT_EQ(link.prefix_pools[0].prefix, prefix("2001:db8:8000::/36"));
  EXPECT_EQ(link.prefix_pools[0].delegated_length, 56);
  EXPECT_FALSE(link.prefix_pools[0].excluded_length);
  EXPECT_EQ(link.lifetimes.preferred, Lifetime{43200});
  EXPECT_EQ(link.lifetimes.valid, Lifetime{86400});
  EXPECT_FALSE(link.lifetimes.t1 || link.lifetimes.t2);
  EXPECT_TRUE(link.rapid_commit);
  EXPECT_TRUE(link.create_on_renew);
  EXPECT_FALSE(link.client_only);
  ASSERT_EQ(link.reservations.size(), 1U);
  EXPECT_EQ(link.reservations[0].duid, *Duid::parse("00:03:00:01:02:00:00:00:00:aa"));
  EXPECT_FALSE(link.reservations[0].iaid);
  EXPECT_EQ(link.reservations[0].address, address("2001:db8:7::100"));
  EXPECT_EQ(link.reservations[0].prefix, prefix("2001:db8:8000:100::/56"));
}

TEST(ValidFile, ManualOptionsAreSortedByCode) {
  const auto options = good(kManual).server.links.at(0).options;
  ASSERT_EQ(options.size(), 4U);
  EXPECT_EQ(options[0].code, 23);
  EXPECT_EQ(options[1].code, 24);
  EXPECT_EQ(options[2].code, 64);
  EXPECT_EQ(options[3].code, 82);
  EXPECT_THAT(options[3].octets, ElementsAre(0, 82, 0, 4, 0, 0, 0x0e, 0x10));
}

// S-045: the preference is 0 unless the operator sets it.
TEST(ValidFile, DefaultsOfTheShortestFile) {
  const Configuration configuration = good(kOnePort + kOneLink);
  const Configuration untouched;
  EXPECT_TRUE(configuration.server_duid_is_auto);
  EXPECT_TRUE(configuration.allocation_key_is_auto);
  EXPECT_EQ(configuration.server.preference, 0);
  EXPECT_EQ(configuration.server.lease_count_max_per_client, 8U);
  EXPECT_EQ(configuration.server.decline_hold, Lifetime{86400});
  EXPECT_THAT(configuration.server.relays, IsEmpty());
  EXPECT_THAT(configuration.server.relay_supplied_options, ElementsAre(65));
  EXPECT_FALSE(configuration.server.information_refresh_time);
  EXPECT_EQ(configuration.server.domain_suffix, "");
  EXPECT_EQ(configuration.control_socket, untouched.control_socket);
  EXPECT_EQ(configuration.metrics, "");
  EXPECT_EQ(configuration.log_level, "info");
  EXPECT_EQ(configuration.net.worker_count, 1U);
  EXPECT_EQ(configuration.net.idle, IdleMode::kPoll);
  EXPECT_EQ(configuration.net.binding_count_max, 1U << 20);
  EXPECT_EQ(configuration.storage.path, "/var/lib/tandem6");
  const LinkSettings& link = configuration.server.links.at(0);
  EXPECT_EQ(link.lifetimes.preferred, Lifetime{43200});
  EXPECT_EQ(link.lifetimes.valid, Lifetime{86400});
  EXPECT_FALSE(link.rapid_commit);
  EXPECT_TRUE(link.create_on_renew);
  EXPECT_THAT(link.options, IsEmpty());
}

TEST(ValidFile, EveryOtherKeyOfTheServer) {
  const Configuration configuration = good(
      "server:\n"
      "  duid: 00030001020000000001\n"
      "  preference: 255\n"
      "  allocation-key: 000102030405060708090a0b0c0d0eff\n"
      "  control-socket: /tmp/t6.sock\n"
      "  metrics: 127.0.0.1:9547\n"
      "  log: {level: debug, format: json}\n"
      "  relays: [\"2001:db8::1\", \"2001:db8::2\"]\n"
      "  relay-supplied-options: [erp-domain, 200]\n"
      "  information-refresh-time: 10m\n"
      "  lease-limit-per-client: 128\n"
      "  decline-hold: infinite\n"
      "  domain-suffix: example.net\n" +
      kOnePort + kOneLink);
  EXPECT_FALSE(configuration.server_duid_is_auto);
  EXPECT_FALSE(configuration.allocation_key_is_auto);
  EXPECT_EQ(configuration.server.server_duid.to_string(), "00:03:00:01:02:00:00:00:00:01");
  EXPECT_EQ(configuration.server.preference, 255);
  EXPECT_EQ(configuration.server.allocation_key[1], 1);
  EXPECT_EQ(configuration.server.allocation_key[15], 0xff);
  EXPECT_EQ(configuration.control_socket, "/tmp/t6.sock");
  EXPECT_EQ(configuration.metrics, "127.0.0.1:9547");
  EXPECT_EQ(configuration.log_level, "debug");
  EXPECT_EQ(configuration.log_format, LogFormat::kJson);
  EXPECT_THAT(configuration.server.relays,
              ElementsAre(address("2001:db8::1"), address("2001:db8::2")));
  EXPECT_THAT(configuration.server.relay_supplied_options, ElementsAre(65, 200));
  EXPECT_EQ(configuration.server.information_refresh_time, Lifetime{600});
  EXPECT_EQ(configuration.server.lease_count_max_per_client, 128U);
  EXPECT_TRUE(configuration.server.decline_hold.is_infinite());
  EXPECT_EQ(configuration.server.domain_suffix, "example.net");
}

TEST(ValidFile, NoRelaySuppliedOptionsAtAll) {
  EXPECT_THAT(good("server: {relay-supplied-options: []}\n" + kOnePort + kOneLink)
                  .server.relay_supplied_options,
              IsEmpty());
}

TEST(ValidFile, EveryOtherKeyOfDataplaneAndStorage) {
  const Configuration configuration = good(
      "dataplane:\n"
      "  workers: 254\n"
      "  idle: sleep\n"
      "  leases-max: 100000000\n"
      "  ports:\n"
      "    - name: access\n"
      "      device: 0000:01:00.0\n"
      "      addresses: [\"fe80::1\"]\n"
      "      vlans: [0, 1, 4094]\n"
      "      next-hop: \"02:00:00:00:0a:ff\"\n"
      "      kernel-path: tap\n"
      "storage: {path: /tmp/t6, durability: none}\n" +
      kOneLink);
  EXPECT_EQ(configuration.net.worker_count, 254U);
  EXPECT_EQ(configuration.net.idle, IdleMode::kSleep);
  EXPECT_EQ(configuration.net.binding_count_max, 100000000U);
  const PortSettings& port = configuration.net.ports.at(0);
  EXPECT_EQ(port.device, "0000:01:00.0");
  EXPECT_THAT(port.vlans, ElementsAre(0, 1, 4094));
  ASSERT_TRUE(port.next_hop);
  EXPECT_THAT(*port.next_hop, ElementsAre(2, 0, 0, 0, 0x0a, 0xff));
  EXPECT_EQ(port.kernel_path, KernelPathKind::kTap);
  EXPECT_EQ(configuration.storage.path, "/tmp/t6");
  EXPECT_EQ(configuration.storage.durability, Durability::kNone);
}

TEST(ValidFile, EveryKindOfMatch) {
  const LinkSettings link = good_link(
      "    match:\n"
      "      - {link-address: \"2001:db8:7::/64\", relay: \"2001:db8::5\"}\n"
      "      - {interface-id: \"eth 1/2\"}\n"
      "      - {interface-id: 0x00ff}\n"
      "      - {port: access}\n"
      "    client-only: yes\n"
      "    create-on-renew: off\n");
  ASSERT_EQ(link.matches.size(), 4U);
  EXPECT_EQ(link.matches[0].link_address, prefix("2001:db8:7::/64"));
  EXPECT_EQ(link.matches[0].relay, address("2001:db8::5"));
  EXPECT_THAT(*link.matches[1].interface_id, ElementsAre('e', 't', 'h', ' ', '1', '/', '2'));
  EXPECT_THAT(*link.matches[2].interface_id, ElementsAre(0, 0xff));
  EXPECT_EQ(link.matches[3].port, "access");
  EXPECT_TRUE(link.client_only);
  EXPECT_FALSE(link.create_on_renew);
}

TEST(ValidFile, JsonIsASubset) {
  const Configuration configuration =
      good(R"({"dataplane": {"ports": [{"name": "access", "device": "net_null0",)"
           R"( "addresses": ["fe80::1"]}]},)"
           R"( "links": [{"name": "street", "match": {"port": "access"}, "rapid-commit": true}]})");
  EXPECT_EQ(configuration.server.links.at(0).name, "street");
  EXPECT_TRUE(configuration.server.links.at(0).rapid_commit);
}

TEST(ValidFile, EveryWordOfASwitch) {
  for (const char* word : {"yes", "on", "true", "Yes", "TRUE"}) {
    EXPECT_TRUE(
        good_link(std::string("    match: {port: access}\n    rapid-commit: ") + word + '\n')
            .rapid_commit)
        << word;
  }
  for (const char* word : {"no", "off", "false", "No"}) {
    EXPECT_FALSE(
        good_link(std::string("    match: {port: access}\n    create-on-renew: ") + word + '\n')
            .create_on_renew)
        << word;
  }
}

// A section whose lines are all commented out is as good as none.
TEST(ValidFile, EmptySections) {
  EXPECT_EQ(faults_of("server:\nstorage:\n" + kOnePort + kOneLink), "");
  EXPECT_EQ(link_faults("    match: {port: access}\n    options:\n    address-pools:\n"
                        "    prefix-pools: []\n    reservations:\n    lifetimes:\n"),
            "");
}

TEST(ValidFile, AnchorsAndAliases) {
  const Configuration configuration = good(
      "links:\n"
      "  - {name: a, match: {interface-id: a}, options: &common {dns-servers: \"2001:db8::53\"}}\n"
      "  - {name: b, match: {interface-id: b}, options: *common}\n" +
      kOnePort);
  EXPECT_EQ(configuration.server.links.at(1).options.size(), 1U);
}

TEST(LoadConfiguration, ReadsAFile) {
  const std::string path = ::testing::TempDir() + "tandem6_load_configuration_test.yaml";
  std::ofstream(path) << kOnePort << kOneLink;
  const auto result = load_configuration(path);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->server.links.at(0).name, "street");
  std::ofstream(path) << kOnePort << "x: y\n" << kOneLink;
  const auto faulty = load_configuration(path);
  ASSERT_FALSE(faulty);
  EXPECT_EQ(faulty.error().at(0).to_string(),
            path +
                ":2:1: unknown key \"x\" at the top level: a key that tandem6 does not know would "
                "have no effect; known here: server, dataplane, storage, failover, links");
  std::remove(path.c_str());
}

TEST(LoadConfiguration, SaysWhyAFileCannotBeRead) {
  const auto result = load_configuration("/nowhere/tandem6.yaml");
  ASSERT_FALSE(result);
  ASSERT_EQ(result.error().size(), 1U);
  EXPECT_EQ(result.error()[0].to_string(),
            "/nowhere/tandem6.yaml: cannot read the file: No such file or directory; "
            "name a file that this user may read");
  const auto folder = load_configuration("/");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error()[0].to_string(),
            "/: cannot read the file: Is a directory; name a file that this user may read");
}

TEST(ValidFile, ThousandsOfLinks) {
  std::string text = kOnePort + "links:\n";
  constexpr int kCount = 5000;
  for (int i = 0; i < kCount; ++i) {
    char line[256];
    std::snprintf(line, sizeof line,
                  "  - name: olt-%d\n    match: {link-address: \"2001:db8:%x::/64\"}\n"
                  "    address-pools: [\"2001:db8:%x::/64\"]\n"
                  "    prefix-pools: [{prefix: \"2001:db9:%x::/48\"}]\n"
                  "    reservations: [{duid: \"000300%08x\", address: \"2001:db8:%x::9\"}]\n",
                  i, i + 1, i + 1, i + 1, static_cast<unsigned>(i), i + 1);
    text += line;
  }
  EXPECT_EQ(good(text).server.links.size(), static_cast<std::size_t>(kCount));
}

}  // namespace
}  // namespace tandem6
