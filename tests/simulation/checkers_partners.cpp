// What must hold between partners.
#include "tests/simulation/checkers.h"

#include <algorithm>
#include <utility>

#include "dataplane/lease/conflict.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/lease_timers.h"
#include "tests/simulation/hearsay_checker.h"

namespace tandem6::simulation {

namespace {

// A clock further ahead than a partner's may be, and how often the time of operation is recorded.
constexpr Milliseconds kOperatingMs = 1000 * kClockToleranceSeconds + 5000;
constexpr Milliseconds kTickMs = 2000;
constexpr Milliseconds kSyncMs = 5000;
constexpr Milliseconds kSettlingMs = 90'000;
constexpr std::size_t kWaitingMax = 20'000;
// Nobody waits for a heartbeat on its way to a disk that may stand still.
constexpr std::int64_t kRecordedSeconds = 50;

Milliseconds milliseconds_between(WallTime from, WallTime to) {
  return 1000 * (to.seconds - from.seconds);
}

}  // namespace

void Checkers::changed_state(unsigned server, const SimulatedServer& it,
                             RelationshipIndex relationship, EndpointState before, WallTime now,
                             Milliseconds at) {
  ServerView& view = views_[server];
  const Endpoint& endpoint = it.endpoint(relationship);
  const EndpointState state = endpoint.state();
  const Circumstances circumstances{
      .slack = tolerance() + kOperatingMs,
      .took_over_after = milliseconds_between(view.died_at, view.partner_down_told[relationship]),
      .has_partner_told = wires_[server][relationship].partner_hears()};
  states_[server][relationship].changed(endpoint, before, settings_, circumstances, at,
                                        report_of("state", server));
  auto& since = view.partner_down_since[relationship];
  auto& seen_at = view.partner_seen_at[relationship];
  // Once it is on disk that the partner is back, a restart does not forget it.
  const bool is_restart =
      state == EndpointState::kStartup ||
      (before == EndpointState::kStartup && state == EndpointState::kPartnerDown);
  const WallTime known_since = std::max(seen_at.value_or(kNever), view.told_at[relationship]);
  const bool is_known = view.died_at.seconds > known_since.seconds + kRecordedSeconds &&
                        !view.is_partner_starting[relationship];
  if (!is_restart || !is_known) seen_at.reset();
  if (state == EndpointState::kNormal) view.has_lost_data[relationship] = false;
  if (before == EndpointState::kPartnerDown && state == EndpointState::kNormal) {
    check_heard(server, it, relationship, now);
  }
  // A restart in PARTNER-DOWN is no new one.
  if (state == EndpointState::kStartup) return;
  wires_[server][relationship].partner_down(state == EndpointState::kPartnerDown);
  if (state != EndpointState::kPartnerDown) {
    // What could be used again by time was free by then.
    for (auto& [lease, holder] : view.holders) {
      if (since && now >= std::max(*since, holder.promised_until) + settings_.least_mclt()) {
        holder.is_freed = true;
      }
    }
    since.reset();
  } else if (!since) {
    since = now;
    // The end of an earlier one was not on disk yet.
    const auto& records = it.disk().newest().records;
    const auto record = records.find(relationship);
    if (before == EndpointState::kStartup && record != records.end()) {
      since = std::min(now, record->second.start_time_of_state);
    }
    view.given_up[relationship] = view.connection[relationship];
  }
}

void Checkers::check_heard(unsigned server, const SimulatedServer& it,
                           RelationshipIndex relationship, WallTime now) {
  const Lifetime mclt = std::max(settings_.greatest_mclt(), settings_.secondary_mclt);
  const WallTime soon{now.seconds + tolerance() / 1000};
  for (const auto& [key, record] : it.disk().newest().leases) {
    const Binding& binding = record.binding;
    const auto acked = views_[server].acked.find({binding.lease(), copied(record.duid.bytes())});
    const WallTime known = acked == views_[server].acked.end() ? kNoTime : acked->second;
    const WallTime bound = std::max(soon, known) + mclt;
    if (binding.status != BindingStatus::kActive || binding.from_partner ||
        it.relationship_of(binding) != relationship ||
        binding.client_last_transaction_time + binding.valid_lifetime <= bound) {
      continue;
    }
    const WireChecker& wire = wires_[server][relationship];
    const bool is_untold =
        records_[server][relationship].is_untold(record) && !wire.is_answered(record);
    if (wire.is_unanswered(record) || is_untold) {
      report("state", "server " + std::to_string(server) +
                          ": in NORMAL, and the partner has not answered " + text_of(record));
    }
  }
}

/// With the CONNECTREPLY, to whoever says it and to whoever hears it.
void Checkers::note_agreement(ServerView& view, RelationshipIndex relationship,
                              const FailoverMessage& message, WallTime now) {
  const auto* reply = std::get_if<ConnectReply>(&message.body);
  if (reply == nullptr || reply->refusal || !reply->parameters.mclt) return;
  const Lifetime mclt = *reply->parameters.mclt;
  Lifetime& agreed = view.agreed[relationship];
  if (agreed.seconds != 0 && agreed != mclt) {
    view.agreed_before[relationship] = agreed;
    view.before_counts_until[relationship] = now + agreed;
  }
  agreed = mclt;
}

Lifetime Checkers::least_mclt(const ServerView& view, RelationshipIndex relationship,
                              WallTime now) const {
  const Lifetime least = settings_.least_mclt();
  return now < view.before_counts_until[relationship]
             ? std::max(least, view.agreed_before[relationship])
             : least;
}

Standing Checkers::standing(unsigned server, const SimulatedServer& it,
                            RelationshipIndex relationship, WallTime now) const {
  const ServerView& view = views_[server];
  const auto& seen_at = view.partner_seen_at[relationship];
  return {.role = it.role(relationship),
          .now = now,
          .least_mclt = least_mclt(view, relationship, now),
          .greatest_mclt = std::max(settings_.greatest_mclt(), settings_.secondary_mclt),
          .partner_down_since = view.partner_down_since[relationship],
          .declared_at = view.declared_at[relationship],
          .is_partner_back = seen_at && now.seconds > seen_at->seconds + kObeySeconds,
          .is_behind = it.is_behind(relationship),
          .has_lost_data = view.has_lost_data[relationship]};
}

void Checkers::look(unsigned server, const SimulatedServer& it, RelationshipIndex relationship,
                    WallTime now, Milliseconds at) {
  const Endpoint& endpoint = it.endpoint(relationship);
  const WireChecker& wire = wires_[server][relationship];
  const bool is_idle = it.waiting_count() == 0;
  if (endpoint.communications_ok() && is_idle) {
    wire.look(settings_, tolerance() + kTickMs, at, report_of("wire", server));
  }
  states_[server][relationship].look(endpoint, settings_, at, report_of("state", server));
  RecordChecker& records = records_[server][relationship];
  ServerView& view = views_[server];
  if (!it.rules(relationship).has_old_leases && !it.is_behind(relationship)) {
    check_settled(server, it, relationship);
  }
  if (it.disk().written() == it.disk().durable()) view.synced_at = at;
  const bool is_stalled = at > view.synced_at + kSyncMs;
  const bool does_hear = endpoint.communications_ok() && wire.partner_hears() &&
                         endpoint.state() != EndpointState::kStartup &&
                         endpoint.state() != EndpointState::kPotentialConflict &&
                         !it.rules(relationship).has_old_leases && !is_stalled;
  records.partner_hears(does_hear, settings_.windows[partner_of_({server, relationship}).first],
                        settings_.rescan, at, report_of("record", server));
  constexpr std::int64_t kBetweenLooks = 16;
  const bool is_settled =
      at > view.started_at + kSettlingMs && !it.is_behind(relationship) && !is_stalled;
  if (now.seconds % kBetweenLooks == 0 && is_settled) {
    const Standing stands = standing(server, it, relationship, now);
    for (const auto& [key, record] : it.disk().newest().leases) {
      if (it.relationship_of(record.binding) != relationship) continue;
      RecordChecker::look(record, stands, report_of("record", server));
    }
  }
}

void Checkers::note_in_doubt(ServerView& view, RelationshipIndex relationship,
                             const LeaseUpdate& update, bool is_taken, bool has_old_leases) {
  auto& blocks = view.blocks_of_secondary[relationship];
  auto& given = view.given_since[relationship];
  const auto is_inside = [&](const Ipv6Prefix& each) { return covers(update.lease, each); };
  if (update.is_bare()) {
    std::erase_if(given, is_inside);  // it was free again
    if (is_taken) return;
    if (has_old_leases) view.told_in_doubt[relationship].emplace_back(update.lease, update.status);
    if (update.status == BindingStatus::kFreeBackup) blocks.push_back(update.lease);
  } else if (is_taken && has_old_leases && std::ranges::any_of(blocks, [&](const Ipv6Prefix& each) {
               return covers(each, update.lease);
             })) {
    given.insert(update.lease);
  }
}

void Checkers::check_settled(unsigned server, const SimulatedServer& it,
                             RelationshipIndex relationship) {
  ServerView& view = views_[server];
  const auto report = report_of("hearsay", server);
  for (const auto& [block, status] : view.told_in_doubt[relationship]) {
    hearsay::block_settled(it.disk().newest(), block, status, report);
  }
  hearsay::given_since_settled(it.disk().newest(), view.blocks_of_secondary[relationship],
                               view.given_since[relationship], report);
  view.told_in_doubt[relationship].clear();
  view.blocks_of_secondary[relationship].clear();
  view.given_since[relationship].clear();
}

void Checkers::writes(unsigned server, const SimulatedServer& it, const LeaseRecord& record,
                      ChangeKind kind, const Occasion& occasion, WallTime now, Milliseconds at) {
  const Binding& binding = record.binding;
  const RelationshipIndex relationship = it.relationship_of(binding);
  if (kind == ChangeKind::kErase || !holds_its_lease(binding.status)) frees(server, record);
  // Of a pool that is gone nobody is told.
  if (relationship == kNoRelationship) return;
  const auto& disk = it.disk().newest();
  const auto found = disk.leases.find(
      {binding.ia_type, binding.lease(), binding.iaid, copied(record.duid.bytes())});
  const LeaseRecord* const before = found == disk.leases.end() ? nullptr : &found->second;
  if (!std::holds_alternative<BySettling>(occasion)) {
    std::erase_if(views_[server].told_in_doubt[relationship],
                  [&](const auto& told) { return covers(told.first, binding.lease()); });
  }
  // Whoever gave it back himself has it no more, whatever he was told.
  if (std::holds_alternative<ByClient>(occasion) && binding.status == BindingStatus::kReleased) {
    const auto holder = views_[server].holders.find(binding.lease());
    const bool is_its = holder != views_[server].holders.end() &&
                        holder->second.client == copied(record.duid.bytes());
    if (is_its) holder->second.told_until = kNoTime;
  }
  if (std::holds_alternative<ByDoubt>(occasion)) {
    hearsay::doubted(record, before, it.role(relationship), report_of("hearsay", server));
  } else if (std::holds_alternative<BySettling>(occasion)) {
    hearsay::settled(record, report_of("hearsay", server));
  } else if (const auto* update = std::get_if<const LeaseUpdate*>(&occasion)) {
    if (kind == ChangeKind::kPut && (*update)->duid == record.duid) {
      hearsay::taken(record, before, **update, least_mclt(views_[server], relationship, now),
                     report_of("hearsay", server));
    }
  }
  records_[server][relationship].writes(record, kind, before, disk.halves.of(binding.lease()),
                                        occasion, standing(server, it, relationship, now), at,
                                        report_of("record", server));
}

void Checkers::declared_down(unsigned server, RelationshipIndex relationship, WallTime now) {
  ServerView& view = views_[server];
  view.declared_at[relationship] = now;
  view.partner_seen_at[relationship].reset();
  view.given_up[relationship] = view.connection[relationship];
}

void Checkers::sent(unsigned server, const SimulatedServer& it, RelationshipIndex relationship,
                    ConnectionId id, const FailoverMessage& message, Milliseconds at) {
  views_[server].connection[relationship] = id;
  wires_[server][relationship].sent(it.role(relationship), it.disk().newest().leases, id, message,
                                    at, report_of("wire", server));
  note_agreement(views_[server], relationship, message, it.now());
  if (it.waiting_count() > kWaitingMax) report("bounded", "too much waits for the disk");
  if (const auto* state = std::get_if<State>(&message.body)) {
    const bool is_durable = it.disk().durable_content().state_of(relationship) == state->state;
    if (!state->flags.startup() && !is_durable) {
      report("durable", std::string("STATE ") + name_of(state->state) + " is not on disk");
    }
    // At once, since a primary gives new blocks soon.
    if (state->state == EndpointState::kRecoverWait) check_settled(server, it, relationship);
  } else if (const auto* update = std::get_if<BindingUpdate>(&message.body)) {
    std::int64_t& unanswered = views_[server].unanswered[{relationship, id}];
    if (++unanswered > settings_.windows[partner_of_({server, relationship}).first]) {
      report("window", std::to_string(unanswered) + " BNDUPDs are unanswered");
    }
    for (const BindingUpdate::Lease& each : update->leases) {
      records_[server][relationship].is_told(each.update);
      const auto found = views_[server].holders.find(each.update.lease);
      if (found == views_[server].holders.end()) continue;
      found->second.promised_until =
          std::max(found->second.promised_until, each.update.partner_lifetime);
    }
  } else if (const auto* reply = std::get_if<BindingReply>(&message.body)) {
    check_reply_durable(it, *reply);
  } else if (std::holds_alternative<UpdateDone>(message.body)) {
    check_all_said(server, it, relationship, id);
  }
}

/// UPDDONE, to a partner that has asked for everything on this connection.
void Checkers::check_all_said(unsigned server, const SimulatedServer& it,
                              RelationshipIndex relationship, ConnectionId id) {
  const ServerView& view = views_[server];
  if (view.forgot_on[relationship] != id) return;
  const WallTime now = it.now();
  for (const auto& [key, record] : it.disk().newest().leases) {
    // What ends later the partner has forgotten nothing of.
    const std::int64_t ended_before =
        view.forgot_at[relationship].seconds - WallTime(record.binding.start_time_of_state).seconds;
    const bool is_of_before = 1000 * ended_before > tolerance();
    if (!is_of_before || it.relationship_of(record.binding) != relationship) continue;
    hearsay::all_said(record, now, least_mclt(view, relationship, now),
                      report_of("hearsay", server));
  }
}

void Checkers::check_reply_durable(const SimulatedServer& it, const BindingReply& reply) {
  if (reply.status.code != StatusCode::kSuccess) return;
  for (const BindingReply::Lease& each : reply.leases) {
    if (each.status.code != StatusCode::kSuccess) continue;
    const LeaseAck& ack = each.ack;
    const auto& content = it.disk().durable_content();
    if (ack.duid.empty()) {
      const Half half = ack.status == BindingStatus::kFreeBackup ? Half::kFreeBackup : Half::kFree;
      // A client may have been given one of it since.
      const bool is_held = std::ranges::any_of(content.leases, [&](const auto& entry) {
        return covers(ack.lease, entry.second.binding.lease());
      });
      if (content.halves.of(ack.lease) != half && !is_held) {
        report("durable", "whose " + ack.lease.to_string() + " is, is not on disk");
      }
    } else if (ack.status == BindingStatus::kActive &&
               find_record(content.leases, ack.lease, copied(ack.duid.bytes())) == nullptr) {
      report("durable", "BNDREPLY for " + ack.lease.to_string() + " is not on disk");
    }
  }
}

void Checkers::arrives(unsigned server, RelationshipIndex relationship, ConnectionId id,
                       const FailoverMessage& message, WallTime now, Milliseconds at) {
  ServerView& view = views_[server];
  view.connection[relationship] = id;
  wires_[server][relationship].arrives(id, message, now, at);
  states_[server][relationship].hears(at);
  const std::int64_t skew = message.sent_time.seconds - now.seconds;
  const bool is_read = skew >= -kClockToleranceSeconds && skew <= kClockToleranceSeconds;
  if (is_read) note_agreement(view, relationship, message, now);
  if (const auto* request = std::get_if<UpdateRequest>(&message.body); request && request->all) {
    view.forgot_on[relationship] = id;
    view.forgot_at[relationship] = now;
  }
  // Whoever is declared down is heard again on another connection.
  const bool is_given_up = id == view.given_up[relationship];
  if (const auto* state = std::get_if<State>(&message.body); state != nullptr && !is_given_up) {
    view.is_partner_starting[relationship] = state->flags.startup();
    view.told_at[relationship] = now;
    view.partner_down_told[relationship] =
        state->state == EndpointState::kPartnerDown ? state->start_time_of_state : kNoTime;
    if (is_read && !state->flags.startup() && view.partner_down_since[relationship] &&
        !view.partner_seen_at[relationship]) {
      view.partner_speaks_at[relationship] = now;
    }
  } else if (const auto* update = std::get_if<BindingUpdate>(&message.body)) {
    for (const auto& each : update->leases) records_[server][relationship].is_told(each.update);
  } else if (const auto* reply = std::get_if<BindingReply>(&message.body)) {
    --view.unanswered[{relationship, id}];
    if (reply->status.code != StatusCode::kSuccess) return;
    for (const BindingReply::Lease& each : reply->leases) {
      if (each.status.code != StatusCode::kSuccess || each.ack.duid.empty()) continue;
      WallTime& acked = view.acked[{each.ack.lease, copied(each.ack.duid.bytes())}];
      acked = std::max(acked, each.ack.partner_lifetime_sent);
    }
  }
}

/// F-134.
void Checkers::has_heard(unsigned server, const SimulatedServer& it,
                         RelationshipIndex relationship) {
  // Whoever has given up the connection does not listen any more.
  ServerView& view = views_[server];
  const auto speaks_at = std::exchange(view.partner_speaks_at[relationship], std::nullopt);
  if (speaks_at && it.endpoint(relationship).communications_ok()) {
    view.partner_seen_at[relationship] = speaks_at;
  }
  if (wires_[server][relationship].is_skewed() && it.endpoint(relationship).communications_ok()) {
    report("wire", "server " + std::to_string(server) +
                       ": the clocks are too far apart, and the connection stays");
  }
}

void Checkers::judged(unsigned server, const SimulatedServer& it, RelationshipIndex relationship,
                      const LeaseUpdate& update, const LeaseRecord* before,
                      const LeaseVerdict& verdict, WallTime now) {
  const bool is_taken = verdict.status == StatusCode::kSuccess;
  const auto report = report_of("record", server);
  note_in_doubt(views_[server], relationship, update, is_taken,
                it.rules(relationship).has_old_leases);
  if (update.is_bare()) {
    const bool is_secondary_alone =
        it.endpoint(relationship).state() == EndpointState::kPartnerDown &&
        it.role(relationship) == Role::kSecondary && !it.is_behind(relationship);
    if (is_taken && is_secondary_alone) report("a block is taken in PARTNER-DOWN");
    return;
  }
  if (verdict.status == StatusCode::kOutdatedBindingInformation) {
    const auto holder = std::ranges::find_if(it.disk().newest().leases, [&](const auto& each) {
      const Binding& binding = each.second.binding;
      return binding.lease() == update.lease && each.second.duid != update.duid &&
             holds_its_lease(binding.status);
    });
    const bool is_held = holder != it.disk().newest().leases.end();
    // Refused once it is known to be kept there, and in doubt no more.
    const bool is_first = views_[server].kept_there.insert(update.lease).second;
    if (it.rules(relationship).has_old_leases && is_first) {
      hearsay::refused(update, before, is_held ? &holder->second : nullptr,
                       report_of("hearsay", server));
    }
    if (!views_[server].has_lost_data[relationship]) {
      RecordChecker::refused(before, update, is_held, report);
    }
  }
  const bool is_unheard_end = is_taken && before == nullptr && has_ended(update.status) &&
                              update.ia_type == IaType::kPrefixDelegation;
  if (is_unheard_end && it.disk().newest().halves.of(update.lease) != Half::kFree) {
    report(update.lease.to_string() + " was given and has ended, and is in its half still");
  }
  if (!is_taken) return;
  for (WireChecker& wire : wires_[server]) wire.took(update.lease);
  Holder& holder = views_[server].holders[update.lease];
  const Octets client = copied(update.duid.bytes());
  const bool is_freed = is_end(update.status);
  if (holder.client != client) {
    // One that is over says nothing of who has it now, unless that is over as well (time(1)).
    if (is_freed && !holder.client.empty()) {
      holder.is_freed = holder.is_freed || holder.told_until < now;
      return;
    }
    holder = {.client = client, .promised_until = kNoTime, .told_until = kNoTime};
  }
  holder.promised_until =
      std::max({holder.promised_until, update.partner_lifetime, update.state_expiration_time});
  holder.told_until = std::max(holder.told_until, update.state_expiration_time);
  holder.is_freed = is_freed;
}

void Checkers::acknowledged(unsigned server, const LeaseAck& ack) {
  if (ack.duid.empty() || !is_end(ack.status)) return;
  const auto found = views_[server].holders.find(ack.lease);
  if (found == views_[server].holders.end()) return;
  if (found->second.client == copied(ack.duid.bytes())) found->second.is_freed = true;
}

void Checkers::frees(unsigned server, const LeaseRecord& record) {
  views_[server].acked.erase({record.binding.lease(), copied(record.duid.bytes())});
}

void Checkers::restarted(unsigned server, const SimulatedServer& it, Milliseconds at) {
  ServerView& view = views_[server];
  for (StateChecker& state : states_[server]) state.started(at);
  for (RecordChecker& records : records_[server]) records.started();
  view.started_at = at;
  for (auto& told : view.told_in_doubt) told.clear();
  for (auto& blocks : view.blocks_of_secondary) blocks.clear();
  for (auto& given : view.given_since) given.clear();
  view.kept_there.clear();
  view.unanswered.clear();
  for (WireChecker& wire : wires_[server]) wire.restarted(it.disk().newest().leases);
  std::erase_if(view.holders, [&](const auto& each) {
    const LeaseRecord* const record =
        find_record(it.disk().newest().leases, each.first, each.second.client);
    return record == nullptr || !holds_its_lease(record->binding.status);
  });
  // That a lease was free was not on disk yet.
  for (const auto& [key, record] : it.disk().newest().leases) {
    const RelationshipIndex relationship = it.relationship_of(record.binding);
    const bool is_hearsay = relationship != kNoRelationship && view.has_lost_data[relationship];
    if (is_hearsay || !holds_its_lease(record.binding.status)) continue;
    WallTime& acked = view.acked[{record.binding.lease(), copied(record.duid.bytes())}];
    acked = std::max<WallTime>(acked, record.binding.acked_partner_lifetime);
  }
  std::erase_if(view.acked, [&](const auto& each) {
    return find_record(it.disk().newest().leases, each.first.lease, each.first.client) == nullptr;
  });
}

}  // namespace tandem6::simulation
