// The configuration file as checked values, immutable once loaded.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "control/failover/partner_settings.h"
#include "dataplane/net/net_settings.h"
#include "dataplane/server/settings.h"
#include "storage/storage_settings.h"

namespace tandem6 {

enum class LogFormat : std::uint8_t { kText, kJson };

struct Configuration {
  bool server_duid_is_auto =
      true;  // then server.server_duid is empty: the daemon makes or loads it
  bool allocation_key_is_auto = true;  // likewise
  ServerSettings server;
  NetSettings net;
  StorageSettings storage;
  std::vector<PartnerSettings> failover;  // a RelationshipIndex is a place in here
  std::string control_socket = "/run/tandem6/control.sock";
  std::string metrics;  // "[::1]:9547"; empty: none
  std::string log_level = "info";
  LogFormat log_format = LogFormat::kText;
};

/// One fault of the file, for a person: where, what, why, and what would be right.
struct ConfigurationError {
  std::string file;
  int line = 0;    // from 1
  int column = 0;  // from 1
  std::string what;
  std::string why;
  std::string right;

  /// "file:line:column: what: why; right"
  [[nodiscard]] std::string to_string() const;
};

using ConfigurationResult = std::expected<Configuration, std::vector<ConfigurationError>>;

/// Reads and checks a whole file; finds as many faults as it can in one go. Any thread; not for the
/// packet path.
[[nodiscard]] ConfigurationResult load_configuration(const std::string& path);
[[nodiscard]] ConfigurationResult parse_configuration(const std::string& text,
                                                      const std::string& file_name);

}  // namespace tandem6
