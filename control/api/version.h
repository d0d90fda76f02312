// Which tandem6 this is.
#pragma once

namespace tandem6 {

/// Of the whole build, "0.1.0". Any thread.
[[nodiscard]] const char* version() noexcept;

}  // namespace tandem6
