// The log of the daemon: lines on stderr. Never called from the packet path.
#pragma once

#include <expected>
#include <string>

#include "control/config/configuration.h"

namespace tandem6 {

/// Before the first line; an unknown level is taken for "info" (the configuration is checked).
void start_log(const std::string& level, LogFormat format);
/// Any thread. The error says which levels there are.
[[nodiscard]] std::expected<void, std::string> set_log_level(const std::string& level);

/// Any thread but the workers'.
void log_debug(const std::string& text);
void log_info(const std::string& text);
void log_warning(const std::string& text);
void log_error(const std::string& text);

}  // namespace tandem6
