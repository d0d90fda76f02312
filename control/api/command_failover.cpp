// failover.show, failover.plan, failover.partner-down, failover.conflicts.
#include <algorithm>
#include <utility>

#include "control/api/commands.h"
#include "control/api/iso_time.h"
#include "control/api/parameters.h"
#include "control/api/relationship_value.h"
#include "control/api/server_view.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

RpcError missing_name() {
  return {.code = RpcErrorCode::kInvalidParameters, .message = "`name` is missing"};
}

RpcError unknown_relationship(const std::string& name, const std::vector<RelationshipView>& views) {
  std::string known;
  for (const RelationshipView& view : views) known += (known.empty() ? "" : ", ") + view.name;
  return RpcError{.message = "no relationship is called `" + name + "`; there is " +
                             (known.empty() ? "none" : known)};
}

const RelationshipView* find(const std::vector<RelationshipView>& views, const std::string& name) {
  const auto found = std::ranges::find(views, name, &RelationshipView::name);
  return found == views.end() ? nullptr : &*found;
}

/// What the command would mean in this state (RFC 8156 section 8.4, R-56).
json::object plan_of(const RelationshipView& view, WallTime now) {
  json::array effects;
  effects.emplace_back("this server answers every client, with full lifetimes");
  effects.emplace_back("from " + to_iso8601(now + view.serving.mclt_max) +
                       " on it gives leases of the partner's half too, and uses again what has "
                       "ended and the partner has not acked");
  effects.emplace_back(std::to_string(view.unacked_count) +
                       " leases are such that the partner does not know their newest version; it "
                       "hears of them when it is back");
  effects.emplace_back("without it clients go on with lifetimes of " +
                       std::to_string(view.mclt.seconds) +
                       " s at most beyond what the partner has acked, and nobody loses a lease");
  return {{"name", view.name},
          {"state", name_of(view.state)},
          {"in_contact", view.is_in_contact},
          {"unacked", view.unacked_count},
          {"other_half_opens", to_iso8601(now + view.serving.mclt_max)},
          {"effects", std::move(effects)},
          {"danger",
           "if the partner runs and only cannot be reached from here, two clients can get one "
           "lease: make sure that it is off"}};
}

}  // namespace

void command_failover_show(ServerView& server, const json::object& parameters,
                           const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto name = reader.text("name");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  const std::vector<RelationshipView> views = server.relationships();
  if (name && find(views, *name) == nullptr) {
    return reply(std::unexpected(unknown_relationship(*name, views)));
  }
  json::array values;
  for (const RelationshipView& view : views) {
    if (!name || view.name == *name) values.push_back(whole_relationship_value(view));
  }
  reply(json::object{{"relationships", std::move(values)}});
}

void command_failover_plan(ServerView& server, const json::object& parameters,
                           const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto name = reader.text("name");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  if (!name) return reply(std::unexpected(missing_name()));
  const std::vector<RelationshipView> views = server.relationships();
  const RelationshipView* const view = find(views, *name);
  if (view == nullptr) return reply(std::unexpected(unknown_relationship(*name, views)));
  reply(plan_of(*view, server.now()));
}

void command_failover_partner_down(ServerView& server, const json::object& parameters,
                                   const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto name = reader.text("name");
  const auto at = reader.text("at");
  const auto force = reader.number("force", 0, 1);
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  if (!name) return reply(std::unexpected(missing_name()));
  if (at) {
    return reply(std::unexpected(
        RpcError{.message = "`at` is not supported: what is waited for is counted from now on, "
                            "which is safe whenever the partner died"}));
  }
  const std::vector<RelationshipView> views = server.relationships();
  if (find(views, *name) == nullptr) {
    return reply(std::unexpected(unknown_relationship(*name, views)));
  }
  server.declare_partner_down(*name, force.value_or(0) == 1,
                              [reply](bool taken, const std::string& text) {
                                if (!taken)
                                  return reply(std::unexpected(RpcError{.message = text}));
                                reply(json::object{{"taken", true}, {"text", text}});
                              });
}

void command_failover_conflicts(ServerView& server, const json::object& parameters,
                                const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto name = reader.text("name");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  const std::vector<RelationshipView> views = server.relationships();
  if (name && find(views, *name) == nullptr) {
    return reply(std::unexpected(unknown_relationship(*name, views)));
  }
  json::array values;
  for (const ConflictView& each : server.conflicts()) {
    if (name && each.relationship != *name) continue;
    values.push_back(json::object{{"at", to_iso8601(each.at)},
                                  {"relationship", each.relationship},
                                  {"lease", each.lease.to_string()},
                                  {"here", each.claim_here},
                                  {"there", each.claim_there},
                                  {"verdict", each.verdict},
                                  {"rule", each.rule}});
  }
  reply(json::object{{"conflicts", std::move(values)}});
}

}  // namespace tandem6
