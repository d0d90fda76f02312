#include "control/failover/update_sender.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "dataplane/lease/lease_rules.h"

namespace tandem6 {

namespace {

/// How many leases are asked for at a time at most. Each piece waits for the disk, and on busy
/// cores for the worker and this thread: under full load 1,024 get twice as many acked as 256 do.
constexpr std::size_t kTakeCountMax = 1024;
/// A partner may allow any number of updates on their way; memory and transaction-ids do not.
constexpr std::uint32_t kWindowMax = 65'536;
/// A requester has one request at a time; the oldest of so many is none of its any more.
constexpr std::size_t kRequestCountMax = 16;

/// What names a binding between partners: client, IA and lease; a bare prefix is its own.
std::string key_of(const Duid& duid, IaType type, Iaid iaid, const Ipv6Prefix& lease) {
  std::string key;
  key.reserve(22 + duid.bytes().size());
  key.append(reinterpret_cast<const char*>(lease.address.octets.data()), 16);
  key.push_back(static_cast<char>(lease.length));
  if (duid.empty()) return key;
  key.push_back(static_cast<char>(type));
  for (unsigned shift = 0; shift < 32; shift += 8) {
    key.push_back(static_cast<char>(iaid.value >> shift & 0xff));
  }
  key.append(reinterpret_cast<const char*>(duid.bytes().data()), duid.bytes().size());
  return key;
}
/// The part of a key that names the lease.
std::string_view lease_of(std::string_view key) { return key.substr(0, 17); }
std::string key_of(const LeaseUpdate& update) {
  return key_of(update.duid, update.ia_type, update.iaid, update.lease);
}

bool needs_a_person(StatusCode code) noexcept {
  return code == StatusCode::kAddressInUse || code == StatusCode::kConfigurationConflict;
}

FailoverMessage message_of(std::uint32_t transaction_id, FailoverMessage::Body&& body) {
  return {.transaction_id = transaction_id, .sent_time = kNoTime, .body = std::move(body)};
}

/// A client's lease is over; whose a block of prefixes is is another matter.
bool ends_a_lease(const LeaseAck& ack) { return !ack.duid.empty() && is_end(ack.status); }

}  // namespace

void UpdateSender::begin(ConnectionId connection, std::uint32_t window, Effects& effects) {
  end();
  connection_ = connection;
  window_ = std::min(window, kWindowMax);
  changes_waiting_ = true;
  effects.push_back(effect::ForgetSent{.is_new_connection = true});
}

void UpdateSender::end() noexcept {
  connection_ = 0;
  window_ = 0;
  lazy_allowed_ = false;
  ticket_ = 0;
  for (const auto& [id, sent] : outstanding_) transaction_ids_.release(id);
  outstanding_.clear();
  outstanding_keys_.clear();
  deferred_.clear();
  deferred_keys_.clear();
  sent_at_.clear();
  forget_told();
  has_given_up_ = false;
  requests_.clear();
  sweep_all_ = sweep_running_ = sweep_at_end_ = false;
  sweep_unanswered_ = 0;
  has_left_out_ = has_told_everything_ = false;
  left_out_blocks_.clear();
}

void UpdateSender::allow_lazy(bool allowed, Effects& effects) {
  lazy_allowed_ = allowed;
  if (!allowed) give_up_lazy();
  if (allowed && has_given_up_) {
    has_given_up_ = false;
    rescan(effects);
  }
  take_more(effects);
}

/// Kept, it would fill the window that a sweep needs.
void UpdateSender::give_up_lazy() {
  for (auto group = deferred_.begin(); group != deferred_.end();) {
    if (group->of_sweep) {
      ++group;
      continue;
    }
    for (const std::string& key : group->keys) deferred_keys_.erase(deferred_keys_.find(key));
    group = deferred_.erase(group);
    has_given_up_ = true;
  }
}

/// What the partner says of a block is refused where a lease in it is held here: that is news to
/// it.
bool UpdateSender::is_stale(const Group& group, std::size_t at) const {
  const std::string_view lease = lease_of(group.keys[at]);
  if (told_since_take_.contains(lease)) return true;
  const LeaseUpdate& update = group.leases[at];
  return (update.is_bare() || !holds_its_lease(update.status)) &&
         blocks_told_since_take_.contains(lease);
}

/// Drops what the partner has told of since it was taken.
void UpdateSender::leave_out_stale(Group& group) {
  if (told_since_take_.empty() && blocks_told_since_take_.empty()) return;
  for (std::size_t at = group.keys.size(); at-- > 0;) {
    if (!is_stale(group, at)) continue;
    has_left_out_ = has_left_out_ || group.of_sweep;
    group.keys.erase(group.keys.begin() + static_cast<std::ptrdiff_t>(at));
    group.leases.erase(group.leases.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

void UpdateSender::forget_told() noexcept {
  told_since_take_.clear();
  blocks_told_since_take_.clear();
}

void UpdateSender::partner_tells(const BindingUpdate& update, Effects& effects) {
  if (ticket_ == 0 && deferred_.empty()) return;  // nothing was written that is not sent
  for (const BindingUpdate::Lease& each : update.leases) {
    auto& told = each.update.is_bare() ? blocks_told_since_take_ : told_since_take_;
    told.emplace(lease_of(key_of(each.update)));
  }
  for (auto group = deferred_.begin(); group != deferred_.end();) {
    for (std::size_t at = 0; at < group->keys.size(); ++at) {
      if (is_stale(*group, at)) deferred_keys_.erase(deferred_keys_.find(group->keys[at]));
    }
    leave_out_stale(*group);
    if (!group->keys.empty()) {
      ++group;
      continue;
    }
    if (group->of_sweep && sweep_unanswered_ != 0) --sweep_unanswered_;
    group = deferred_.erase(group);
  }
  if (ticket_ == 0) forget_told();
  finish_sweep(effects);
}

void UpdateSender::changes_waiting(Effects& effects) {
  changes_waiting_ = true;
  take_more(effects);
}

void UpdateSender::rescan(Effects& effects) {
  if (connection_ == 0) return;
  effects.push_back(effect::ForgetSent{.is_new_connection = false});
  changes_waiting_ = true;
  take_more(effects);
}

void UpdateSender::requested(std::uint32_t transaction_id, bool all, Effects& effects) {
  if (connection_ == 0) return;
  if (std::ranges::find(requests_, transaction_id) == requests_.end()) {
    if (requests_.size() == kRequestCountMax) requests_.erase(requests_.begin());
    requests_.push_back(transaction_id);
  }
  begin_sweep(all, effects);
}

void UpdateSender::tell_everything(Effects& effects) {
  if (connection_ == 0 || sweep_running_ || has_told_everything_) return;
  begin_sweep(false, effects);
}

void UpdateSender::begin_sweep(bool all, Effects& effects) {
  sweep_all_ = all || (sweep_running_ && sweep_all_);
  sweep_running_ = true;
  sweep_at_end_ = has_left_out_ = false;
  left_out_blocks_.clear();
  if (ticket_of_sweep_) ticket_ = 0;  // what comes back of the old pass comes again in the new one
  effects.push_back(effect::BeginSweep{sweep_all_});
  take_more(effects);
}

std::size_t UpdateSender::room() const noexcept {
  const std::size_t used = outstanding_.size() + deferred_.size();
  return used < window_ ? window_ - used : 0;
}

/// The sweep goes first: somebody waits for its end.
void UpdateSender::take_more(Effects& effects) {
  if (connection_ == 0 || ticket_ != 0 || room() == 0) return;
  ticket_of_sweep_ = sweep_running_ && !sweep_at_end_;
  if (!ticket_of_sweep_) {
    if (!lazy_allowed_ || !changes_waiting_) return;
    changes_waiting_ = false;
  }
  ticket_ = ++last_ticket_;
  effects.push_back(
      effect::Take{.ticket = ticket_,
                   .of_sweep = ticket_of_sweep_,
                   .count = static_cast<std::uint32_t>(std::min(room(), kTakeCountMax))});
}

void UpdateSender::taken(event::Taken&& taken, WallTime now, Effects& effects) {
  // Of a connection or a pass that is over: what is taken anew has it again.
  if (connection_ == 0 || taken.ticket != ticket_ || ticket_ == 0) return;
  ticket_ = 0;
  for (std::vector<LeaseUpdate>& leases : taken.groups) {
    Group group = group_of(std::move(leases), ticket_of_sweep_);
    leave_out_stale(group);
    if (group.keys.empty()) continue;
    sweep_unanswered_ += ticket_of_sweep_ ? 1 : 0;
    send_or_defer(std::move(group), now, effects);
  }
  forget_told();
  if (ticket_of_sweep_) {
    sweep_at_end_ = sweep_at_end_ || taken.is_end;
    finish_sweep(effects);
  } else if (!taken.is_end) {
    changes_waiting_ = true;
  }
  if (!lazy_allowed_) give_up_lazy();
  take_more(effects);
}

UpdateSender::Group UpdateSender::group_of(std::vector<LeaseUpdate>&& leases, bool of_sweep) {
  Group group{.leases = std::move(leases), .keys = {}, .of_sweep = of_sweep};
  for (const LeaseUpdate& lease : group.leases) group.keys.push_back(key_of(lease));
  return group;
}

bool UpdateSender::send_block(const LeaseUpdate& block, WallTime now, Effects& effects) {
  Group group = group_of({block}, false);
  if (connection_ == 0 || room() == 0 || has_to_wait(group)) return false;
  send(std::move(group), now, effects);
  return true;
}

bool UpdateSender::awaits_reply_for(const Ipv6Prefix& block) const {
  return outstanding_keys_.contains(key_of({}, {}, {}, block));
}

bool UpdateSender::is_outstanding(const Group& group) const {
  return std::ranges::any_of(
      group.keys, [&](const std::string& key) { return outstanding_keys_.contains(key); });
}

bool UpdateSender::has_to_wait(const Group& group) const {
  return is_outstanding(group) || std::ranges::any_of(group.keys, [&](const std::string& key) {
           return deferred_keys_.contains(key);
         });
}

void UpdateSender::send_or_defer(Group&& group, WallTime now, Effects& effects) {
  const bool is_block = group.leases.size() == 1 && group.leases.front().is_bare();
  const bool waits = has_to_wait(group) || (!group.of_sweep && !lazy_allowed_);
  const bool is_full = outstanding_.size() >= window_;
  if (is_block && (waits || is_full)) {
    // A block that waits could be old when it goes. The end of the sweep takes it again as it is
    // then, or else a scan.
    if (group.of_sweep) {
      --sweep_unanswered_;
      has_left_out_ = true;
      left_out_blocks_.insert(std::move(group.keys.front()));
    }
    has_given_up_ = has_given_up_ || !lazy_allowed_;
  } else if (waits || is_full) {
    deferred_keys_.insert(group.keys.begin(), group.keys.end());
    deferred_.push_back(std::move(group));
  } else {
    send(std::move(group), now, effects);
  }
}

void UpdateSender::send(Group&& group, WallTime now, Effects& effects) {
  const std::uint32_t id = transaction_ids_.reserve();
  BindingUpdate update;
  update.leases.reserve(group.leases.size());
  for (const LeaseUpdate& lease : group.leases) {
    update.leases.push_back({.update = lease, .verdict = {}});
  }
  outstanding_keys_.insert(group.keys.begin(), group.keys.end());
  outstanding_[id] = {.keys = std::move(group.keys), .of_sweep = group.of_sweep, .sent_at = now};
  ++sent_at_[now];
  effects.push_back(effect::Send{connection_, message_of(id, std::move(update))});
}

/// In their order, but past those of which a lease is still out: bounded by the window.
void UpdateSender::send_deferred(WallTime now, Effects& effects) {
  std::unordered_set<std::string_view> passed;  // leases of those: none of them is overtaken
  for (auto group = deferred_.begin(); group != deferred_.end();) {
    if (outstanding_.size() >= window_) return;
    if (is_outstanding(*group) || std::ranges::any_of(group->keys, [&](const std::string& key) {
          return passed.contains(key);
        })) {
      passed.insert(group->keys.begin(), group->keys.end());
      ++group;
      continue;
    }
    for (const std::string& key : group->keys) deferred_keys_.erase(deferred_keys_.find(key));
    Group next = std::move(*group);
    group = deferred_.erase(group);
    send(std::move(next), now, effects);
  }
}

void UpdateSender::answered(std::uint32_t transaction_id, const BindingReply& reply,
                            bool knows_promises, WallTime now, Effects& effects) {
  const auto found = outstanding_.find(transaction_id);
  if (connection_ == 0 || found == outstanding_.end()) return;
  const Outstanding sent = std::move(found->second);
  outstanding_.erase(found);
  transaction_ids_.release(transaction_id);
  for (const std::string& key : sent.keys) outstanding_keys_.erase(key);
  const auto same_time = sent_at_.find(sent.sent_at);
  if (--same_time->second == 0) sent_at_.erase(same_time);
  for (const BindingReply::Lease& lease : reply.leases) {
    const std::string key =
        key_of(lease.ack.duid, lease.ack.ia_type, lease.ack.iaid, lease.ack.lease);
    // A lease that this BNDUPD was not about is none of its reply's business.
    if (std::ranges::find(sent.keys, key) == sent.keys.end()) continue;
    if (lease.status.code == StatusCode::kSuccess) {
      if (ends_a_lease(lease.ack) && !knows_promises) continue;
      ++acked_count_;
      effects.push_back(effect::Acknowledge{lease.ack});
      continue;
    }
    ++refused_count_;
    if (lease.status.code != StatusCode::kOutdatedBindingInformation) {
      effects.push_back(effect::NoteRefusal{lease.ack});
    }
    if (needs_a_person(lease.status.code)) {
      effects.push_back(effect::Report{Severity::kWarning,
                                       "the partner refuses " + lease.ack.lease.to_string() + ": " +
                                           name_of(lease.status.code) + " " + lease.status.text});
    }
  }
  if (sent.of_sweep && sweep_unanswered_ != 0) --sweep_unanswered_;
  send_deferred(now, effects);
  finish_sweep(effects);
  take_more(effects);
}

void UpdateSender::finish_sweep(Effects& effects) {
  if (!sweep_running_ || !sweep_at_end_ || sweep_unanswered_ != 0) return;
  if (has_left_out_) {
    if (!left_out_blocks_can_go()) return;
    sweep_all_ = false;  // all but these has been said
    return begin_sweep(false, effects);
  }
  has_told_everything_ = true;
  for (const std::uint32_t id : requests_) {
    effects.push_back(effect::Send{connection_, message_of(id, UpdateDone{})});
  }
  requests_.clear();
  sweep_running_ = sweep_all_ = sweep_at_end_ = false;
}

bool UpdateSender::left_out_blocks_can_go() const {
  return room() != 0 && std::ranges::none_of(left_out_blocks_, [&](const std::string& key) {
           return outstanding_keys_.contains(key);
         });
}

bool UpdateSender::is_idle() const noexcept {
  return outstanding_.empty() && deferred_.empty() && ticket_ == 0 && !changes_waiting_;
}

WallTime UpdateSender::waiting_since() const noexcept {
  return sent_at_.empty() ? kNoTime : sent_at_.begin()->first;
}

}  // namespace tandem6
