#include "tools/tandem6ctl/actions.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <iostream>
#include <thread>

#include "control/config/configuration.h"
#include "tools/tandem6ctl/confirm.h"
#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/report.h"
#include "tools/tandem6ctl/rpc_client.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

/// Text for people, or the answer as it came for programs.
template <typename Render>
ExitCode ask_and_show(RpcClient& client, const ControlOptions& options, const std::string& method,
                      const json::object& parameters, Render render) {
  const auto answer = client.call(method, parameters);
  if (!answer.has_value()) return report(answer.error());
  if (options.json) {
    std::cout << json::serialize(*answer) << '\n';
  } else {
    std::cout << render(as_object(*answer), options.style);
  }
  return ExitCode::kDone;
}

template <typename Render>
ExitCode ask_and_show(const ControlOptions& options, const std::string& method,
                      const json::object& parameters, Render render) {
  RpcClient client(options.socket);
  return ask_and_show(client, options, method, parameters, render);
}

json::value error_value(const ConfigurationError& error) {
  return {{"file", error.file}, {"line", error.line}, {"column", error.column},
          {"what", error.what}, {"why", error.why},   {"right", error.right}};
}

}  // namespace

ExitCode show_status(const ControlOptions& options) {
  return ask_and_show(options, "status", {}, render_status);
}

ExitCode show_stats(const ControlOptions& options, bool watch) {
  if (!watch) {
    return ask_and_show(options, "stats", {}, [](const json::object& stats, const Style& style) {
      return render_stats(stats, nullptr, 0, style);
    });
  }
  RpcClient client(options.socket);
  std::optional<json::value> earlier;
  auto earlier_at = std::chrono::steady_clock::now();
  for (;;) {
    auto answer = client.call("stats");
    if (!answer.has_value()) return report(answer.error());
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - earlier_at).count();
    if (options.json) {
      std::cout << json::serialize(*answer) << std::endl;
    } else {
      if (options.style.colours) std::cout << "\x1b[H\x1b[2J";
      std::cout << render_stats(as_object(*answer),
                                earlier.has_value() ? &as_object(*earlier) : nullptr, seconds,
                                options.style)
                << std::endl;
    }
    if (!std::cout) return ExitCode::kDone;  // nobody reads any more
    earlier = std::move(*answer);
    earlier_at = now;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

ExitCode show_pools(const ControlOptions& options, const std::optional<std::string>& link) {
  json::object parameters;
  if (link.has_value()) parameters["link"] = *link;
  return ask_and_show(options, "pool.show", parameters, render_pools);
}

ExitCode check_configuration(const ControlOptions& options, const std::string& file) {
  const auto configuration = load_configuration(file);
  json::array errors;
  if (!configuration.has_value()) {
    for (const ConfigurationError& error : configuration.error()) {
      if (options.json) {
        errors.push_back(error_value(error));
      } else {
        std::cerr << error.to_string() << '\n';
      }
    }
  }
  if (options.json) {
    const json::object result = {{"ok", configuration.has_value()}, {"errors", std::move(errors)}};
    std::cout << json::serialize(result) << '\n';
  } else if (configuration.has_value()) {
    std::cout << file << ": nothing wrong\n";
  }
  return configuration.has_value() ? ExitCode::kDone : ExitCode::kRefused;
}

ExitCode set_log_level(const ControlOptions& options, const std::string& level) {
  return ask_and_show(options, "log.level", {{"level", level}},
                      [](const json::object& answer, const Style&) {
                        return "log level: " + text_field(answer, "level") + '\n';
                      });
}

ExitCode shut_down(const ControlOptions& options) {
  RpcClient client(options.socket);
  if (const auto connected = client.connect_once(); !connected.has_value()) {
    return report(connected.error());
  }
  if (!options.yes && !is_confirmed("This ends the server at " + options.socket +
                                    ": clients get no answer until it is started again. Go on?")) {
    return report(Failure{.code = ExitCode::kRefused, .reason = "not done"});
  }
  return ask_and_show(client, options, "shutdown", {}, [](const json::object&, const Style&) {
    return std::string("the server is ending\n");
  });
}

}  // namespace tandem6
