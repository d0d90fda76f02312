#include "tests/net/test_eal.h"

#include <cstdio>
#include <cstdlib>

namespace tandem6 {

const Eal& test_eal() {
  static const std::unique_ptr<Eal> eal = [] {
    NetSettings settings;
    settings.eal_arguments = {"--no-huge", "--no-pci", "-m", "256"};
    settings.worker_count = 2;
    settings.idle = IdleMode::kSleep;  // the cores float
    auto started = Eal::start(settings);
    if (!started) {
      std::fprintf(stderr, "%s\n", started.error().c_str());
      std::abort();
    }
    return std::move(*started);
  }();
  return *eal;
}

}  // namespace tandem6
