#include "control/daemon/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <ctime>
#include <memory>
#include <optional>
#include <string_view>

namespace tandem6 {
namespace {

struct NamedLevel {
  std::string_view name;
  spdlog::level::level_enum level;
};
constexpr std::array kLevels = {
    NamedLevel{"trace", spdlog::level::trace}, NamedLevel{"debug", spdlog::level::debug},
    NamedLevel{"info", spdlog::level::info},   NamedLevel{"warning", spdlog::level::warn},
    NamedLevel{"error", spdlog::level::err},   NamedLevel{"critical", spdlog::level::critical},
    NamedLevel{"off", spdlog::level::off},
};

std::optional<spdlog::level::level_enum> level_called(const std::string& name) {
  for (const NamedLevel& level : kLevels) {
    if (level.name == name) return level.level;
  }
  return std::nullopt;
}

/// One JSON object a line.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& line) override {
    const boost::json::object object = {
        {"time", time_text(message.time)},
        {"level", std::string_view(kLevels[static_cast<std::size_t>(message.level)].name)},
        {"message", std::string_view(message.payload.data(), message.payload.size())}};
    const std::string text = boost::json::serialize(object);
    line.append(text.data(), text.data() + text.size());
    line.push_back('\n');
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }

 private:
  static std::string time_text(spdlog::log_clock::time_point time) {
    const auto since_epoch = time.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch);
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch - seconds);
    const auto unix_seconds = static_cast<std::time_t>(seconds.count());
    std::tm parts{};
    gmtime_r(&unix_seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ",
                  static_cast<int>(milliseconds.count() % 1000));
    return std::string(text.data()) + fraction.data();
  }
};

}  // namespace

void start_log(const std::string& level, LogFormat format) {
  auto logger = std::make_shared<spdlog::logger>("tandem6d",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  if (format == LogFormat::kJson) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  }
  logger->set_level(level_called(level).value_or(spdlog::level::info));
  spdlog::set_default_logger(std::move(logger));
}

std::expected<void, std::string> set_log_level(const std::string& level) {
  const auto found = level_called(level);
  if (!found.has_value()) {
    return std::unexpected("no log level `" + level +
                           "`; there are trace, debug, info, warning, error, critical, off");
  }
  spdlog::default_logger()->set_level(*found);
  return {};
}

void log_debug(const std::string& text) { spdlog::debug("{}", text); }
void log_info(const std::string& text) { spdlog::info("{}", text); }
void log_warning(const std::string& text) { spdlog::warn("{}", text); }
void log_error(const std::string& text) { spdlog::error("{}", text); }

}  // namespace tandem6
