#include "control/daemon/service_manager.h"

#include <systemd/sd-daemon.h>

namespace tandem6 {

void tell_ready() noexcept { sd_notify(0, "READY=1"); }
void tell_stopping() noexcept { sd_notify(0, "STOPPING=1"); }

}  // namespace tandem6
