// failover.show, failover.plan, failover.partner-down, failover.conflicts.
#include <boost/json/array.hpp>
#include <utility>

#include "control/api/commands.h"
#include "control/api/iso_time.h"
#include "control/api/parameters.h"
#include "control/api/partner_down_plan.h"
#include "control/api/pool_value.h"
#include "control/api/relationship_name.h"
#include "control/api/relationship_value.h"
#include "control/api/server_view.h"
#include "control/api/time_value.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

constexpr std::int64_t kSecondsThatAreNow = 60;  // people write minutes
constexpr std::int64_t kClockSlackSeconds = 5;

RpcError invalid(std::string message) {
  return {.code = RpcErrorCode::kInvalidParameters, .message = std::move(message)};
}

std::expected<RelationshipView, RpcError> named_relationship(
    ServerView& server, const std::optional<std::string>& name) {
  if (!name.has_value()) return std::unexpected(invalid("`name` is missing"));
  return find_relationship(server.relationships(), *name);
}

/// All of them, or the named one.
std::expected<std::vector<RelationshipView>, RpcError> relationships_of(
    ServerView& server, const std::optional<std::string>& name) {
  std::vector<RelationshipView> all = server.relationships();
  if (!name.has_value()) return all;
  auto found = find_relationship(all, *name);
  if (!found.has_value()) return std::unexpected(std::move(found.error()));
  return std::vector<RelationshipView>{std::move(*found)};
}

/// PARTNER-DOWN's own start is what every wait of 8.4.1 counts from, and what the partner compares
/// with its time of failure. To have begun earlier than this server obeyed it would open the
/// partner's leases before their time, so only now is taken.
std::optional<RpcError> fault_of_time(const std::string& text, WallTime now) {
  if (text == "now") return std::nullopt;
  const auto at = parse_iso8601(text);
  if (!at.has_value()) {
    return invalid("`at` must be `now` or a time like " + to_iso8601(now));
  }
  if (at->seconds > now.seconds + kClockSlackSeconds) {
    return RpcError{.message = text + " is yet to come: give the command when the partner is down"};
  }
  if (at->seconds < now.seconds - kSecondsThatAreNow) {
    return RpcError{.message = text + " is past: this version counts PARTNER-DOWN from now, " +
                               to_iso8601(now) +
                               ", which is the safe side, as the partner may have given leases "
                               "until this server noticed. Leave the time out"};
  }
  return std::nullopt;
}

json::object plan_value(const RelationshipView& relationship, const PartnerDownPlan& plan,
                        WallTime now) {
  return {{"name", relationship.name},
          {"role", name_of(relationship.role)},
          {"state", name_of(relationship.state)},
          {"in_contact", relationship.is_in_contact},
          {"verdict", name_of(plan.verdict)},
          {"verdict_text", plan.verdict_text},
          {"unacked", relationship.unacked_count},
          {"unacked_text", plan.unacked},
          {"mclt_seconds", relationship.mclt.seconds},
          {"usable_from", time_value(plan.usable_from, now)},
          {"usable_text", plan.usable},
          {"lifetimes", plan.lifetimes},
          {"danger", plan.danger},
          {"partner_half", other_half(relationship.role) == Half::kFree ? "FREE" : "FREE-BACKUP"},
          {"pools", pool_values(plan.pools)}};
}

}  // namespace

void command_failover_show(ServerView& server, const json::object& parameters,
                           const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto name = reader.text("name");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  const auto relationships = relationships_of(server, name);
  if (!relationships.has_value()) return reply(std::unexpected(relationships.error()));
  json::array values;
  for (const RelationshipView& relationship : *relationships) {
    values.push_back(whole_relationship_value(relationship, server.now()));
  }
  reply(json::object{{"relationships", std::move(values)}});
}

void command_failover_plan(ServerView& server, const json::object& parameters,
                           const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto name = reader.text("name");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  const auto relationship = named_relationship(server, name);
  if (!relationship.has_value()) return reply(std::unexpected(relationship.error()));
  const WallTime now = server.now();
  reply(plan_value(*relationship, plan_partner_down(*relationship, server.pools(), now), now));
}

void command_failover_partner_down(ServerView& server, const json::object& parameters,
                                   const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto name = reader.text("name");
  const auto at = reader.text("at");
  const auto is_forced = reader.flag("force");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  const auto relationship = named_relationship(server, name);
  if (!relationship.has_value()) return reply(std::unexpected(relationship.error()));
  if (at.has_value()) {
    if (const auto fault = fault_of_time(*at, server.now())) return reply(std::unexpected(*fault));
  }
  server.declare_partner_down(
      relationship->name, is_forced.value_or(false),
      [reply, called = relationship->name](bool taken, const std::string& text) {
        if (!taken) return reply(std::unexpected(RpcError{.message = called + ": " + text}));
        reply(json::object{{"name", called}, {"text", text}});
      });
}

void command_failover_conflicts(ServerView& server, const json::object& parameters,
                                const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto name = reader.text("name");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  if (const auto known = relationships_of(server, name); !known.has_value()) {
    return reply(std::unexpected(known.error()));
  }
  json::array values;
  for (const ConflictView& conflict : server.conflicts()) {
    if (name.has_value() && conflict.relationship != *name) continue;
    values.push_back(conflict_value(conflict, server.now()));
  }
  reply(json::object{{"conflicts", std::move(values)}});
}

}  // namespace tandem6
