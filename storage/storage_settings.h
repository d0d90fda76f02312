// What storage needs to know of the configuration.
#pragma once

#include <cstdint>
#include <string>

namespace tandem6 {

/// What a REPLY waits for (shown in `status` and in every benchmark).
enum class Durability : std::uint8_t {
  kPower,    // on disk: survives a power cut
  kProcess,  // written to the kernel: survives kill -9
  kNone,     // in memory
};

struct StorageSettings {
  std::string path = "/var/lib/tandem6";
  Durability durability = Durability::kPower;
};

}  // namespace tandem6
