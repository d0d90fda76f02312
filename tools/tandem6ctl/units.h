// Numbers the way people read them.
#pragma once

#include <cstdint>
#include <string>

namespace tandem6 {

/// 99999 as it stands, then "100k", "1.2M", "18.4E".
[[nodiscard]] std::string human_count(double count);
/// "12.3", "0.05", "0"; from 100 on without a fraction and as human_count.
[[nodiscard]] std::string human_rate(double per_second);
/// What takes a moment: "85 us", "2.1 ms", "3.4 s"; from a minute on as human_seconds.
[[nodiscard]] std::string human_moment(double seconds);
/// "512 B", "1.2 MB": powers of 1000.
[[nodiscard]] std::string human_octets(double octets);
/// The two greatest units: "2 d 3 h", "59 s"; "0 s".
[[nodiscard]] std::string human_seconds(double seconds);

}  // namespace tandem6
