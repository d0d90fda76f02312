#include "dataplane/server/configured_options.h"

#include <algorithm>
#include <bitset>

#include "dataplane/wire/client_fqdn.h"
#include "dataplane/wire/cursor.h"

namespace tandem6 {

namespace {

using CodeSet = std::bitset<kRequestableCodeEnd>;

void write_own(const Exchange& exchange, CodeSet& written, ReplyWriter& writer) noexcept {
  const std::vector<EncodedOption>& options = exchange.link != nullptr
                                                  ? exchange.link_settings().options
                                                  : exchange.service.settings().options;
  for (const EncodedOption& option : options) {
    if (!option.always && !exchange.message.requests(option.code)) continue;
    writer.raw_options(option.octets);
    if (option.code < written.size()) written.set(option.code);
  }
}

/// Options of RSOO that are enabled, requested and not ours to give, the innermost relay first: of
/// conflicting ones at most one is sent (RFC 6422 section 6; S-142 to S-144).
void write_relay_supplied(const Exchange& exchange, CodeSet& written,
                          ReplyWriter& writer) noexcept {
  const auto& enabled = exchange.service.settings().relay_supplied_options;
  const auto relays = exchange.message.relays();
  for (auto level = relays.rbegin(); level != relays.rend(); ++level) {
    Cursor cursor(level->relay_supplied_options);
    while (!cursor.at_end()) {
      const OptionView option = next_option(cursor);
      if (!cursor.ok()) return;
      if (std::ranges::find(enabled, option.code) == enabled.end()) {
        exchange.counters.note(OddReason::kRelayOpt);
        continue;
      }
      if (!exchange.message.requests(option.code) || written[option.code]) continue;
      writer.option(static_cast<OptionCode>(option.code), option.value);
      written.set(option.code);
    }
  }
}

/// Sent only if the client sent it and requested it (S-244). This server does no DNS update, and
/// says so (N).
void write_client_fqdn(const Exchange& exchange, ReplyWriter& writer) noexcept {
  const ParsedMessage& message = exchange.message;
  if (message.client_fqdn.empty() ||
      !message.requests(static_cast<std::uint16_t>(OptionCode::kClientFqdn))) {
    return;
  }
  const auto client = read_client_fqdn(message.client_fqdn);
  if (!client) return;
  const auto answer =
      build_fqdn_answer(*client, DnsUpdatePolicy::kNever, exchange.service.domain_suffix());
  if (answer) writer.option(OptionCode::kClientFqdn, answer->bytes());
}

}  // namespace

void write_configured_options(const Exchange& exchange, const ReplyShape& shape,
                              ReplyWriter& writer) noexcept {
  // RFC 8415 sections 18.3.3, 18.3.7, 18.3.8: the replies to these three tell a verdict only.
  switch (exchange.message.type) {
    case MessageType::kConfirm:
    case MessageType::kRelease:
    case MessageType::kDecline:
      return;
    default:
      break;
  }
  CodeSet written;
  write_own(exchange, written, writer);
  write_relay_supplied(exchange, written, writer);
  write_client_fqdn(exchange, writer);
  const auto& refresh_time = exchange.service.settings().information_refresh_time;
  constexpr auto kRefreshCode = OptionCode::kInformationRefreshTime;
  // Only in a Reply to an Information-request (S-115).
  if (shape.type == MessageType::kReply && refresh_time &&
      exchange.message.type == MessageType::kInformationRequest &&
      exchange.message.requests(static_cast<std::uint16_t>(kRefreshCode))) {
    writer.option_u32(kRefreshCode, refresh_time->seconds);
  }
}

}  // namespace tandem6
