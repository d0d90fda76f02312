#include "dataplane/net/transmit_buffer.h"

#include <rte_ethdev.h>
#include <rte_pause.h>

namespace tandem6 {
namespace {

constexpr unsigned kTryCountMax = 16;  // in a row without progress

}  // namespace

void TransmitBuffer::flush(NetCounters& net, WireCounters& wire) noexcept {
  if (count_ == 0) return;
  std::uint16_t sent = 0;
  for (unsigned tries = 0; sent < count_ && tries < kTryCountMax; ++tries) {
    const std::uint16_t more = rte_eth_tx_burst(device_, queue_, frames_.data() + sent,
                                                static_cast<std::uint16_t>(count_ - sent));
    if (more != 0) {
      tries = 0;
    } else {
      rte_pause();
    }
    sent = static_cast<std::uint16_t>(sent + more);
  }
  net.sent.add(sent);
  if (sent < count_) {
    const unsigned left = count_ - sent;
    net.transmit_full.add(left);
    wire.dropped[static_cast<std::size_t>(DropReason::kQueueFull)].add(left);
    rte_pktmbuf_free_bulk(frames_.data() + sent, left);
  }
  count_ = 0;
}

}  // namespace tandem6
