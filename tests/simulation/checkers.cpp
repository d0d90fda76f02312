#include "tests/simulation/checkers.h"

#include <algorithm>

#include "dataplane/lease/conflict.h"
#include "dataplane/lease/lease_rules.h"

namespace tandem6::simulation {

namespace {

// Whole seconds of a server's clock, and the way of a datagram.
constexpr Milliseconds kRoundingMs = 2000;

bool overlap(const Ipv6Prefix& one, const Ipv6Prefix& other) {
  return covers(one, other) || covers(other, one);
}

std::string name_of_client(const Octets& client) {
  std::uint32_t number = 0;
  for (std::size_t i = client.size() - 4; i < client.size(); ++i) number = number << 8 | client[i];
  return "client " + std::to_string(number);
}

/// 8.3.1 and on; RECOVER-DONE: R-48.
bool may_answer(EndpointState state, Role role, MessageType asked) {
  const bool names_server = asked != MessageType::kSolicit && asked != MessageType::kRebind &&
                            asked != MessageType::kConfirm;
  switch (state) {
    case EndpointState::kNormal:
      return role == Role::kPrimary || names_server;
    case EndpointState::kRecoverDone:
      return asked == MessageType::kRenew;
    case EndpointState::kCommunicationsInterrupted:
    case EndpointState::kPartnerDown:
    case EndpointState::kResolutionInterrupted:
    case EndpointState::kConflictDone:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Checkers::clock_is(Milliseconds offset) {
  least_offset_ = std::min(least_offset_, offset);
  greatest_offset_ = std::max(greatest_offset_, offset);
}

Milliseconds Checkers::tolerance() const noexcept {
  return greatest_offset_ - least_offset_ + kRoundingMs;
}

// --- Clients.

void Checkers::client_changed(const std::vector<std::unique_ptr<SimulatedClient>>& clients,
                              const SimulatedClient& changed, Milliseconds now) {
  if (is_forgiving_) return;
  for (const HeldLease& mine : changed.held()) {
    if (mine.until <= now) continue;
    for (const auto& other : clients) {
      if (other->number() == changed.number()) continue;
      for (const HeldLease& theirs : other->held()) {
        if (!overlap(mine.lease, theirs.lease)) continue;
        if (std::min(mine.until, theirs.until) <= now + tolerance()) continue;
        report("double", mine.lease.to_string() + " of client " + std::to_string(changed.number()) +
                             " is also client " + std::to_string(other->number()) + "'s for " +
                             std::to_string((theirs.until - now) / 1000) + " s more");
      }
    }
  }
}

// --- Answers.

/// The state of before is still obeyed while the new one is not written, but never more than what
/// the state on disk allows; and from when a state is written on nothing that it forbids.
void Checkers::check_silence(SimulatedServer& it, RelationshipIndex relationship, MessageType asked,
                             const Octets& client, const Reply& reply) {
  const Role role = it.role(relationship);
  const EndpointState state = it.endpoint(relationship).state();
  const EndpointState written = it.disk().newest().state_of(relationship);
  const EndpointState durable = it.disk().durable_content().state_of(relationship);
  const bool is_obeyed = !it.is_behind(relationship) || written == state;
  const auto forbids = [&](EndpointState by, const char* how) {
    if (may_answer(by, role, asked)) return;
    report("silence", name_of_client(client) + " was answered with a message of type " +
                          std::to_string(static_cast<int>(reply.type)) + how + name_of(by));
  };
  if (is_obeyed) forbids(state, " in ");
  forbids(durable, ", on disk stands ");
}

void Checkers::keeps_silent(SimulatedServer& it, RelationshipIndex relationship, MessageType asked,
                            const Octets& client) {
  const EndpointState state = it.endpoint(relationship).state();
  if (it.is_behind(relationship) || !may_answer(state, it.role(relationship), asked)) return;
  if (state == EndpointState::kRecoverDone) return;  // it answers only of leases that it knows
  report("mute", name_of_client(client) + " asks with a message of type " +
                     std::to_string(static_cast<int>(asked)) + " in " + name_of(state));
}

void Checkers::answers(unsigned server, SimulatedServer& it, RelationshipIndex relationship,
                       MessageType asked, const Octets& client, const Reply& reply, WallTime now) {
  if (!reply.sent()) return;
  check_silence(it, relationship, asked, client, reply);
  if (reply.type != MessageType::kReply) return;
  for (const ReplyIa& ia : reply.ias) {
    for (const ReplyLease& lease : ia.leases) {
      if (lease.valid != 0) check_grant(server, it, relationship, client, ia, lease, now);
    }
  }
}

void Checkers::check_grant(unsigned server, SimulatedServer& it, RelationshipIndex relationship,
                           const Octets& client, const ReplyIa& ia, const ReplyLease& lease,
                           WallTime now) {
  ServerView& view = views_[server];
  const auto& down_since = view.partner_down_since[relationship];
  const auto& seen_at = view.partner_seen_at[relationship];
  const std::string what = lease.lease.to_string() + " for " + name_of_client(client);
  wires_[server][relationship].grants(lease.lease, client, report_of("wire", server));
  const WallTime told{now.seconds + lease.valid};
  if (const auto* record = find_record(it.disk().newest().leases, lease.lease, client)) {
    RecordChecker::told(*record, Lifetime{ia.t1}, Lifetime{lease.valid},
                        std::min(settings_.valid, kFailoverLifetimeMax), now,
                        report_of("record", server));
  }

  const bool is_free_of_bound =
      it.is_behind(relationship) ||
      (down_since && (!seen_at || now.seconds <= seen_at->seconds + kObeySeconds));
  const auto acked = view.acked.find({lease.lease, client});
  const WallTime known = acked == view.acked.end() ? now : std::max(now, acked->second);
  if (!is_free_of_bound && told > known + settings_.greatest_mclt()) {
    report("lead-time", what + " is told " + std::to_string(lease.valid) +
                            " s; the partner knows of " +
                            std::to_string(known.seconds - now.seconds) + ", MCLT is " +
                            std::to_string(settings_.greatest_mclt().seconds));
  }

  const auto found = view.holders.find(lease.lease);
  const bool has_it = found != view.holders.end() && found->second.client == client;
  if (has_it || is_forgiving_) return;
  if (found != view.holders.end() && !found->second.is_freed) {
    const WallTime from = down_since ? std::max(*down_since, found->second.promised_until) +
                                           least_mclt(view, relationship, now)
                                     : kNever;
    // One that is behind may still be in the PARTNER-DOWN of before.
    if (now < from && !it.is_behind(relationship)) {
      report("change", what + " was " + name_of_client(found->second.client) + "'s");
    }
  }
  const Half own = own_half(it.role(relationship));
  if (lease.lease.length == 128 && half_of(lease.lease.address) != own) {
    report("half", what + " is of the partner's half");
  }
}

void Checkers::reply_leaves(unsigned server, const SimulatedServer& it, const Octets& client,
                            const Reply& reply, WallTime asked_at, WallTime now, Milliseconds at) {
  if (reply.type != MessageType::kReply) return;
  for (const ReplyIa& ia : reply.ias) {
    for (const ReplyLease& lease : ia.leases) {
      if (lease.valid == 0) continue;
      const WallTime told{asked_at.seconds + lease.valid};
      if (told <= now) continue;  // the disk stood still for as long
      const LeaseRecord* record =
          find_record(it.disk().durable_content().leases, lease.lease, client);
      // While the disk stood still it may have been given back, and given again by another server.
      const bool is_over = record != nullptr && record->binding.status != BindingStatus::kActive;
      const WallTime since =
          record == nullptr ? kNoTime : WallTime(record->binding.start_time_of_state);
      if (since > asked_at || (is_over && since == asked_at)) continue;
      const bool is_known_better = record != nullptr && record->binding.from_partner &&
                                   WallTime(record->binding.partner_raw_clt_time) > asked_at;
      if (is_known_better) continue;
      if (record == nullptr || WallTime(record->binding.state_expiration_time) < told) {
        report("durable", lease.lease.to_string() + " was told to " + name_of_client(client) +
                              " before it was on disk");
      }
      if (record != nullptr && it.relationship_of(record->binding) != kNoRelationship) {
        states_[server][it.relationship_of(record->binding)].served(at);
      }
      Holder& holder = views_[server].holders[lease.lease];
      if (holder.client != client)
        holder = {.client = client, .promised_until = told, .told_until = told};
      holder.is_freed = false;
      holder.promised_until = std::max(holder.promised_until, told);
      holder.told_until = std::max(holder.told_until, told);
    }
  }
}

}  // namespace tandem6::simulation
