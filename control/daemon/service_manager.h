// What systemd is told, where it is there.
#pragma once

namespace tandem6 {

/// Without a service manager these do nothing.
void tell_ready() noexcept;
void tell_stopping() noexcept;

}  // namespace tandem6
