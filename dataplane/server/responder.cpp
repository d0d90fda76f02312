#include "dataplane/server/responder.h"

#include <algorithm>

#include "dataplane/server/apply.h"
#include "dataplane/server/exchange.h"
#include "dataplane/server/handlers.h"
#include "dataplane/server/lease_ends.h"
#include "dataplane/server/reply_builder.h"
#include "dataplane/server/validate.h"

namespace tandem6 {

namespace {

constexpr std::uint16_t kClientPort = 546;
constexpr std::uint16_t kServerPort = 547;

using Handler = DropReason (*)(Exchange&, ReplyShape&) noexcept;

Handler handler_of(MessageType type) noexcept {
  switch (type) {
    case MessageType::kSolicit:
      return handle_solicit;
    case MessageType::kRequest:
      return handle_request;
    case MessageType::kConfirm:
      return handle_confirm;
    case MessageType::kRenew:
      return handle_renew;
    case MessageType::kRebind:
      return handle_rebind;
    case MessageType::kRelease:
      return handle_release;
    case MessageType::kDecline:
      return handle_decline;
    case MessageType::kInformationRequest:
      return handle_information_request;
    default:
      return nullptr;
  }
}

/// SOLICIT, CONFIRM and INFORMATION-REQUEST are answered when storage takes nothing. Rapid Commit
/// becomes an ADVERTISE then.
bool needs_changes(MessageType type) noexcept {
  return type != MessageType::kSolicit && type != MessageType::kConfirm &&
         type != MessageType::kInformationRequest;
}

/// Everything up to the finished reply: link, bindings, plan, octets.
DropReason plan_and_build(Exchange& exchange, ReplyShape& shape, ReplyWriter& writer) noexcept {
  const Handler handler = handler_of(exchange.message.type);
  if (handler == nullptr) return DropReason::kUnknownType;
  const auto link = exchange.service.links().find(exchange.envelope, exchange.message);
  if (!link) return DropReason::kNoLink;
  exchange.link = &exchange.service.link(*link);
  exchange.rules = exchange.service.rules_of(exchange.link_settings());
  if (!may_answer(exchange.rules, exchange.message.type)) return DropReason::kUnresponsive;
  exchange.changes_allowed =
      exchange.envelope.changes_allowed && exchange.shard.change_room() >= Plan::kChangeCountMax;
  if (needs_changes(exchange.message.type) && !exchange.changes_allowed) {
    return DropReason::kStorage;
  }
  exchange.find_bindings();
  if (const DropReason reason = handler(exchange, shape); reason != DropReason::kNone) {
    return reason;
  }
  // Known clients are served from the memory that they hold; who gets nothing at all comes again.
  if (exchange.memory_exhausted && !exchange.plan.changes_anything()) return DropReason::kNoMemory;
  exchange.times =
      renewal_times(exchange.link_settings().lifetimes, exchange.plan.decisions(), exchange.rules);
  build_reply(exchange, shape, writer);
  return writer.ok() ? DropReason::kNone : DropReason::kAnsSize;
}

void address_reply(const Envelope& envelope, const ParsedMessage& message,
                   Outcome& outcome) noexcept {
  outcome.destination = envelope.source;
  if (!message.is_relayed()) {
    outcome.destination_port = kClientPort;  // whatever port the request came from (S-002)
  } else {
    // RFC 8357 section 5.2: a relay that says so listens on the port it sent from.
    outcome.destination_port =
        message.relay_levels[0].has_relay_source_port ? envelope.source_port : kServerPort;
  }
}

}  // namespace

Responder::Responder(const Service& service, Shard& shard, WireCounters& counters) noexcept
    : service_(&service), shard_(&shard), counters_(&counters) {}

Outcome Responder::respond(const Envelope& envelope, const ParsedMessage& message, WallTime now,
                           std::span<std::uint8_t> buffer) noexcept {
  const auto type = static_cast<std::size_t>(message.type);
  if (type < counters_->received.size()) counters_->received[type].add();

  Outcome outcome;
  outcome.drop = validate(*service_, envelope, message);
  if (outcome.drop == DropReason::kNone) {
    Exchange exchange(*service_, *shard_, *counters_, envelope, message, now, plan_);
    ReplyShape shape;
    ReplyWriter writer(buffer);
    outcome.drop = plan_and_build(exchange, shape, writer);
    if (outcome.drop == DropReason::kNone) {
      outcome.change_number = apply(exchange);
      outcome.size = static_cast<std::uint32_t>(writer.size());
      address_reply(envelope, message, outcome);
      counters_->sent[static_cast<std::size_t>(shape.type)].add();
    } else {
      undo(exchange);
    }
  }
  if (outcome.drop != DropReason::kNone) counters_->drop(outcome.drop);
  return outcome;
}

std::size_t Responder::expire(WallTime now, std::size_t budget) noexcept {
  struct Context {
    Responder* responder;
    WallTime now;
  };
  // Without room for its change an expiry waits for the next call.
  const std::size_t room = shard_->change_room();
  const std::optional<Lifetime> mclt = service_->mclt_max();
  if (room == 0 || !mclt) return 0;
  shard_->set_mclt(*mclt);
  Context context{this, now};
  const auto on_expiry = [](void* opaque, BindingIndex index) {
    const Context& here = *static_cast<Context*>(opaque);
    end_by_time(*here.responder->service_, *here.responder->shard_, index, here.now);
  };
  return shard_->expire(now, std::min(budget, room), on_expiry, &context);
}

}  // namespace tandem6
