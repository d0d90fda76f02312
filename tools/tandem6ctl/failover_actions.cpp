// failover show, plan, partner-down, conflicts.
#include <boost/json/serialize.hpp>
#include <iostream>

#include "tools/tandem6ctl/actions.h"
#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/report.h"
#include "tools/tandem6ctl/rpc_client.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

json::object name_parameter(const std::optional<std::string>& name) {
  json::object parameters;
  if (name.has_value()) parameters["name"] = *name;
  return parameters;
}

template <typename Render>
ExitCode show(RpcClient& client, const ControlOptions& options, const std::string& method,
              const json::object& parameters, Render render) {
  const auto answer = client.call(method, parameters);
  if (!answer.has_value()) return report(answer.error());
  std::cout << (options.json ? json::serialize(*answer) + '\n'
                             : render(as_object(*answer), options.style));
  return ExitCode::kDone;
}

bool confirmed() {
  std::cerr << "Is the partner off, and is this to be done? [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

}  // namespace

ExitCode show_failover(const ControlOptions& options, const std::optional<std::string>& name) {
  RpcClient client(options.socket);
  return show(client, options, "failover.show", name_parameter(name), render_failover);
}

ExitCode plan_partner_down(const ControlOptions& options, const std::string& name) {
  RpcClient client(options.socket);
  return show(client, options, "failover.plan", name_parameter(name), render_plan);
}

ExitCode declare_partner_down(const ControlOptions& options, const PartnerDown& command) {
  RpcClient client(options.socket);
  json::object parameters = name_parameter(command.name);
  if (!options.yes) {
    const auto plan = client.call("failover.plan", parameters);
    if (!plan.has_value()) return report(plan.error());
    std::cerr << render_plan(as_object(*plan), options.style);
    if (!confirmed()) return report(Failure{.code = ExitCode::kRefused, .reason = "not done"});
  }
  if (command.at.has_value()) parameters["at"] = *command.at;
  if (command.force) parameters["force"] = 1;
  return show(
      client, options, "failover.partner-down", parameters,
      [](const json::object& answer, const Style&) { return text_field(answer, "text") + '\n'; });
}

ExitCode show_conflicts(const ControlOptions& options, const std::optional<std::string>& name) {
  RpcClient client(options.socket);
  return show(client, options, "failover.conflicts", name_parameter(name), render_conflicts);
}

}  // namespace tandem6
