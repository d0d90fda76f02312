#include "tests/simulation/wire_checker.h"

#include <algorithm>

#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/lease_timers.h"

namespace tandem6::simulation {

namespace {

/// A second connection may be refused while the first goes on.
bool is_of_a_connection_to_be(const FailoverMessage& message) {
  return std::holds_alternative<Connect>(message.body) ||
         std::holds_alternative<ConnectReply>(message.body) ||
         std::holds_alternative<Disconnect>(message.body);
}

}  // namespace

WireChecker::Key WireChecker::key_of(const LeaseUpdate& update) {
  return {update.lease, copied(update.duid.bytes()), update.iaid.value};
}

bool WireChecker::has_ended_on(const Disk& disk, const Key& key) {
  const auto& [lease, client, iaid] = key;
  const LeaseRecord* const record = find_record(disk, lease, client, Iaid{iaid});
  return record != nullptr && has_ended(record->binding.status);
}

void WireChecker::begin(ConnectionId id) {
  if (id == id_) return;
  past_.insert(id_);
  id_ = id;
  own_state_.reset();
  partner_state_.reset();
  has_partner_had_its_turn_ = false;
  own_request_.reset();
  is_skewed_ = false;
  heard_.clear();
  requests_.clear();
  unanswered_.clear();
  unanswered_leases_.clear();
  overtaken_blocks_.clear();
  answered_since_request_.clear();
  partner_lifetimes_.clear();
}

// --- What it says.

void WireChecker::sent(Role role, const Disk& disk, ConnectionId id, const FailoverMessage& message,
                       Milliseconds now, const Report& report) {
  if (is_of_a_connection_to_be(message) || past_.contains(id)) return;
  begin(id);
  if (const auto* state = std::get_if<State>(&message.body)) {
    own_state_ = state->state;
    progress_at_ = now;
    own_request_.reset();  // it belongs to the state that asked
  } else if (const auto* update = std::get_if<BindingUpdate>(&message.body)) {
    check_update(disk, message.transaction_id, *update, now, report);
  } else if (const auto* reply = std::get_if<BindingReply>(&message.body)) {
    check_echo(message.transaction_id, *reply, report);
  } else if (const auto* request = std::get_if<UpdateRequest>(&message.body)) {
    check_request(role, message.transaction_id, request->all, report);
    progress_at_ = now;
  } else if (std::holds_alternative<UpdateDone>(message.body)) {
    requests_.erase(message.transaction_id);
    const bool is_block_unanswered = std::ranges::any_of(unanswered_leases_, [&](const Key& key) {
      // A part of an answered block that is told again is no news.
      const bool is_answered = std::ranges::any_of(answered_since_request_, [&](const Key& each) {
        return std::get<1>(each).empty() && covers(std::get<0>(each), std::get<0>(key));
      });
      return std::get<1>(key).empty() && !is_answered && !overtaken_blocks_.contains(key);
    });
    if (is_block_unanswered) report("UPDDONE before a block is answered");
    if (resolves_conflicts() && !unanswered_.empty()) {
      report("UPDDONE before " + std::to_string(unanswered_.size()) + " BNDUPDs are answered");
    }
  }
}

void WireChecker::check_update(const Disk& disk, std::uint32_t transaction_id,
                               const BindingUpdate& update, Milliseconds now,
                               const Report& report) {
  if (!partner_state_) report("BNDUPD before the partner's STATE");
  if (resolves_conflicts() && requests_.empty()) {
    report("BNDUPD in POTENTIAL-CONFLICT that answers no request");
  }
  const auto [waiting, is_new] = unanswered_.try_emplace(transaction_id);
  if (!is_new) report("two messages under one transaction-id");
  waiting->second.since = now;
  std::vector<Key>& keys = waiting->second.leases;
  for (const BindingUpdate::Lease& lease : update.leases) {
    const LeaseUpdate& each = lease.update;
    const Key key = key_of(each);
    const std::string what = each.lease.to_string();
    if (!unanswered_leases_.insert(key).second) report("a second BNDUPD of " + what);
    keys.push_back(key);
    overtaken_blocks_.erase(key);
    if (each.status == BindingStatus::kActive) {
      if (ended_.contains(key))
        report(what + " runs again before the partner has answered its end");
      WallTime& greatest = partner_lifetimes_[key];
      if (each.partner_lifetime < greatest)
        report("the partner-lifetime of " + what + " decreases");
      greatest = each.partner_lifetime;
    } else {
      partner_lifetimes_.erase(key);
      // One that waited may be acked already.
      if (!is_partner_down_ && has_ended_on(disk, key)) ended_.insert(key);
    }
  }
}

void WireChecker::check_echo(std::uint32_t transaction_id, const BindingReply& reply,
                             const Report& report) {
  const auto found = heard_.find(transaction_id);
  if (found == heard_.end()) return report("a BNDREPLY to nothing");
  for (const BindingReply::Lease& each : reply.leases) {
    const bool is_echo = std::ranges::any_of(found->second.leases, [&](const auto& lease) {
      const LeaseUpdate& update = lease.update;
      return update.lease == each.ack.lease && update.duid == each.ack.duid &&
             (each.status.code != StatusCode::kSuccess ||
              (update.status == each.ack.status &&
               update.partner_lifetime == each.ack.partner_lifetime_sent));
    });
    if (!is_echo) report("the BNDREPLY for " + each.ack.lease.to_string() + " is no echo");
  }
  heard_.erase(found);
}

void WireChecker::check_request(Role role, std::uint32_t transaction_id, bool all,
                                const Report& report) {
  if (owes_all_ && !all) report("UPDREQ without what was lost");
  is_own_request_all_ = all;
  if (own_request_) report("a second request before UPDDONE");
  if (unanswered_.contains(transaction_id)) report("two messages under one transaction-id");
  own_request_ = transaction_id;
  if (resolves_conflicts() && role == Role::kSecondary && !has_partner_had_its_turn_) {
    report("the secondary asks before the primary is through");
  }
}

void WireChecker::grants(const Ipv6Prefix& lease, const Octets& client,
                         const Report& report) const {
  if (ended_.contains({lease, client, 1})) {
    report(lease.to_string() + " is given back before the partner has answered its end");
  }
}

// --- What it hears.

void WireChecker::arrives(ConnectionId id, const FailoverMessage& message, WallTime clock,
                          Milliseconds now) {
  if (is_of_a_connection_to_be(message)) return;
  past_.erase(id);  // a primary that has started anew counts from one again
  begin(id);
  is_skewed_ = std::abs(message.sent_time.seconds - clock.seconds) > kClockToleranceSeconds;
  if (!std::holds_alternative<Contact>(message.body)) progress_at_ = now;
  if (const auto* state = std::get_if<State>(&message.body)) {
    if (!state->flags.startup()) partner_state_ = state->state;
    if (state->state == EndpointState::kConflictDone) has_partner_had_its_turn_ = true;
  } else if (std::holds_alternative<UpdateRequest>(message.body)) {
    requests_.insert(message.transaction_id);
    answered_since_request_.clear();
  } else if (std::holds_alternative<UpdateDone>(message.body)) {
    if (own_request_ == message.transaction_id) {
      own_request_.reset();
      if (is_own_request_all_) owes_all_ = false;
    }
  } else if (const auto* update = std::get_if<BindingUpdate>(&message.body)) {
    heard_[message.transaction_id] = *update;
    // Whatever the partner says of a lease may be what counts now.
    for (const BindingUpdate::Lease& each : update->leases) {
      std::erase_if(partner_lifetimes_, [&](const auto& entry) {
        return std::get<0>(entry.first) == each.update.lease;
      });
      // A prefix of it has left its half, so that it is no block any more; the partner refuses it.
      for (const Key& key : unanswered_leases_) {
        const bool is_block = std::get<1>(key).empty();
        if (is_block && covers(std::get<0>(key), each.update.lease)) overtaken_blocks_.insert(key);
      }
    }
  } else if (std::holds_alternative<BindingReply>(message.body)) {
    const auto found = unanswered_.find(message.transaction_id);
    if (found == unanswered_.end()) return;
    for (const Key& key : found->second.leases) {
      unanswered_leases_.erase(key);
      answered_since_request_.insert(key);
      ended_.erase(key);
    }
    unanswered_.erase(found);
  }
}

void WireChecker::look(const LifeSettings& settings, Milliseconds slack, Milliseconds now,
                       const Report& report) const {
  const Milliseconds stall = 1000 * static_cast<Milliseconds>(settings.stall.seconds) + slack;
  Milliseconds since = now;
  for (const auto& [id, waiting] : unanswered_) since = std::min(since, waiting.since);
  if (now > since + stall) report("an update is not answered, and the connection stays");
  if (own_request_ && now > progress_at_ + stall) {
    report("what was asked for does not come, and the connection stays");
  }
}

void WireChecker::took(const Ipv6Prefix& lease) {
  std::erase_if(ended_, [&](const Key& key) { return std::get<0>(key) == lease; });
  // Ours may have been on its way to the connection when the partner's came.
  std::erase_if(partner_lifetimes_,
                [&](const auto& entry) { return std::get<0>(entry.first) == lease; });
}

void WireChecker::partner_down(bool is_partner_down) {
  if (is_partner_down && !is_partner_down_) ended_.clear();
  is_partner_down_ = is_partner_down;
}

void WireChecker::restarted(const Disk& disk) {
  begin(0);  // an id that no connection has
  past_.clear();
  std::erase_if(ended_, [&](const Key& key) { return !has_ended_on(disk, key); });
}

}  // namespace tandem6::simulation
