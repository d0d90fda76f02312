// Text from a process of many to the one that asked for it.
#pragma once

#include <unistd.h>

#include <string>

namespace tandem6::simulation {

/// All of it, or as much as there is somebody to read it.
inline void write_all(int to, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t size = write(to, text.data() + done, text.size() - done);
    if (size <= 0) return;
    done += static_cast<std::size_t>(size);
  }
}

}  // namespace tandem6::simulation
