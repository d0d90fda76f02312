#include <gtest/gtest.h>

#include "tests/config/configuration_text.h"

namespace tandem6 {
namespace {

TEST(YamlFault, UnclosedBracket) {
  EXPECT_EQ(faults_of("server: {\n"),
            "2:1: not YAML: end of map flow not found: the parser cannot go on from here; look for "
            "an unclosed bracket or quote, for tabs, for wrong indentation, and for texts with ':' "
            "or '#' that need quotes");
}

TEST(YamlFault, Tab) {
  EXPECT_EQ(faults_of("\ta: b\n"),
            "1:3: not YAML: illegal map value: the parser cannot go on from here; look for an "
            "unclosed bracket or quote, for tabs, for wrong indentation, and for texts with ':' or "
            "'#' that need quotes");
}

TEST(YamlFault, UnquotedAddressThatEndsInAColon) {
  EXPECT_EQ(faults_of("a: fe80::\n"),
            "1:9: not YAML: illegal map value: the parser cannot go on from here; look for an "
            "unclosed bracket or quote, for tabs, for wrong indentation, and for texts with ':' or "
            "'#' that need quotes");
}

TEST(YamlFault, NoMapping) {
  EXPECT_EQ(faults_of("- a\n"),
            "1:1: the file is a list: it is made of keys with values; write \"key: value\" lines "
            "below it, or {key: value}");
}

TEST(YamlFault, JustText) {
  EXPECT_EQ(faults_of("just text\n"),
            "1:1: the file is \"just text\": it is made of keys with values; write \"key: value\" "
            "lines below it, or {key: value}");
}

TEST(YamlFault, SecondDocument) {
  EXPECT_EQ(
      faults_of(
          "dataplane: {ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]}\n"
          "links: [{name: street, match: {port: access}}]\n"
          "---\n"
          "c: d\n"),
      "4:1: a second YAML document begins here: only the first could have an effect; remove the "
      "\"---\" between them");
}

TEST(YamlFault, UnknownKeyWithTheNearestKnownOne) {
  EXPECT_EQ(server_faults("  prefernce: 1\n"
                          "  log: {levl: info}\n"),
            "2:3: unknown key \"prefernce\" in server: a key that tandem6 does not know would have "
            "no effect; did you mean \"preference\"?\n"
            "3:9: unknown key \"levl\" in server.log: a key that tandem6 does not know would have "
            "no effect; did you mean \"level\"?");
}

TEST(YamlFault, UnknownKeyAtTheTopLevel) {
  EXPECT_EQ(
      faults_of(
          "colour: red\n"
          "dataplane: {ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]}\n"
          "links: [{name: street, match: {port: access}}]\n"),
      "1:1: unknown key \"colour\" at the top level: a key that tandem6 does not know would have "
      "no effect; known here: server, dataplane, storage, failover, links");
}

TEST(YamlFault, UnderscoresForHyphens) {
  EXPECT_EQ(server_faults("  control_socket: /run/t6.sock\n"),
            "2:3: unknown key \"control_socket\" in server: a key that tandem6 does not know would "
            "have no effect; did you mean \"control-socket\"?");
}

// yaml-cpp takes these without a word.
TEST(YamlFault, KeyGivenTwice) {
  EXPECT_EQ(server_faults("  preference: 1\n"
                          "  log: {level: info, level: debug}\n"
                          "  preference: 2\n"),
            "3:22: key \"level\" stands twice in server.log: only one of them could have an "
            "effect; the first is in line 3; keep one of the two\n"
            "4:3: key \"preference\" stands twice in server: only one of them could have an "
            "effect; the first is in line 2; keep one of the two");
}

TEST(YamlFault, SectionGivenTwice) {
  EXPECT_EQ(
      faults_of(
          "dataplane: {ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]}\n"
          "links: [{name: street, match: {port: access}}]\n"
          "storage: {}\n"
          "storage: {}\n"),
      "4:1: key \"storage\" stands twice at the top level: only one of them could have an effect; "
      "the first is in line 3; keep one of the two");
}

TEST(YamlFault, KeyThatIsNoText) {
  EXPECT_EQ(server_faults("  [a]: 1\n"),
            "2:3: a key in server is no text: keys are words of the manual; write a word followed "
            "by a colon");
}

TEST(YamlFault, ValueThatIsNoScalar) {
  EXPECT_EQ(server_faults("  preference: [1]\n"
                          "  duid: {a: b}\n"),
            "2:15: server.preference is a list: it is one octet (RFC 8415 section 21.8); write a "
            "number from 0 to 255\n"
            "3:9: server.duid is a mapping: a DUID has 3 to 130 octets (RFC 8415 section 11.1); "
            "write them in hexadecimal, such as \"00:03:00:01:02:00:00:00:00:01\"");
}

TEST(YamlFault, NoValue) {
  EXPECT_EQ(server_faults("  preference:\n"
                          "  duid:\n"),
            "2:3: server.preference has no value: it is one octet (RFC 8415 section 21.8); write a "
            "number from 0 to 255\n"
            "3:3: server.duid has no value: a DUID has 3 to 130 octets (RFC 8415 section 11.1); "
            "write them in hexadecimal, such as \"00:03:00:01:02:00:00:00:00:01\"");
}

TEST(YamlFault, NoMappingWhereOneBelongs) {
  EXPECT_EQ(server_faults("  log: info\n"),
            "2:8: server.log is \"info\": it is made of keys with values; write \"key: value\" "
            "lines below it, or {key: value}");
}

TEST(YamlFault, ControlCharactersAreNotRepeated) {
  EXPECT_EQ(server_faults("  metrics: \"a\\x1b[2Jb\"\n"),
            "2:12: server.metrics is \"a?[2Jb\": metrics are served at an address and a TCP port; "
            "write \"[::1]:9547\" or \"127.0.0.1:9547\", or remove the key");
}

TEST(YamlFault, NothingRequiredIsThere) {
  EXPECT_EQ(faults_of("server: {}\n"),
            "1:1: dataplane.ports is missing: the server answers where it has a port; add at least "
            "one: {name: access, device: …, addresses: [\"fe80::1\"]}\n"
            "1:1: links is missing: clients get leases by the link they are on; add at least one: "
            "{name: …, match: {port: …}, address-pools: [\"2001:db8:7::/64\"]}");
}

TEST(YamlFault, FaultsComeInTheOrderOfTheFile) {
  EXPECT_EQ(
      faults_of(
          "links: [{name: a, match: {port: north}}]\n"
          "storage: {path: x}\n"
          "dataplane: {ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]}\n"
          "server: {preference: 256}\n"),
      "1:33: no port is called \"north\": the link would never see a message; write the name of a "
      "port under dataplane.ports, such as \"access\"\n"
      "2:17: storage.path is \"x\": leases are kept in this folder, wherever the daemon was "
      "started; write an absolute path, such as /var/lib/tandem6\n"
      "4:22: server.preference is \"256\": it is one octet (RFC 8415 section 21.8); write a number "
      "from 0 to 255");
}

}  // namespace
}  // namespace tandem6
