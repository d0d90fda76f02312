#include "control/config/failover_section.h"

#include <algorithm>
#include <map>

#include "control/config/duration.h"
#include "control/config/partner_address.h"
#include "control/config/scalars.h"
#include "dataplane/lease/lead_time.h"
#include "dataplane/server/relationships.h"

namespace tandem6 {
namespace {

constexpr Rule kFailoverRule{
    "it is the list of the relationships with partners",
    "write a list of {name: …, role: …, local: …, partner: …, tls: {…}}, or remove the section to "
    "run alone"};
constexpr Lifetime kWaitMax{86400};  // nobody wants to wait longer for what a server does by itself

void read_role(const Section& section, EndpointSettings& endpoint, Faults& faults) {
  constexpr std::string_view kWhy = "one partner is the primary, the other the secondary";
  const auto& field = section.require("role", {kWhy, "write primary or secondary"}, faults);
  const auto role = read_choice<Role>(
      field, {{"primary", Role::kPrimary}, {"secondary", Role::kSecondary}}, kWhy, faults);
  if (role) endpoint.role = *role;
}

/// Both addresses, which must fit each other.
void read_addresses(const Section& section, PartnerSettings& settings, Faults& faults) {
  const auto& local_field = section.require(
      "local",
      {"it is this server's end of the connection", "add one, such as \"2001:db8:0:1::1\""},
      faults);
  const auto& partner_field = section.require(
      "partner",
      {"it is the partner's end of the connection", "add one, such as \"2001:db8:0:1::2\""},
      faults);
  const auto local = read_partner_address(local_field, faults);
  const auto partner = read_partner_address(partner_field, faults);
  if (local) settings.local = local->to_string();
  if (partner) settings.partner = partner->to_string();
  if (!local || !partner) return;
  const auto fault = [&](std::string_view why, std::string_view right) {
    faults.add(partner_field->position, what_is(*partner_field) + ", but " + what_is(*local_field),
               why, right);
  };
  if (local->is_ipv4() != partner->is_ipv4()) {
    fault("a connection is of IPv6 or of IPv4", "write two addresses of one family");
  } else if (local->address == partner->address) {
    fault("the partner is another server", "write the address of that server");
  } else if (!local->zone.empty() && !partner->zone.empty() && local->zone != partner->zone) {
    fault("two link-local addresses reach each other on one link only",
          "write the same interface behind both");
  }
}

/// The MCLT that holds; nothing where the one of the file could not be read.
std::optional<Lifetime> read_mclt(const Section& section, EndpointSettings& endpoint,
                                  Faults& faults) {
  const auto& field = section.find("mclt");
  if (!field) return endpoint.mclt;
  const auto mclt =
      read_duration(field, kFailoverLifetimeMin, kFailoverLifetimeMax,
                    {"a first lease lasts that long, and the pools of a lost partner wait for it",
                     "write a duration from 30s to 12427d, such as 1h"},
                    faults);
  if (mclt) endpoint.mclt = *mclt;
  return mclt;
}

void read_auto_partner_down(const Section& section, EndpointSettings& endpoint,
                            std::optional<Lifetime> mclt, Faults& faults) {
  const auto& field = section.find("auto-partner-down");
  const Lifetime min = mclt.value_or(kFailoverLifetimeMin);
  const std::string right = "write off, or a duration from " + to_text(min) + " on";
  const Rule rule{
      "after so long without contact the partner counts as down, though it may be alive", right};
  const auto text = read_text(field, rule, faults);
  if (!text || *text == "off") return;
  const auto time = parse_duration(*text);
  if (!time || time->is_infinite()) {
    faults.add(field->position, what_is(*field), rule);
    return;
  }
  if (*time < min) {
    const std::string_view verb = section.find("mclt") ? " is " : " defaults to ";
    faults.add(field->position,
               what_is(*field) + (mclt ? ", but mclt" + std::string(verb) + to_text(*mclt) : ""),
               "the partner may give leases for so long without this server's knowledge", right);
    return;
  }
  endpoint.auto_partner_down = *time;
}

void read_times(const Section& section, EndpointSettings& endpoint, Faults& faults) {
  read_auto_partner_down(section, endpoint, read_mclt(section, endpoint, faults), faults);
  const auto read = [&](std::string_view key, Lifetime min, const Rule& rule, Lifetime& target) {
    if (const auto time = read_duration(section.find(key), min, kWaitMax, rule, faults)) {
      target = *time;
    }
  };
  read("keepalive", Lifetime{4},
       {"a partner that is silent for so long is gone, and it speaks four times in it",
        "write a duration from 4s to 1d, such as 60s"},
       endpoint.keepalive);
  read("startup", Lifetime{1},
       {"the server waits so long for its partner before it serves clients",
        "write a duration from 1s to 1d, such as 10s"},
       endpoint.startup);
  read("connect-retry", Lifetime{1},
       {"the primary waits so long before it tries to connect again",
        "write a duration from 1s to 1d, such as 5s"},
       endpoint.connect_retry);
}

void read_numbers(const Section& section, PartnerSettings& settings, Faults& faults) {
  const auto port = read_number(section.find("port"), 1, 65535,
                                {"it is the TCP port of the secondary",
                                 "write a number from 1 to 65535, or remove the key for 647"},
                                faults);
  if (port) settings.port = static_cast<std::uint16_t>(*port);
  const auto unacked =
      read_number(section.find("max-unacked-bndupd"), 1, 65536,
                  {"the partner sends so many updates before this server has acknowledged one",
                   "write a number from 1 to 65536, such as 4096"},
                  faults);
  if (unacked) settings.endpoint.max_unacked_bndupd = static_cast<std::uint32_t>(*unacked);
}

void read_secondary_share(const Section& section, EndpointSettings& endpoint, Faults& faults) {
  constexpr Rule kRule{"it is the secondary's share of the free delegable prefixes",
                       "write 0% to 100%, with the sign, such as 50%"};
  const auto& field = section.find("secondary-share");
  const auto text = read_text(field, kRule, faults);
  if (!text) return;
  const auto percent = text->back() == '%'
                           ? parse_number(std::string_view(*text).substr(0, text->size() - 1))
                           : std::nullopt;
  if (!percent || *percent > 100) {
    faults.add(field->position, what_is(*field), kRule);
    return;
  }
  endpoint.secondary_share_percent = static_cast<unsigned>(*percent);
}

TlsSettings read_tls(const Field& field, Faults& faults) {
  const Section section(field, field.key_position, {"certificate", "key", "ca", "partner-name"},
                        faults);
  const auto read = [&](std::string_view key, const Rule& rule) {
    return read_text(section.require(key, rule, faults), rule, faults).value_or("");
  };
  TlsSettings tls;
  tls.certificate = read("certificate", {"this server shows it to its partner",
                                         "write the path of a PEM file with the certificate"});
  tls.key = read("key", {"it proves that the certificate is this server's",
                         "write the path of a PEM file with the private key"});
  tls.ca = read("ca", {"the partner's certificate must be signed by it",
                       "write the path of a PEM file with the certificates trusted"});
  tls.partner_name =
      read("partner-name", {"the partner's certificate must be for it",
                            "write the name in that certificate, such as b.example"});
  return tls;
}

/// In clear only where the file says so in words (F-076).
void read_protection(const Section& section, PartnerSettings& settings, Faults& faults) {
  constexpr std::string_view kTls = "tls: {certificate: …, key: …, ca: …, partner-name: …}";
  const auto& tls = section.find("tls");
  const auto& insecure_field = section.find("insecure");
  const bool has_tls = tls && !tls->is_empty();
  if (has_tls) settings.tls = read_tls(*tls, faults);
  const auto insecure = read_flag(insecure_field, faults);
  if (insecure_field && !insecure) return;
  const bool is_insecure = insecure.value_or(false);
  if (has_tls && is_insecure) {
    faults.add(insecure_field->key_position, "failover has tls, but insecure is set too",
               "the connection is protected or it is not", "keep one of the two");
  } else if (!has_tls && !is_insecure) {
    faults.add(section.position(), "failover has neither tls nor insecure",
               "anybody on the way could change leases, so TLS is left out on request only",
               "add " + std::string(kTls) + ", or insecure: yes");
  }
}

/// Reads one relationship after the other; knows what must differ between them.
class FailoverReader {
 public:
  FailoverReader(std::vector<PartnerSettings>& partners, Faults& faults)
      : partners_(partners), faults_(faults) {}

  void read(const Field& element) {
    const Section section(element, element.position,
                          {"name", "role", "local", "partner", "port", "mclt", "keepalive",
                           "max-unacked-bndupd", "startup", "connect-retry", "auto-partner-down",
                           "start-alone", "secondary-share", "tls", "insecure"},
                          faults_);
    PartnerSettings& settings = partners_.emplace_back();
    EndpointSettings& endpoint = settings.endpoint;
    read_relationship_name(section, endpoint);
    read_role(section, endpoint, faults_);
    read_addresses(section, settings, faults_);
    read_numbers(section, settings, faults_);
    read_times(section, endpoint, faults_);
    endpoint.start_alone =
        read_flag(section.find("start-alone"), faults_).value_or(endpoint.start_alone);
    read_secondary_share(section, endpoint, faults_);
    // Of what is no mapping that is all there is to say.
    if (element.is_empty() || element.node.IsMap()) read_protection(section, settings, faults_);
  }

  [[nodiscard]] std::vector<RelationshipName> finish() {
    for (PartnerSettings& settings : partners_) {
      const auto is_alike = [&](const PartnerSettings& other) {
        return other.partner == settings.partner && other.local == settings.local &&
               other.port == settings.port;
      };
      settings.endpoint.is_only_one = std::ranges::count_if(partners_, is_alike) == 1;
    }
    return std::move(names_);
  }

 private:
  void read_relationship_name(const Section& section, EndpointSettings& endpoint) {
    RelationshipName& known = names_.emplace_back("", section.position());
    const auto& field = section.require(
        "name",
        {"both partners and the links call the relationship by it", "add one, such as west"},
        faults_);
    const auto name = read_name(field, faults_);
    if (!name) return;
    endpoint.relationship_name = *name;
    known.position = field->position;
    const auto [first, is_new] = positions_.emplace(*name, field->position);
    if (is_new) {
      known.name = *name;
      return;
    }
    faults_.add(field->position, "two relationships are called " + quoted(*name),
                "partners and links could not tell them apart (RFC 8156 section 6.2); the first is "
                "in " +
                    line_of(first->second),
                "give each relationship its own name");
  }

  std::vector<PartnerSettings>& partners_;
  Faults& faults_;
  std::vector<RelationshipName> names_;
  std::map<std::string, FilePosition> positions_;
};

}  // namespace

std::vector<RelationshipName> read_failover_section(const std::optional<Field>& field,
                                                    std::vector<PartnerSettings>& partners,
                                                    Faults& faults) {
  const std::vector<Field> elements = read_list(field, kFailoverRule, faults);
  constexpr std::size_t kCountMax = Relationships::kCountMax;
  if (elements.size() > kCountMax) {
    faults.add(elements[kCountMax].position,
               std::to_string(elements.size()) + " relationships are too many",
               "a server keeps " + std::to_string(kCountMax) + " at most", "leave out the others");
  }
  FailoverReader reader(partners, faults);
  for (const Field& element : elements) reader.read(element);
  return reader.finish();
}

}  // namespace tandem6
