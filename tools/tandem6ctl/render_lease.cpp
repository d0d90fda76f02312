#include <array>

#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/time_text.h"
#include "tools/tandem6ctl/units.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

struct Line {
  const char* field;
  const char* title;
};
constexpr std::array kTimeLines = {
    Line{"start_time_of_state", "start-time-of-state"},
    Line{"state_expiration_time", "state-expiration-time"},
    Line{"client_last_transaction_time", "client-last-transaction-time"},
    Line{"partner_raw_clt_time", "partner-raw-clt-time"},
    Line{"expiration_time", "expiration-time"},
    Line{"partner_lifetime", "partner-lifetime"},
    Line{"acked_partner_lifetime", "acked-partner-lifetime"},
    Line{"acked_partner_lifetime_max", "acked-partner-lifetime (greatest)"},
};
constexpr std::size_t kTitleWidth = 34;

std::string line(const std::string& title, const std::string& value) {
  return "  " + title + std::string(kTitleWidth - std::min(kTitleWidth, title.size()), ' ') +
         value + '\n';
}

std::string or_dash(std::string text) { return text.empty() ? "-" : text; }

std::string lifetime_text(const json::object& lease, const char* field) {
  const std::string infinite = text_field(lease, field);
  return infinite.empty() ? human_seconds(number_field(lease, field)) : infinite;
}

std::string octets_text(const json::object& lease, const char* field) {
  const json::object& octets = object_field(lease, field);
  const std::string hex = text_field(octets, "hex");
  return hex.empty() ? "-" : text_field(octets, "text") + "  (" + hex + ")";
}

std::string left_text(const json::object& lease) {
  const json::object& time = object_field(lease, "state_expiration_time");
  const std::string at = text_field(time, "at");
  if (at.empty() || at == "never") return or_dash(at);
  return human_seconds(number_field(time, "left"));
}

}  // namespace

std::string render_lease(const json::object& lease, const Style& style) {
  std::string text =
      style.bold(text_field(lease, "lease") + "  " + text_field(lease, "status")) + '\n';
  text += line("DUID", text_field(lease, "duid"));
  text += line("IA", text_field(lease, "ia_type") + " " + text_field(lease, "iaid"));
  text += line("link", or_dash(text_field(lease, "link")));
  const std::string pool = text_field(lease, "pool");
  text += line("pool", pool.empty() ? "none (reserved)" : pool);
  text += line("preferred lifetime", lifetime_text(lease, "preferred_lifetime"));
  text += line("valid lifetime", lifetime_text(lease, "valid_lifetime"));
  for (const Line& row : kTimeLines) text += line(row.title, time_text(lease, row.field));
  text += line("client FQDN", or_dash(text_field(lease, "client_fqdn")));
  text += line("Remote-Id", octets_text(lease, "remote_id"));
  text += line("Interface-Id", octets_text(lease, "interface_id"));
  text += line("worker", human_count(number_field(lease, "worker")));
  return text;
}

Table lease_table() {
  return Table({{"LEASE", Align::kLeft},
                {"STATUS", Align::kLeft},
                {"ENDS IN", Align::kRight},
                {"LINK", Align::kLeft},
                {"IA", Align::kLeft},
                {"IAID", Align::kLeft},
                {"DUID", Align::kLeft},
                {"FQDN", Align::kLeft}});
}

void add_lease_row(Table& table, const json::object& lease) {
  table.add_row({text_field(lease, "lease"), text_field(lease, "status"), left_text(lease),
                 or_dash(text_field(lease, "link")), text_field(lease, "ia_type"),
                 text_field(lease, "iaid"), text_field(lease, "duid"),
                 or_dash(text_field(lease, "client_fqdn"))});
}

}  // namespace tandem6
