// A port whose wire is a pair of rings for each queue: what the test puts in is received, what the
// server sends the test takes out. One for the whole run of the tests under a name, since DPDK
// cannot make a net_ring device anew under the same one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/wire/packet_builder.h"

struct rte_mempool;
struct rte_ring;

namespace tandem6 {

class RingPort {
 public:
  /// The device string for PortSettings is device().
  RingPort(const std::string& name, std::uint16_t queue_count);

  [[nodiscard]] std::string device() const { return "net_ring_" + name_; }
  [[nodiscard]] std::uint16_t number() const { return number_; }

  /// A frame arrives at a queue. REQUIRES: room there.
  void arrive(std::uint16_t queue, const Octets& frame, rte_mempool* pool);
  /// What was sent on this queue since the last call.
  [[nodiscard]] std::vector<Octets> sent(std::uint16_t queue);
  /// Nothing takes what is sent on this queue, from now on until `sent`.
  void fill_transmit_ring(std::uint16_t queue, rte_mempool* pool);

 private:
  std::string name_;
  std::uint16_t number_ = 0;
  std::vector<rte_ring*> to_server_;
  std::vector<rte_ring*> from_server_;
};

}  // namespace tandem6
