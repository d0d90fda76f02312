// Packet buffers (mbufs) of one kind: each carries what we know of its frame in its private area,
// so that a worker that takes a frame over from another need not look at the headers again.
#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <expected>
#include <span>
#include <string>

#include "dataplane/net/frame.h"

namespace tandem6 {

enum class BufferKind : std::uint8_t {
  kMessage,  // a received message on its way to the worker at home for its client
  kReply,    // a reply on its way to the worker that owns a transmit queue of its port
};

struct BufferInfo {
  FrameFacts facts;  // of the request; undefined in a reply
  std::uint16_t port =
      0;  // index into NetSettings::ports: a packet leaves where it came in (S-003)
  BufferKind kind = BufferKind::kMessage;
};

[[nodiscard]] inline BufferInfo& info_of(rte_mbuf* buffer) noexcept {
  return *static_cast<BufferInfo*>(rte_mbuf_to_priv(buffer));
}

[[nodiscard]] inline std::span<std::uint8_t> octets_of(rte_mbuf* buffer) noexcept {
  return {rte_pktmbuf_mtod(buffer, std::uint8_t*), buffer->data_len};
}

/// Makes the pool of all ports and workers. Any thread, after the start of EAL; lives until the end
/// of EAL or rte_mempool_free.
[[nodiscard]] std::expected<rte_mempool*, std::string> make_buffer_pool(const std::string& name,
                                                                        unsigned count);

}  // namespace tandem6
