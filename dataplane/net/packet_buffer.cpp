#include "dataplane/net/packet_buffer.h"

#include <rte_errno.h>

namespace tandem6 {
namespace {

constexpr unsigned kCacheSize = 256;  // buffers kept by each worker, without touching the pool
static_assert(sizeof(BufferInfo) <= 64, "one line of the cache");

}  // namespace

std::expected<rte_mempool*, std::string> make_buffer_pool(const std::string& name, unsigned count) {
  rte_mempool* pool =
      rte_pktmbuf_pool_create(name.c_str(), count, kCacheSize, RTE_ALIGN(sizeof(BufferInfo), 8),
                              RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
  if (pool == nullptr) {
    return std::unexpected("DPDK has no memory for " + std::to_string(count) + " packet buffers (" +
                           rte_strerror(rte_errno) +
                           "): give it more (dataplane.eal: \"-m\", megabytes; without huge pages "
                           "4 KiB each) or use fewer workers and ports");
  }
  return pool;
}

}  // namespace tandem6
