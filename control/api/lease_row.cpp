#include "control/api/lease_row.h"

#include <array>
#include <cstdio>
#include <string>

#include "control/api/octet_text.h"
#include "control/api/server_view.h"
#include "control/api/time_value.h"
#include "dataplane/wire/domain_name.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

json::value lifetime_value(Lifetime lifetime) {
  if (lifetime.is_infinite()) return "infinite";
  return lifetime.seconds;
}

json::value octets_value(std::span<const std::uint8_t> octets) {
  if (octets.empty()) return nullptr;
  return json::object{{"text", to_escaped_text(octets)}, {"hex", to_hex(octets)}};
}

/// The value of option 39 is one octet of flags and a name.
json::value fqdn_value(std::span<const std::uint8_t> option) {
  if (option.size() < 2) return nullptr;
  return json::value(name_to_text(option.subspan(1)));
}

std::string iaid_text(Iaid iaid) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08x", static_cast<unsigned>(iaid.value));
  return text.data();
}

json::value link_value(const Binding& binding, ServerView& server) {
  const auto& names = server.link_names();
  if (binding.link >= names.size()) return nullptr;
  return names[binding.link].c_str();
}

json::value pool_value(const Binding& binding, ServerView& server) {
  const auto range = server.pool_of(binding);
  if (!range.has_value()) return nullptr;
  return range->to_string().c_str();
}

}  // namespace

json::object lease_row(const LeaseRecord& record, unsigned worker, ServerView& server) {
  const Binding& binding = record.binding;
  const bool is_prefix = binding.ia_type == IaType::kPrefixDelegation;
  const WallTime now = server.now();
  json::object row;
  row["lease"] = is_prefix ? binding.lease().to_string() : binding.address.to_string();
  row["duid"] = record.duid.to_string();
  row["ia_type"] = is_prefix ? "IA_PD" : "IA_NA";
  row["iaid"] = iaid_text(binding.iaid);
  row["status"] = name_of(binding.status);
  row["link"] = link_value(binding, server);
  row["pool"] = pool_value(binding, server);
  row["preferred_lifetime"] = lifetime_value(binding.preferred_lifetime);
  row["valid_lifetime"] = lifetime_value(binding.valid_lifetime);
  row["start_time_of_state"] = time_value(binding.start_time_of_state, now);
  row["state_expiration_time"] = time_value(binding.state_expiration_time, now);
  row["client_last_transaction_time"] = time_value(binding.client_last_transaction_time, now);
  row["partner_raw_clt_time"] = time_value(binding.partner_raw_clt_time, now);
  row["expiration_time"] = time_value(binding.expiration_time, now);
  row["partner_lifetime"] = time_value(binding.partner_lifetime, now);
  row["acked_partner_lifetime"] = time_value(binding.acked_partner_lifetime, now);
  row["acked_partner_lifetime_max"] = time_value(binding.acked_partner_lifetime_max, now);
  row["needs_update"] = static_cast<bool>(binding.needs_update);
  row["client_fqdn"] = fqdn_value(record.client_fqdn.bytes());
  row["remote_id"] = octets_value(record.remote_id.bytes());
  row["interface_id"] = octets_value(record.interface_id.bytes());
  row["worker"] = worker;
  return row;
}

}  // namespace tandem6
