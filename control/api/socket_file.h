// The file of a UNIX socket: who owns it, and may it be replaced?
#pragma once

#include <expected>
#include <string>

namespace tandem6 {

/// Makes the folder of `path` where it is missing, removes the file that a killed server left, and
/// binds and listens with mode 0660. Returns the file descriptor, which the caller owns. Any
/// thread.
[[nodiscard]] std::expected<int, std::string> listen_at_socket_file(const std::string& path);

}  // namespace tandem6
