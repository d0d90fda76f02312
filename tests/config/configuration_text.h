// Pieces of configuration files for tests, and what the reader says of them.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "control/config/configuration.h"

namespace tandem6 {

/// One line each, so that a test's own lines may stand before them.
inline const std::string kOnePort =
    "dataplane: {ports: [{name: access, device: net_null0, addresses: [\"fe80::1\"]}]}\n";
inline const std::string kOneLink = "links: [{name: street, match: {port: access}}]\n";

/// All faults, a line each, without the file's name; empty for a good file.
inline std::string faults_of(const std::string& text) {
  const auto result = parse_configuration(text, "f");
  if (result) return "";
  std::string faults;
  for (const ConfigurationError& error : result.error()) {
    const std::string line = error.to_string();
    EXPECT_EQ(line.substr(0, 2), "f:");
    if (!faults.empty()) faults += '\n';
    faults += line.substr(2);
  }
  EXPECT_FALSE(faults.empty());
  return faults;
}

/// The faults of a section `server` with these lines, whose first is line 2 of the file.
inline std::string server_faults(const std::string& lines) {
  return faults_of("server:\n" + lines + kOnePort + kOneLink);
}

/// The faults of a link with these lines; the first is line 3 of the file.
inline std::string link_faults(const std::string& lines) {
  return faults_of("links:\n  - name: street\n" + lines + kOnePort);
}

/// The faults of links with these lines; the first is line 2 of the file.
inline std::string links_faults(const std::string& lines) {
  return faults_of("links:\n" + lines + kOnePort);
}

/// The faults of a `dataplane` with these lines; the first is line 1 of the file.
inline std::string port_faults(const std::string& lines) { return faults_of(lines + kOneLink); }

/// A relationship's keys, of the fewest that will do, for one line in braces; the name is west.
inline const std::string kWest =
    "name: west, role: primary, local: \"2001:db8::1\", partner: \"2001:db8::2\", insecure: yes";

/// The faults of `failover` with these lines, whose first is line 2 of the file; the one link is of
/// the relationship west.
inline std::string failover_faults(const std::string& lines) {
  return faults_of("failover:\n" + lines + kOnePort +
                   "links: [{name: street, match: {port: access}, relationship: west}]\n");
}

/// The faults of the relationship west with these keys more, in line 3 of the file.
inline std::string west_faults(const std::string& keys) {
  return failover_faults("  - {" + kWest + ",\n" + keys + "}\n");
}

/// A good file's values; ends the test with the faults when it is not good.
inline Configuration good(const std::string& text) {
  auto result = parse_configuration(text, "f");
  if (result) return *std::move(result);
  ADD_FAILURE() << faults_of(text);
  return {};
}

/// A good file with a link of these lines.
inline LinkSettings good_link(const std::string& lines) {
  auto links = good("links:\n  - name: street\n" + lines + kOnePort).server.links;
  return links.empty() ? LinkSettings{} : links.front();
}

}  // namespace tandem6
