// config.check, log.level, shutdown.
#include <boost/json/array.hpp>

#include "control/api/commands.h"
#include "control/api/parameters.h"
#include "control/api/server_view.h"
#include "control/config/configuration.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

RpcError missing(const std::string& name) {
  return {.code = RpcErrorCode::kInvalidParameters, .message = "`" + name + "` is missing"};
}

}  // namespace

/// The text comes from the caller: the daemon opens no file of anybody's choice.
void command_config_check(ServerView&, const json::object& parameters, const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto text = reader.text("text");
  const auto name = reader.text("name");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  if (!text.has_value()) return reply(std::unexpected(missing("text")));
  json::array errors;
  const auto configuration = parse_configuration(*text, name.value_or("(text)"));
  if (!configuration.has_value()) {
    for (const ConfigurationError& error : configuration.error()) {
      errors.push_back({{"file", error.file},
                        {"line", error.line},
                        {"column", error.column},
                        {"what", error.what},
                        {"why", error.why},
                        {"right", error.right}});
    }
  }
  reply(json::object{{"ok", errors.empty()}, {"errors", std::move(errors)}});
}

void command_log_level(ServerView& server, const json::object& parameters, const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto level = reader.text("level");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  if (!level.has_value()) return reply(std::unexpected(missing("level")));
  if (const auto set = server.set_log_level(*level); !set.has_value()) {
    return reply(std::unexpected(RpcError{.message = set.error()}));
  }
  reply(json::object{{"level", *level}});
}

void command_shutdown(ServerView& server, const json::object& parameters, const RpcReply& reply) {
  ParameterReader reader(parameters);
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  reply(json::object{{"ending", true}});
  server.shutdown();
}

}  // namespace tandem6
