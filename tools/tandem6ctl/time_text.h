// Times of an answer, as people read them.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace tandem6 {

/// Of a field {"at", "left"}: "2026-01-31T12:00:00Z (in 5 min)", "… (5 min ago)"; "-" for none.
[[nodiscard]] std::string time_text(const boost::json::object& object, const char* field);

}  // namespace tandem6
