// Fields of an answer; one that is missing or of another type reads as empty, so that a newer
// daemon does not break an older tandem6ctl.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

namespace tandem6 {

[[nodiscard]] std::string text_field(const boost::json::object& object, const char* name);
/// Not a number, where there is none.
[[nodiscard]] double number_field(const boost::json::object& object, const char* name);
[[nodiscard]] const boost::json::array& array_field(const boost::json::object& object,
                                                    const char* name);
[[nodiscard]] const boost::json::object& object_field(const boost::json::object& object,
                                                      const char* name);
[[nodiscard]] bool flag_field(const boost::json::object& object, const char* name);

/// The value itself as an object; an empty one when it is something else.
[[nodiscard]] const boost::json::object& as_object(const boost::json::value& value);

}  // namespace tandem6
