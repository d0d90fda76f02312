// DPDK's environment: memory, cores, devices. One in the life of a process, since DPDK cannot be
// started twice. Control's thread.
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dataplane/net/net_settings.h"

namespace tandem6 {

class Eal {
 public:
  /// Starts DPDK with the operator's arguments as they stand. Added where the operator says nothing
  /// else: a file prefix of this process (so that several daemons run on one host), no telemetry,
  /// warnings only, and the cores:
  ///  - workers that poll get a CPU each, from the last one downwards, as far as there are enough;
  ///  - workers that sleep when idle, and the calling thread, float over all CPUs of the process.
  /// So any number of workers runs on any machine. The error is a line for the operator.
  [[nodiscard]] static std::expected<std::unique_ptr<Eal>, std::string> start(
      const NetSettings& settings);
  /// Ends DPDK and removes its runtime directory. All ports must be closed.
  ~Eal();
  Eal(const Eal&) = delete;
  Eal& operator=(const Eal&) = delete;

  /// The DPDK cores of the workers, worker_count of them.
  [[nodiscard]] std::span<const unsigned> worker_cores() const noexcept { return worker_cores_; }

 private:
  Eal() = default;

  std::vector<std::string> arguments_;  // DPDK keeps pointers into them
  std::vector<char*> argument_pointers_;
  std::vector<unsigned> worker_cores_;
  std::string runtime_directory_;  // to be removed at the end; empty when it is not ours
};

}  // namespace tandem6
