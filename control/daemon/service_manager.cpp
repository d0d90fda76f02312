#include "control/daemon/service_manager.h"

#include <systemd/sd-daemon.h>

namespace tandem6 {

void tell_ready() noexcept { sd_notify(0, "READY=1\nSTATUS=serving"); }
void tell_stopping() noexcept { sd_notify(0, "STOPPING=1"); }
void tell_status(const char* text) noexcept { sd_notifyf(0, "STATUS=%s", text); }
void tell_progress(const char* text) noexcept {
  sd_notifyf(0, "STATUS=%s\nEXTEND_TIMEOUT_USEC=10000000", text);
}

}  // namespace tandem6
