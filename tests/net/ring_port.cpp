#include "tests/net/ring_port.h"

#include <rte_eth_ring.h>
#include <rte_ring.h>

#include <cstring>

#include "dataplane/net/packet_buffer.h"
#include "dataplane/wire/check.h"

namespace tandem6 {

namespace {
constexpr unsigned kRingSize = 1024;
}  // namespace

RingPort::RingPort(const std::string& name, std::uint16_t queue_count) : name_(name) {
  for (std::uint16_t queue = 0; queue < queue_count; ++queue) {
    const std::string suffix = "_" + name + std::to_string(queue);
    to_server_.push_back(rte_ring_create(("in" + suffix).c_str(), kRingSize, SOCKET_ID_ANY, 0));
    from_server_.push_back(rte_ring_create(("out" + suffix).c_str(), kRingSize, SOCKET_ID_ANY, 0));
    T6_CHECK(to_server_.back() != nullptr && from_server_.back() != nullptr);
  }
  const int number = rte_eth_from_rings(name.c_str(), to_server_.data(), queue_count,
                                        from_server_.data(), queue_count, 0);
  T6_CHECK(number >= 0);
  number_ = static_cast<std::uint16_t>(number);
}

void RingPort::arrive(std::uint16_t queue, const Octets& frame, rte_mempool* pool) {
  rte_mbuf* buffer = rte_pktmbuf_alloc(pool);
  T6_CHECK(buffer != nullptr);
  char* room = rte_pktmbuf_append(buffer, static_cast<std::uint16_t>(frame.size()));
  T6_CHECK(room != nullptr);
  std::memcpy(room, frame.data(), frame.size());
  T6_CHECK(rte_ring_enqueue(to_server_[queue], buffer) == 0);
}

std::vector<Octets> RingPort::sent(std::uint16_t queue) {
  std::vector<Octets> frames;
  void* item = nullptr;
  while (rte_ring_dequeue(from_server_[queue], &item) == 0) {
    auto* buffer = static_cast<rte_mbuf*>(item);
    const std::span<const std::uint8_t> octets = octets_of(buffer);
    frames.emplace_back(octets.begin(), octets.end());
    rte_pktmbuf_free(buffer);
  }
  return frames;
}

void RingPort::fill_transmit_ring(std::uint16_t queue, rte_mempool* pool) {
  while (rte_mbuf* buffer = rte_pktmbuf_alloc(pool)) {
    if (rte_ring_enqueue(from_server_[queue], buffer) == 0) continue;
    rte_pktmbuf_free(buffer);
    return;
  }
}

}  // namespace tandem6
