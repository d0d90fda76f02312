// DPDK for tests: no huge pages, no device of the machine, no privileges. Started once, by the
// first test that needs it, with two worker cores wherever they may run.
#pragma once

#include "dataplane/net/eal.h"

namespace tandem6 {

[[nodiscard]] const Eal& test_eal();

}  // namespace tandem6
