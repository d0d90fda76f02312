// Small files that must be whole after a power cut: written beside, synced, renamed.
#pragma once

#include <sys/types.h>

#include <expected>
#include <optional>
#include <string>

namespace tandem6 {

/// None when there is no such file; an error when it cannot be read or is over 4096 octets.
[[nodiscard]] std::expected<std::optional<std::string>, std::string> read_small_file(
    const std::string& path);

/// Makes the folder where it is missing (mode 0750). The file is there as a whole, or as it was.
[[nodiscard]] std::expected<void, std::string> write_durable_file(const std::string& path,
                                                                  const std::string& content,
                                                                  mode_t mode);

}  // namespace tandem6
