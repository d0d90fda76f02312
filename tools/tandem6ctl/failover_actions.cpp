// failover show, plan, partner-down, conflicts.
#include <boost/json/serialize.hpp>
#include <iostream>

#include "tools/tandem6ctl/actions.h"
#include "tools/tandem6ctl/confirm.h"
#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/report.h"
#include "tools/tandem6ctl/rpc_client.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

using Render = std::string (*)(const json::object& answer, const Style& style);

ExitCode ask_and_show(const ControlOptions& options, const std::string& method,
                      const std::optional<std::string>& name, Render render) {
  json::object parameters;
  if (name.has_value()) parameters["name"] = *name;
  RpcClient client(options.socket);
  const auto answer = client.call(method, parameters);
  if (!answer.has_value()) return report(answer.error());
  std::cout << (options.json ? json::serialize(*answer) + '\n'
                             : render(as_object(*answer), options.style));
  return ExitCode::kDone;
}

/// What the server refuses anyhow, or what changes nothing, needs no question.
bool needs_question(const json::object& plan, bool is_forced) {
  const std::string verdict = text_field(plan, "verdict");
  return verdict != "refused" && verdict != "already" && (verdict != "needs_force" || is_forced);
}

}  // namespace

ExitCode show_relationships(const ControlOptions& options, const std::optional<std::string>& name) {
  return ask_and_show(options, "failover.show", name, render_relationships);
}

ExitCode show_plan(const ControlOptions& options, const std::string& name) {
  return ask_and_show(options, "failover.plan", name, render_plan);
}

ExitCode show_conflicts(const ControlOptions& options, const std::optional<std::string>& name) {
  return ask_and_show(options, "failover.conflicts", name, render_conflicts);
}

ExitCode declare_partner_down(const ControlOptions& options, const PartnerDownOrder& order) {
  RpcClient client(options.socket);
  if (!options.yes) {
    const auto plan = client.call("failover.plan", {{"name", order.name}});
    if (!plan.has_value()) return report(plan.error());
    if (needs_question(as_object(*plan), order.is_forced)) {
      std::cerr << "This says that the partner of " << order.name << " is down:\n"
                << render_plan_in_short(as_object(*plan), Style{});
      if (!is_confirmed("Is the partner off, and shall this server go on without it?")) {
        return report(Failure{.code = ExitCode::kRefused, .reason = "not done"});
      }
    }
  }
  json::object parameters = {{"name", order.name}, {"force", order.is_forced}};
  if (order.at.has_value()) parameters["at"] = *order.at;
  const auto answer = client.call("failover.partner-down", parameters);
  if (!answer.has_value()) return report(answer.error());
  const json::object& done = as_object(*answer);
  std::cout << (options.json ? json::serialize(*answer)
                             : text_field(done, "name") + ": " + text_field(done, "text"))
            << '\n';
  return ExitCode::kDone;
}

}  // namespace tandem6
