#include "dataplane/server/reply_builder.h"

#include "dataplane/server/configured_options.h"
#include "dataplane/wire/pd_exclude.h"

namespace tandem6 {

namespace {

const char* text_of(StatusCode code) noexcept {
  switch (code) {
    case StatusCode::kNoAddrsAvail:
      return "No address is available";
    case StatusCode::kNoPrefixAvail:
      return "No prefix is available";
    case StatusCode::kNoBinding:
      return "No binding for this IA";
    case StatusCode::kNotOnLink:
      return "An address does not fit this link";
    default:
      return "";
  }
}

void write_status(const Exchange& exchange, StatusCode code, ReplyWriter& writer) noexcept {
  writer.status(code, text_of(code));
  const auto index = static_cast<std::size_t>(code);
  if (index < exchange.counters.status_sent.size()) exchange.counters.status_sent[index].add();
}

/// Excluded from the delegated prefix when the client asked for option 67 and the pool has one.
PdExcludeValue excluded_from(const Exchange& exchange, const Decision& decision) noexcept {
  const auto code = static_cast<std::uint16_t>(OptionCode::kPdExclude);
  if (!exchange.message.requests(code)) return {};
  const auto excluded = exchange.excluded_from(decision.lease, decision.pool);
  if (!excluded) return {};
  return encode_pd_exclude(decision.lease, *excluded).value_or(PdExcludeValue{});
}

void write_lease(const Exchange& exchange, IaType type, const Decision& decision,
                 ReplyWriter& writer) noexcept {
  if (type == IaType::kNonTemporaryAddress) {
    writer.address(decision.lease.address, decision.preferred.seconds, decision.valid.seconds);
    return;
  }
  const bool given = decision.valid.seconds != 0;
  const PdExcludeValue excluded = given ? excluded_from(exchange, decision) : PdExcludeValue{};
  writer.prefix(decision.lease, decision.preferred.seconds, decision.valid.seconds,
                excluded.bytes());
}

void write_ia(const Exchange& exchange, const IaPlan& plan, ReplyWriter& writer) noexcept {
  if (plan.left_out) return;
  const ReplyWriter::Open ia = writer.begin_ia(plan.ia->type, plan.ia->iaid);
  bool timed = false;
  for (const Decision& decision : exchange.plan.decisions_of(plan)) {
    if (!decision.told) continue;
    write_lease(exchange, plan.ia->type, decision, writer);
    timed |= decision.valid.seconds != 0;
  }
  if (!timed) writer.exclude_ia_times();
  if (plan.has_status) write_status(exchange, plan.status, writer);
  writer.end(ia);
}

}  // namespace

void build_reply(const Exchange& exchange, const ReplyShape& shape, ReplyWriter& writer) noexcept {
  const ParsedMessage& message = exchange.message;
  const ServerSettings& server = exchange.service.settings();
  writer.begin_message(message, shape.type);
  writer.option(OptionCode::kServerId, server.server_duid.bytes());
  if (!message.client_id.empty()) writer.option(OptionCode::kClientId, message.client_id);
  if (shape.type == MessageType::kAdvertise && server.preference != 0) {
    writer.option_u8(OptionCode::kPreference, server.preference);
  }
  if (shape.rapid_commit) writer.empty_option(OptionCode::kRapidCommit);
  if (shape.has_status) write_status(exchange, shape.status, writer);
  for (const IaPlan& ia : exchange.plan.ias()) write_ia(exchange, ia, writer);
  if (exchange.plan.ias().size() != 0) {
    writer.set_ia_times(exchange.times.t1.seconds, exchange.times.t2.seconds);
  }
  write_configured_options(exchange, shape, writer);
  writer.end_message();
}

}  // namespace tandem6
