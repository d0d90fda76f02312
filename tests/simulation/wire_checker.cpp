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
  id_ = id;
  own_state_.reset();
  partner_state_.reset();
  has_partner_had_its_turn_ = false;
  own_request_.reset();
  requests_.clear();
  unanswered_.clear();
  unanswered_leases_.clear();
  partner_lifetimes_.clear();
}

// --- What it says.

void WireChecker::sent(Role role, const Disk& disk, ConnectionId id, const FailoverMessage& message,
                       Milliseconds now, const Report& report) {
  if (is_of_a_connection_to_be(message)) return;
  begin(id);
  if (const auto* state = std::get_if<State>(&message.body)) {
    own_state_ = state->state;
    own_request_.reset();  // it belongs to the state that asked
  } else if (const auto* update = std::get_if<BindingUpdate>(&message.body)) {
    check_update(disk, message.transaction_id, *update, now, report);
  } else if (std::holds_alternative<UpdateRequest>(message.body)) {
    check_request(role, message.transaction_id, report);
  } else if (std::holds_alternative<UpdateDone>(message.body)) {
    requests_.erase(message.transaction_id);
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

void WireChecker::check_request(Role role, std::uint32_t transaction_id, const Report& report) {
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

void WireChecker::arrives(ConnectionId id, const FailoverMessage& message) {
  if (is_of_a_connection_to_be(message)) return;
  begin(id);
  if (const auto* state = std::get_if<State>(&message.body)) {
    if (!state->flags.startup()) partner_state_ = state->state;
    if (state->state == EndpointState::kConflictDone) has_partner_had_its_turn_ = true;
  } else if (std::holds_alternative<UpdateRequest>(message.body)) {
    requests_.insert(message.transaction_id);
  } else if (std::holds_alternative<UpdateDone>(message.body)) {
    if (own_request_ == message.transaction_id) own_request_.reset();
  } else if (const auto* update = std::get_if<BindingUpdate>(&message.body)) {
    // Whatever the partner says of a lease may be what counts now.
    for (const BindingUpdate::Lease& each : update->leases) {
      std::erase_if(partner_lifetimes_, [&](const auto& entry) {
        return std::get<0>(entry.first) == each.update.lease;
      });
    }
  } else if (std::holds_alternative<BindingReply>(message.body)) {
    const auto found = unanswered_.find(message.transaction_id);
    if (found == unanswered_.end()) return;
    for (const Key& key : found->second.leases) {
      unanswered_leases_.erase(key);
      ended_.erase(key);
    }
    unanswered_.erase(found);
  }
}

Milliseconds WireChecker::unanswered_since(Milliseconds now) const {
  Milliseconds since = now;
  for (const auto& [id, waiting] : unanswered_) since = std::min(since, waiting.since);
  return since;
}

void WireChecker::took(const Ipv6Prefix& lease) {
  std::erase_if(ended_, [&](const Key& key) { return std::get<0>(key) == lease; });
}

void WireChecker::partner_down(bool is_partner_down) {
  if (is_partner_down && !is_partner_down_) ended_.clear();
  is_partner_down_ = is_partner_down;
}

void WireChecker::restarted(const Disk& disk) {
  begin(0);  // an id that no connection has
  std::erase_if(ended_, [&](const Key& key) { return !has_ended_on(disk, key); });
}

}  // namespace tandem6::simulation
