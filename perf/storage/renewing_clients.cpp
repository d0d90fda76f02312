#include "perf/storage/renewing_clients.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "dataplane/wire/parse.h"

namespace tandem6 {
namespace {

const Envelope kEnvelope{.source = *Ipv6Address::parse("fe80::1"),
                         .destination = *Ipv6Address::parse("ff02::1:2"),
                         .source_port = 546,
                         .port = 0};

}  // namespace

std::uint64_t nanoseconds_now() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

void RenewingClients::renew(WallTime now, std::size_t count_max) {
  const std::size_t count = std::min(count_max, kBurstSize);
  for (std::size_t i = 0; i < count; ++i) {
    const auto octets = renew_.of(client_of(tail_ + i), static_cast<std::uint32_t>(tail_ + i));
    std::copy(octets.begin(), octets.end(), datagrams_[i].begin());
    if (parse({datagrams_[i].data(), octets.size()}, messages_[i], counters_) !=
        DropReason::kNone) {
      std::abort();
    }
    (void)server_.locate(messages_[i].client_id);  // prefetches
  }
  const std::uint64_t arrived = nanoseconds_now();
  for (std::size_t i = 0; i < count; ++i) {
    if (held_count() == HeldReplies::kCountMax) return;
    const Outcome outcome = server_.respond(kEnvelope, messages_[i], now, reply_);
    if (outcome.drop != DropReason::kNone) return;  // the ring is full: the same client again
    held_[tail_++ % HeldReplies::kCountMax] = {outcome.change_number, arrived};
  }
}

void RenewingClients::release(LatencyRecord& latency) {
  const std::uint64_t committed = mark_.read();
  if (held_count() == 0 || held_[head_ % HeldReplies::kCountMax].number > committed) return;
  const std::uint64_t now = nanoseconds_now();
  while (held_count() != 0 && held_[head_ % HeldReplies::kCountMax].number <= committed) {
    latency.add(now - held_[head_++ % HeldReplies::kCountMax].arrived);
  }
}

}  // namespace tandem6
