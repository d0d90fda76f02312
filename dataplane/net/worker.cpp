#include "dataplane/net/worker.h"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_pause.h>
#include <rte_prefetch.h>

#include <algorithm>
#include <utility>

#include "dataplane/wire/check.h"
#include "dataplane/wire/parse.h"

namespace tandem6 {
namespace {

constexpr std::size_t kExpireBudget = 64;  // bindings a turn
constexpr std::size_t kQueryRingSize = 64;
constexpr std::size_t kAnswerRingSize = 2 * kShardAnswerCountMax;
constexpr std::size_t kTaskRingSize = 64;
constexpr unsigned kRingTryCountMax = 64;

// Adaptive sleep: after so many turns without work, longer and longer.
constexpr std::uint32_t kIdleTurnsBeforeSleep = 64;
constexpr std::uint32_t kSleepMinUs = 10;
constexpr std::uint32_t kSleepMaxUs = 1000;
constexpr std::uint32_t kSleepMaxWhileHoldingUs = 50;  // a client waits for the commit

constexpr std::uint64_t kDrainSeconds = 2;

}  // namespace

Worker::Worker(Parts parts, WorkerShared& shared)
    : parts_(std::move(parts)),
      shared_(shared),
      queries_(kQueryRingSize),
      answers_(kAnswerRingSize),
      tasks_(kTaskRingSize),
      done_tasks_(2 * kTaskRingSize) {
  for (const PortLane& lane : parts_.lanes) {
    port_buffers_.emplace_back(lane.device, lane.queue.value_or(0));
    tap_buffers_.emplace_back(lane.tap.value_or(0), lane.queue.value_or(0));
  }
}

Worker::~Worker() {
  while (rte_mbuf* reply = held_.pop_committed(UINT64_MAX)) rte_pktmbuf_free(reply);
  // Left by others in the rings to us, when they ended.
  std::array<rte_mbuf*, kBurstSize> left;
  for (unsigned from = 0; from < shared_.worker_count; ++from) {
    while (const std::size_t count = shared_.rings.ring(from, parts_.index).pop(left)) {
      rte_pktmbuf_free_bulk(left.data(), static_cast<unsigned>(count));
    }
  }
}

std::size_t Worker::turn(WallTime now) noexcept {
  adopt_service();
  std::size_t done = 0;
  if (receiving_) {
    for (std::size_t port = 0; port < parts_.lanes.size(); ++port) done += receive(port, now);
    done += forward_from_kernel();
  }
  done += take_over(now);
  done += release_held();
  flush();
  return done + keep_house(now);
}

void Worker::adopt_service() noexcept {
  const Service* service =
      shared_.service.load(std::memory_order_acquire);  // A: R in Datapath::use
  if (service == service_in_use_.load(std::memory_order_relaxed)) return;
  if (service != nullptr) parts_.server->use(*service);
  service_in_use_.store(service, std::memory_order_release);  // R1: the old one is not used again
}

std::size_t Worker::receive(std::size_t port, WallTime now) noexcept {
  const PortLane& lane = parts_.lanes[port];
  if (!lane.queue) return 0;
  std::array<rte_mbuf*, kBurstSize> burst;
  const std::uint16_t count = rte_eth_rx_burst(lane.device, *lane.queue, burst.data(), kBurstSize);
  if (count == 0) return 0;
  net_.received.add(count);
  for (std::uint16_t i = 0; i < count; ++i) rte_prefetch0(rte_pktmbuf_mtod(burst[i], void*));
  for (std::uint16_t i = 0; i < count; ++i) sort_frame(burst[i], port);
  answer_batch(now);
  return count;
}

void Worker::sort_frame(rte_mbuf* frame, std::size_t port) noexcept {
  BufferInfo& info = info_of(frame);
  const bool verified =
      (frame->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK) == RTE_MBUF_F_RX_L4_CKSUM_GOOD;
  info.facts = classify_frame(octets_of(frame), *parts_.lanes[port].identity, verified);
  info.port = static_cast<std::uint16_t>(port);
  info.kind = BufferKind::kMessage;
  if (info.facts.odd_extension_headers) parts_.wire->note(OddReason::kExtHdr);
  switch (info.facts.verdict) {
    case FrameVerdict::kDhcp:
      return take_message(frame);
    case FrameVerdict::kKernel:
      return give_to_kernel(frame, port);
    case FrameVerdict::kDrop:
      return drop(frame, info.facts.drop);
    case FrameVerdict::kOtherHost:
      net_.other_host.add();
      rte_pktmbuf_free(frame);
      return;
  }
}

/// Into the batch, or over to the worker at home for its client. A message without a client
/// identifier touches no shard and is answered where it arrives.
void Worker::take_message(rte_mbuf* frame) noexcept {
  const FrameFacts& facts = info_of(frame).facts;
  ParsedMessage& message = messages_[batch_count_];
  const DropReason reason = parse(
      octets_of(frame).subspan(facts.payload_offset, facts.payload_size), message, *parts_.wire);
  if (reason != DropReason::kNone) return drop(frame, reason);
  const unsigned home =
      message.client_id.empty() ? parts_.index : parts_.server->locate(message.client_id);
  if (home == parts_.index) {
    batch_[batch_count_++] = frame;
  } else if (shared_.rings.ring(parts_.index, home).push(frame)) {
    net_.handed_over.add();
  } else {
    drop(frame, DropReason::kQueueFull);
  }
}

void Worker::give_to_kernel(rte_mbuf* frame, std::size_t port) noexcept {
  const PortLane& lane = parts_.lanes[port];
  if (lane.tap) {
    net_.given_to_kernel.add();
    return tap_buffers_[port].push(frame, net_, *parts_.wire);
  }
  (lane.kernel_sees_frames ? net_.left_to_kernel : net_.no_kernel).add();
  rte_pktmbuf_free(frame);
}

std::size_t Worker::forward_from_kernel() noexcept {
  std::size_t done = 0;
  for (std::size_t port = 0; port < parts_.lanes.size(); ++port) {
    const PortLane& lane = parts_.lanes[port];
    if (!lane.tap || !lane.queue) continue;
    std::array<rte_mbuf*, kBurstSize> burst;
    const std::uint16_t count = rte_eth_rx_burst(*lane.tap, *lane.queue, burst.data(), kBurstSize);
    for (std::uint16_t i = 0; i < count; ++i) {
      burst[i]->ol_flags = 0;  // what the TAP found on receiving means something else in sending
      port_buffers_[port].push(burst[i], net_, *parts_.wire);
    }
    net_.from_kernel.add(count);
    done += count;
  }
  return done;
}

std::size_t Worker::take_over(WallTime now) noexcept {
  std::size_t done = 0;
  for (unsigned from = 0; from < shared_.worker_count; ++from) {
    if (from == parts_.index) continue;
    std::array<rte_mbuf*, kBurstSize> burst;
    const std::size_t count = shared_.rings.ring(from, parts_.index).pop(burst);
    for (std::size_t i = 0; i < count; ++i) {
      const BufferInfo& info = info_of(burst[i]);
      if (info.kind == BufferKind::kReply) {
        port_buffers_[info.port].push(burst[i], net_, *parts_.wire);
        continue;
      }
      net_.taken_over.add();
      ParsedMessage& message = messages_[batch_count_];
      const Bytes payload =
          octets_of(burst[i]).subspan(info.facts.payload_offset, info.facts.payload_size);
      const DropReason reason = parse(payload, message, seen_before_);
      if (reason != DropReason::kNone) {
        drop(burst[i], reason);
        continue;
      }
      T6_CHECK(parts_.server->locate(message.client_id) == parts_.index);
      batch_[batch_count_++] = burst[i];
    }
    answer_batch(now);
    done += count;
  }
  return done;
}

void Worker::answer_batch(WallTime now) noexcept {
  for (std::size_t i = 0; i < batch_count_; ++i) answer(batch_[i], messages_[i], now);
  rte_pktmbuf_free_bulk(batch_.data(), static_cast<unsigned>(batch_count_));
  batch_count_ = 0;
}

/// While the disk refuses changes, nothing is begun that it would have to keep. When it only falls
/// behind, who has a lease goes before who wants one: a new client can go to another server.
bool Worker::may_take_changes(const ParsedMessage& message) const noexcept {
  if (!parts_.mark->is_serving() || held_.full()) return false;
  const bool is_newcomer =
      message.type == MessageType::kSolicit || message.type == MessageType::kRequest;
  return !is_newcomer || held_.size() < kHeldForNewcomersMax;
}

void Worker::answer(rte_mbuf* request, const ParsedMessage& message, WallTime now) noexcept {
  const BufferInfo& info = info_of(request);
  rte_mbuf* reply = rte_pktmbuf_alloc(shared_.pool);
  if (reply == nullptr) return parts_.wire->drop(DropReason::kNoMemory);

  const std::uint16_t offset = reply_payload_offset(info.facts);
  std::uint8_t* payload = rte_pktmbuf_mtod_offset(reply, std::uint8_t*, offset);
  const Envelope envelope{.source = info.facts.source,
                          .destination = info.facts.destination,
                          .source_port = info.facts.source_port,
                          .port = info.port,
                          .changes_allowed = may_take_changes(message)};
  const Outcome outcome =
      parts_.server->respond(envelope, message, now, {payload, kReplyPayloadSizeMax});
  if (outcome.drop != DropReason::kNone || outcome.size == 0) return rte_pktmbuf_free(reply);
  finish_reply(reply, request, message.is_relayed(), outcome);
  if (outcome.change_number == 0) return transmit(reply);
  net_.held.add();
  held_.push(reply, outcome.change_number);
}

void Worker::finish_reply(rte_mbuf* reply, rte_mbuf* request, bool relayed,
                          const Outcome& outcome) noexcept {
  const BufferInfo& info = info_of(request);
  const PortLane& lane = parts_.lanes[info.port];
  T6_CHECK(outcome.size <= kReplyPayloadSizeMax);
  const auto size = static_cast<std::uint16_t>(reply_payload_offset(info.facts) + outcome.size);
  reply->data_len = size;
  reply->pkt_len = size;
  info_of(reply).port = info.port;
  info_of(reply).kind = BufferKind::kReply;
  ChecksumBy checksum = ChecksumBy::kSoftware;
  if (lane.checksum_offload) {
    checksum = ChecksumBy::kHardware;
    reply->l2_len = info.facts.network_offset;
    reply->l3_len = kIpv6HeaderSize;
    reply->ol_flags |= RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_UDP_CKSUM;
  }
  const ReplyAddresses addresses{
      .source = answer_source(*lane.identity, info.facts.source, info.facts.destination, relayed),
      .destination = outcome.destination,
      .destination_port = outcome.destination_port};
  write_reply_headers(octets_of(reply), octets_of(request), info.facts, *lane.identity, addresses,
                      checksum);
}

std::size_t Worker::release_held() noexcept {
  if (held_.empty()) return 0;
  const std::uint64_t committed = parts_.mark->read();
  std::size_t done = 0;
  while (rte_mbuf* reply = held_.pop_committed(committed)) {
    transmit(reply);
    ++done;
  }
  return done;
}

void Worker::transmit(rte_mbuf* reply) noexcept {
  const std::uint16_t port = info_of(reply).port;
  const unsigned sender = parts_.lanes[port].transmitting_worker;
  if (sender == parts_.index) return port_buffers_[port].push(reply, net_, *parts_.wire);
  for (unsigned tries = 0; tries < kRingTryCountMax; ++tries) {
    if (shared_.rings.ring(parts_.index, sender).push(reply)) return;
    rte_pause();
  }
  net_.transmit_full.add();
  drop(reply, DropReason::kQueueFull);
}

void Worker::flush() noexcept {
  for (TransmitBuffer& buffer : port_buffers_) buffer.flush(net_, *parts_.wire);
  for (TransmitBuffer& buffer : tap_buffers_) buffer.flush(net_, *parts_.wire);
}

std::size_t Worker::keep_house(WallTime now) noexcept {
  std::size_t done = 0;
  if (more_to_expire_ || now != expired_at_) {
    done = parts_.server->expire(now, kExpireBudget);
    more_to_expire_ = done == kExpireBudget;
    expired_at_ = now;
  }
  ShardQuery query;
  if (answers_.room() >= kShardAnswerCountMax && queries_.pop({&query, 1}) == 1) {
    parts_.server->answer(query, answers_);
    ++done;
  }
  return done + advance_task(now);
}

/// One piece of one task a turn, and none is begun that could not come back.
std::size_t Worker::advance_task(WallTime now) noexcept {
  if (task_ == nullptr) {
    if (done_tasks_.room() == 0 || tasks_.pop({&task_, 1}) == 0) return 0;
  }
  if (!parts_.server->advance(*task_, now)) return 1;
  T6_CHECK(done_tasks_.push(task_));
  task_ = nullptr;
  return 1;
}

void Worker::drop(rte_mbuf* frame, DropReason reason) noexcept {
  parts_.wire->drop(reason);
  rte_pktmbuf_free(frame);
}

void Worker::rest(std::size_t done) noexcept {
  if (done != 0) {
    idle_turns_ = 0;
    sleep_us_ = 0;
    return;
  }
  rte_pause();
  if (shared_.idle == IdleMode::kPoll || ++idle_turns_ < kIdleTurnsBeforeSleep) return;
  const std::uint32_t sleep_us_max = held_.empty() ? kSleepMaxUs : kSleepMaxWhileHoldingUs;
  sleep_us_ = std::min(std::max(sleep_us_ * 2, kSleepMinUs), sleep_us_max);
  net_.sleeps.add();
  rte_delay_us_sleep(sleep_us_);
}

void Worker::run() noexcept {
  // Relaxed: the flag carries no data.
  while (!shared_.stop.load(std::memory_order_relaxed)) rest(turn(shared_.clock.now()));
  drain();
}

/// Three steps, because a worker without a queue sends through one that must still be there:
/// everybody stops receiving; everybody answers what was handed over and sends what is held;
/// everybody sends what the others handed over meanwhile. The whole takes kDrainSeconds at most;
/// what has not been committed then is not sent, and its client asks again.
void Worker::drain() noexcept {
  const std::uint64_t deadline = rte_get_timer_cycles() + kDrainSeconds * rte_get_timer_hz();
  const auto turn_until = [&](const auto& reached) {
    while (rte_get_timer_cycles() < deadline) {
      const std::size_t done = turn(shared_.clock.now());
      if (done == 0 && reached()) return;
      rest(done);
    }
  };
  receiving_ = false;
  shared_.stopped_receiving_count.fetch_add(1, std::memory_order_release);  // R2
  turn_until([this] {
    return held_.empty() && shared_.stopped_receiving_count.load(std::memory_order_acquire) ==
                                shared_.worker_count;  // A2: pairs with R2
  });
  // One more: what the others handed over before they stopped may have come after our last look.
  turn_until([this] { return held_.empty(); });
  shared_.drained_count.fetch_add(1, std::memory_order_release);  // R3
  turn_until([this] {
    return shared_.drained_count.load(std::memory_order_acquire) ==
           shared_.worker_count;  // A3: pairs with R3
  });
  turn_until([] { return true; });
}

}  // namespace tandem6
