#include "control/api/parameters.h"

#include <algorithm>
#include <utility>

namespace tandem6 {

const boost::json::value* ParameterReader::take(const char* name) {
  taken_.emplace_back(name);
  const boost::json::value* value = parameters_->if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

void ParameterReader::set_fault(std::string message) {
  if (fault_.has_value()) return;
  fault_ = RpcError{.code = RpcErrorCode::kInvalidParameters, .message = std::move(message)};
}

std::optional<std::string> ParameterReader::text(const char* name) {
  const boost::json::value* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    set_fault("`" + std::string(name) + "` must be a string");
    return std::nullopt;
  }
  return std::string(value->get_string());
}

std::optional<std::uint64_t> ParameterReader::number(const char* name, std::uint64_t min,
                                                     std::uint64_t max) {
  const boost::json::value* value = take(name);
  if (value == nullptr) return std::nullopt;
  std::uint64_t number = 0;
  const bool is_whole = value->is_uint64() || (value->is_int64() && value->get_int64() >= 0);
  if (is_whole) {
    number =
        value->is_uint64() ? value->get_uint64() : static_cast<std::uint64_t>(value->get_int64());
  }
  if (!is_whole || number < min || number > max) {
    set_fault("`" + std::string(name) + "` must be a whole number from " + std::to_string(min) +
              " to " + std::to_string(max));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> ParameterReader::flag(const char* name) {
  const boost::json::value* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) {
    set_fault("`" + std::string(name) + "` must be true or false");
    return std::nullopt;
  }
  return value->get_bool();
}

std::optional<RpcError> ParameterReader::fault() const {
  if (fault_.has_value()) return fault_;
  for (const auto& member : *parameters_) {
    const std::string name(member.key());
    if (std::find(taken_.begin(), taken_.end(), name) == taken_.end()) {
      return RpcError{.code = RpcErrorCode::kInvalidParameters,
                      .message = "no parameter `" + name + "` here"};
    }
  }
  return std::nullopt;
}

}  // namespace tandem6
