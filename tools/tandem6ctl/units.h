// Numbers the way people read them.
#pragma once

#include <cstdint>
#include <string>

namespace tandem6 {

/// 99999 as it stands, then "100k", "1.2M", "18.4E".
[[nodiscard]] std::string human_count(double count);
/// "12.3", "0.05", "0"; from 100 on without a fraction and as human_count.
[[nodiscard]] std::string human_rate(double per_second);
/// The two greatest units: "2 d 3 h", "59 s"; "0 s".
[[nodiscard]] std::string human_seconds(double seconds);

}  // namespace tandem6
