// Reads the named parameters of a command: straight-line, with one test at the end. What is not
// asked for is an error, as in the configuration file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/api/json_rpc.h"

namespace tandem6 {

class ParameterReader {
 public:
  explicit ParameterReader(const boost::json::object& parameters) : parameters_(&parameters) {}

  /// None when it is absent, null, or wrong (then `fault` tells).
  [[nodiscard]] std::optional<std::string> text(const char* name);
  [[nodiscard]] std::optional<std::uint64_t> number(const char* name, std::uint64_t min,
                                                    std::uint64_t max);
  [[nodiscard]] std::optional<bool> flag(const char* name);

  /// The first thing that was wrong, unknown parameters included. Call it after all the readings.
  [[nodiscard]] std::optional<RpcError> fault() const;

 private:
  [[nodiscard]] const boost::json::value* take(const char* name);
  void set_fault(std::string message);

  const boost::json::object* parameters_;
  std::vector<std::string> taken_;
  std::optional<RpcError> fault_;
};

}  // namespace tandem6
