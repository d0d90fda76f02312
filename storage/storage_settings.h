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

/// As the configuration spells it.
[[nodiscard]] constexpr const char* name_of(Durability durability) noexcept {
  switch (durability) {
    case Durability::kPower:
      return "power";
    case Durability::kProcess:
      return "process";
    case Durability::kNone:
      return "none";
  }
  return "unknown";
}

struct StorageSettings {
  std::string path = "/var/lib/tandem6";
  Durability durability = Durability::kPower;
};

}  // namespace tandem6
