#include "control/failover/update_receiver.h"

#include <utility>

#include "control/failover/message_writer.h"

namespace tandem6 {

namespace {

/// A well-behaved partner keeps to the window; one that fills memory is cut off.
constexpr std::uint32_t kOverrunFactor = 2;

bool needs_a_person(StatusCode code) noexcept {
  return code == StatusCode::kAddressInUse || code == StatusCode::kConfigurationConflict;
}

}  // namespace

void UpdateReceiver::begin(ConnectionId connection, std::uint32_t window) noexcept {
  end();
  connection_ = connection;
  window_ = window;
}

void UpdateReceiver::end() noexcept {
  connection_ = 0;
  pending_.clear();
}

bool UpdateReceiver::received(std::uint32_t transaction_id, BindingUpdate&& update,
                              Effects& effects) {
  if (connection_ == 0) return true;
  if (pending_.size() >= std::uint64_t{window_} * kOverrunFactor) return false;
  const std::uint32_t number = ++last_number_;
  Pending pending{.transaction_id = transaction_id,
                  .update = std::make_shared<BindingUpdate>(std::move(update))};
  if (pending.update->verdict.status == StatusCode::kSuccess) {
    for (std::uint32_t i = 0; i < pending.update->leases.size(); ++i) {
      const BindingUpdate::Lease& lease = pending.update->leases[i];
      if (lease.verdict.status != StatusCode::kSuccess) continue;
      ++pending.unjudged;
      effects.push_back(
          effect::Apply{.update = number, .lease = i, .content = {pending.update, &lease.update}});
    }
  }
  if (pending.unjudged == 0) {
    reply(pending, effects);
  } else {
    pending_.emplace(number, std::move(pending));
  }
  return true;
}

bool UpdateReceiver::applied(const event::Applied& applied, Effects& effects) {
  const auto found = pending_.find(applied.update);
  if (found == pending_.end()) return false;  // of a connection that is gone
  Pending& pending = found->second;
  if (applied.lease >= pending.update->leases.size() || pending.unjudged == 0) return false;
  BindingUpdate::Lease& lease = pending.update->leases[applied.lease];
  lease.verdict = applied.verdict;
  pending.answer_with_ours = pending.answer_with_ours || applied.answer_with_ours;
  if (needs_a_person(applied.verdict.status)) {
    effects.push_back(effect::Report{Severity::kWarning, "refused what the partner says of " +
                                                             lease.update.lease.to_string() + ": " +
                                                             name_of(applied.verdict.status) +
                                                             ", " + applied.verdict.reason});
  }
  if (--pending.unjudged != 0) return false;
  reply(pending, effects);
  const bool answer_with_ours = pending.answer_with_ours;
  pending_.erase(found);
  return answer_with_ours;
}

void UpdateReceiver::reply(const Pending& pending, Effects& effects) {
  effects.push_back(effect::Send{connection_,
                                 {.transaction_id = pending.transaction_id,
                                  .sent_time = kNoTime,
                                  .body = reply_to(*pending.update)}});
}

}  // namespace tandem6
