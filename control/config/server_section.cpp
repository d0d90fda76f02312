#include "control/config/server_section.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

#include "control/config/scalars.h"
#include "dataplane/wire/domain_name.h"

namespace tandem6 {
namespace {

constexpr std::uint16_t kErpDomain = 65;  // the one that RFC 6422 itself enables

bool is_auto(const std::optional<Field>& field) {
  return field->node.IsScalar() && field->node.Scalar() == "auto";
}

void read_identity(const Section& section, Configuration& configuration, Faults& faults) {
  const auto& duid = section.find("duid");
  if (duid && !is_auto(duid)) {
    if (const auto value = read_duid(duid, faults)) {
      configuration.server.server_duid = *value;
      configuration.server_duid_is_auto = false;
    }
  }
  const auto& key = section.find("allocation-key");
  if (!key || is_auto(key)) return;
  constexpr Rule kRule{"the key is 128 bits, the same on servers that shall give the same leases",
                       "write auto, or 32 hexadecimal digits (openssl rand -hex 16)"};
  const auto text = read_text(key, kRule, faults);
  if (!text) return;
  const auto octets = parse_hex(*text);
  auto& target = configuration.server.allocation_key;
  if (!octets || octets->size() != target.size()) {
    // The key is a secret: it is not repeated in a message that may end in a log.
    faults.add(key->position, "server.allocation-key is not 32 hexadecimal digits", kRule);
    return;
  }
  std::ranges::copy(*octets, target.begin());
  configuration.allocation_key_is_auto = false;
}

void read_control_socket(const Section& section, std::string& target, Faults& faults) {
  constexpr std::size_t kSocketPathSizeMax = 107;  // sun_path without its NUL
  constexpr Rule kRule{"it is the path of a UNIX socket, which has room for 107 octets",
                       "write a short absolute path, such as /run/tandem6/control.sock"};
  const auto& field = section.find("control-socket");
  const auto path = read_text(field, kRule, faults);
  if (!path) return;
  if (path->front() != '/' || path->size() > kSocketPathSizeMax) {
    faults.add(field->position, what_is(*field), kRule);
    return;
  }
  target = *path;
}

bool is_endpoint(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return false;
  const auto port = parse_number(text.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535) return false;
  const std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return Ipv6Address::parse(host.substr(1, host.size() - 2)).has_value();
  }
  in_addr ipv4{};
  return inet_pton(AF_INET, host.c_str(), &ipv4) == 1;
}

void read_metrics(const Section& section, std::string& target, Faults& faults) {
  constexpr Rule kRule{"metrics are served at an address and a TCP port",
                       "write \"[::1]:9547\" or \"127.0.0.1:9547\", or remove the key"};
  const auto& field = section.find("metrics");
  const auto text = read_text(field, kRule, faults);
  if (!text) return;
  if (!is_endpoint(*text)) {
    faults.add(field->position, what_is(*field), kRule);
    return;
  }
  target = *text;
}

void read_log(const Section& server, Configuration& configuration, Faults& faults) {
  const Section log(server.find("log"), server.position(), {"level", "format"}, faults);
  const auto level =
      read_choice<std::string_view>(log.find("level"),
                                    {{"trace", "trace"},
                                     {"debug", "debug"},
                                     {"info", "info"},
                                     {"warning", "warning"},
                                     {"error", "error"},
                                     {"critical", "critical"},
                                     {"off", "off"}},
                                    "it is the least severity that is logged", faults);
  if (level) configuration.log_level = *level;
  const auto format = read_choice<LogFormat>(
      log.find("format"), {{"text", LogFormat::kText}, {"json", LogFormat::kJson}},
      "logs are for people or for programs", faults);
  if (format) configuration.log_format = *format;
}

void read_relays(const Section& section, std::vector<Ipv6Address>& relays, Faults& faults) {
  constexpr Rule kRule{"it is a list of the relays that are served, and no others",
                       "write [\"2001:db8::1\", …], or remove the key to serve all"};
  for (const Field& element : read_list(section.find("relays"), kRule, faults)) {
    const auto address = read_unicast_address(element, faults);
    if (!address) continue;
    if (std::ranges::find(relays, *address) != relays.end()) {
      faults.add(element.position, "relay " + address->to_string() + " stands twice",
                 "once is enough", "keep one of the two");
      continue;
    }
    relays.push_back(*address);
  }
}

void read_policies(const Section& section, ServerSettings& server, Faults& faults) {
  const auto preference = read_number(
      section.find("preference"), 0, 255,
      {"it is one octet (RFC 8415 section 21.8)", "write a number from 0 to 255"}, faults);
  if (preference) server.preference = static_cast<std::uint8_t>(*preference);
  const auto count = read_number(
      section.find("lease-limit-per-client"), 1, 128,
      {"one message has room for 128 identity associations", "write a number from 1 to 128"},
      faults);
  if (count) server.lease_count_max_per_client = static_cast<unsigned>(*count);
  const auto hold = read_duration(section.find("decline-hold"), Lifetime{1}, kInfiniteLifetime,
                                  {"another host uses a declined address (RFC 8415 section 18.3.8)",
                                   "write for how long it is kept from all clients, such as 24h"},
                                  faults);
  if (hold) server.decline_hold = *hold;
  server.information_refresh_time = read_duration(
      section.find("information-refresh-time"), Lifetime{600}, kInfiniteLifetime,
      {"clients take 600 seconds or more only (RFC 8415 section 21.23)", "write 10m or more"},
      faults);
}

void read_domain_suffix(const Section& section, std::string& target, Faults& faults) {
  constexpr Rule kRule{"it completes partial names of clients (RFC 4704 section 4.2)",
                       "write a domain name, such as \"example.net\""};
  const auto& field = section.find("domain-suffix");
  const auto text = read_text(field, kRule, faults);
  if (!text) return;
  if (!DomainName::parse(*text)) {
    faults.add(field->position, what_is(*field), kRule);
    return;
  }
  target = *text;
}

}  // namespace

OptionSet read_server_section(const std::optional<Field>& field, Configuration& configuration,
                              Faults& faults) {
  const Section section(
      field, {},
      {"duid", "preference", "allocation-key", "control-socket", "metrics", "log", "options",
       "send-always", "relays", "relay-supplied-options", "information-refresh-time",
       "lease-limit-per-client", "decline-hold", "domain-suffix"},
      faults);
  ServerSettings& server = configuration.server;
  read_identity(section, configuration, faults);
  read_control_socket(section, configuration.control_socket, faults);
  read_metrics(section, configuration.metrics, faults);
  read_log(section, configuration, faults);
  read_relays(section, server.relays, faults);
  read_policies(section, server, faults);
  read_domain_suffix(section, server.domain_suffix, faults);

  const auto& supplied = section.find("relay-supplied-options");
  if (!supplied) server.relay_supplied_options = {kErpDomain};
  for (const PlacedCode& code : read_option_codes(supplied, faults)) {
    server.relay_supplied_options.push_back(code.code);
  }
  OptionSet options = read_options(section.find("options"), section.find("send-always"), faults);
  server.options = merge_options({}, options, section.position(), faults);
  return options;
}

}  // namespace tandem6
