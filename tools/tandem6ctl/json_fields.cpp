#include "tools/tandem6ctl/json_fields.h"

#include <limits>

namespace tandem6 {

namespace json = boost::json;

std::string text_field(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

double number_field(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return std::numeric_limits<double>::quiet_NaN();
  if (value->is_double()) return value->get_double();
  if (value->is_uint64()) return static_cast<double>(value->get_uint64());
  if (value->is_int64()) return static_cast<double>(value->get_int64());
  return std::numeric_limits<double>::quiet_NaN();
}

const json::array& array_field(const json::object& object, const char* name) {
  static const json::array empty;
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->get_array() : empty;
}

const json::object& object_field(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? as_object(nullptr) : as_object(*value);
}

bool flag_field(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::object& as_object(const json::value& value) {
  static const json::object empty;
  return value.is_object() ? value.get_object() : empty;
}

}  // namespace tandem6
