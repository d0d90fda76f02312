// What systemd is told, where it is there.
#pragma once

namespace tandem6 {

/// Without a service manager these do nothing.
void tell_ready() noexcept;
void tell_stopping() noexcept;
/// A line for `systemctl status`.
void tell_status(const char* text) noexcept;
/// What the start is busy with, for `systemctl status`; and that it needs more time.
void tell_progress(const char* text) noexcept;

}  // namespace tandem6
