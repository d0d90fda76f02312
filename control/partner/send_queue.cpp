#include "control/partner/send_queue.h"

#include <utility>

#include "control/failover/message_writer.h"

namespace tandem6 {
namespace {

/// In memory, which is more than on the wire.
std::size_t size_of(const FailoverMessage& message) noexcept {
  std::size_t size = sizeof(message);
  if (const auto* update = std::get_if<BindingUpdate>(&message.body)) {
    size += update->leases.size() * sizeof(BindingUpdate::Lease);
  } else if (const auto* reply = std::get_if<BindingReply>(&message.body)) {
    size += reply->status.text.size();
    for (const auto& lease : reply->leases) size += sizeof(lease) + lease.status.text.size();
  } else if (const auto* disconnect = std::get_if<Disconnect>(&message.body)) {
    if (disconnect->status) size += disconnect->status->text.size();
  }
  return size;
}

bool is_overtaken(const FailoverMessage& message) noexcept {
  return std::holds_alternative<BindingUpdate>(message.body) ||
         std::holds_alternative<BindingReply>(message.body);
}

}  // namespace

bool SendQueue::push(FailoverMessage&& message) {
  if (std::holds_alternative<Contact>(message.body)) {
    contact_ = std::move(message);
    return true;
  }
  const std::size_t size = size_of(message);
  if (octets_ + size > octets_max_) return false;
  octets_ += size;
  waiting_.push_back(std::move(message));
  return true;
}

FailoverMessage SendQueue::pop() {
  if (contact_ && (waiting_.empty() || is_overtaken(waiting_.front()))) {
    return *std::exchange(contact_, std::nullopt);
  }
  octets_ -= size_of(waiting_.front());
  FailoverMessage message = std::move(waiting_.front());
  waiting_.pop_front();
  return message;
}

std::expected<std::size_t, MessageType> SendQueue::encode(WallTime now,
                                                          std::vector<std::uint8_t>& out) {
  std::size_t count = 0;
  while (!empty() && out.size() < kChunkSize) {
    FailoverMessage message = pop();
    message.sent_time = now;
    if (!write_message(message, now, out)) return std::unexpected(message.type());
    ++count;
  }
  return count;
}

}  // namespace tandem6
