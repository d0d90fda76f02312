// Times on the wire between partners: seconds since 2000 modulo 2^32 (RFC 8156 section 5.2), the
// only place where they are made and taken apart. Pure; any thread.
#pragma once

#include <cstdint>

#include "dataplane/lease/wall_time.h"

namespace tandem6 {

/// The time nearest to `now` among those that the 32 bits may stand for. May lie before
/// 2000, which no honest partner says.
[[nodiscard]] WallTime wall_time_near(std::uint32_t wire_time, WallTime now) noexcept;
/// The same for options in which 0 says "none".
[[nodiscard]] WallTime optional_time_near(std::uint32_t wire_time, WallTime now) noexcept;

/// The low 32 bits, so that what was received goes back bit for bit.
[[nodiscard]] std::uint32_t wire_time_of(WallTime time) noexcept;
/// A time of our own, for a reader whose clock shows about `now`. One too far off to be told (a
/// lease from before the relationship may end never) becomes the farthest that is still read as
/// future or past. Never 0.
[[nodiscard]] std::uint32_t told_time_of(WallTime time, WallTime now) noexcept;

}  // namespace tandem6
