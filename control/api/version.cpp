#include "control/api/version.h"

namespace tandem6 {

const char* version() noexcept { return TANDEM6_VERSION; }

}  // namespace tandem6
