#include "tests/simulation/hearsay_checker.h"

#include <algorithm>

#include "dataplane/lease/conflict.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/lease_timers.h"

namespace tandem6::simulation::hearsay {

namespace {

/// Where it falls to when it ends.
Half half_after(const Binding& binding) {
  return binding.ia_type == IaType::kPrefixDelegation ? Half::kFree : half_of(binding.address);
}

Ipv6Prefix next_of(Ipv6Prefix prefix) {
  unsigned carry = 1U << (7 - (prefix.length - 1) % 8);
  for (std::size_t at = (prefix.length - 1U) / 8 + 1; at-- > 0 && carry != 0;) {
    carry += prefix.address.octets[at];
    prefix.address.octets[at] = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  return prefix;
}

}  // namespace

void doubted(const LeaseRecord& record, const LeaseRecord* before, Role role,
             const Report& report) {
  if (before == nullptr || before->binding.update_sent) return;
  if (half_after(before->binding) != own_half(role)) return;
  const bool has_left = before->binding.status == BindingStatus::kExpired ||
                        before->binding.status == BindingStatus::kReleased;
  if (has_left && record.binding.status != BindingStatus::kActive) {
    report(text_of(*before) + " may have come back since the copy was taken");
  }
}

void settled(const LeaseRecord& record, const Report& report) {
  if (record.binding.status == BindingStatus::kActive && record.binding.needs_update) {
    report(text_of(record) + " of the copy is to be told");
  }
}

void refused(const LeaseUpdate& update, const LeaseRecord* before, const LeaseRecord* holder,
             const Report& report) {
  const bool runs = update.status == BindingStatus::kActive;
  if (before != nullptr && before->binding.in_doubt && !before->binding.promised_twice) {
    const BindingStatus known = before->binding.status;
    if (!holds_its_lease(status_of(update))) {
      report(text_of(*before) + " is free there, and in doubt here");
    } else if (runs && known != BindingStatus::kActive && known != BindingStatus::kAbandoned) {
      report(text_of(*before) + " runs there, and is in doubt here");
    }
  }
  if (runs && before != nullptr && update.partner_raw_clt_time > latest_contact(before->binding)) {
    report(text_of(*before) + " runs there since a contact that is forgotten here");
  }
  if (runs && holder != nullptr && holder->binding.in_doubt) {
    report(text_of(*holder) + " of the copy stands against the one who has it");
  }
}

void block_settled(const SimulatedDisk::Content& disk, const Ipv6Prefix& block,
                   BindingStatus status, const Report& report) {
  const bool is_held = std::ranges::any_of(disk.leases, [&](const auto& each) {
    const Binding& binding = each.second.binding;
    return holds_its_lease(binding.status) && covers(block, binding.lease());
  });
  const Half told = status == BindingStatus::kFreeBackup ? Half::kFreeBackup : Half::kFree;
  if (!is_held && disk.halves.of(block) != told) {
    report(block.to_string() + " is not whose the partner said");
  }
}

void given_since_settled(const SimulatedDisk::Content& disk, const std::vector<Ipv6Prefix>& blocks,
                         const std::set<Ipv6Prefix>& given, const Report& report) {
  for (const Ipv6Prefix& each : given) {
    if (disk.halves.of(each) == Half::kFree) continue;
    report(each.to_string() + " was given since its block was told, and is in its half again");
  }
  for (const Ipv6Prefix& block : blocks) {
    const auto is_inside = [&](const Ipv6Prefix& each) { return covers(block, each); };
    const auto first = std::ranges::find_if(given, is_inside);
    const bool has_others = std::ranges::any_of(disk.leases, [&](const auto& each) {
      const Binding& binding = each.second.binding;
      return holds_its_lease(binding.status) && is_inside(binding.lease()) &&
             !given.contains(binding.lease());
    });
    if (first == given.end() || has_others) continue;
    for (Ipv6Prefix at{block.address, first->length}; is_inside(at); at = next_of(at)) {
      if (given.contains(at) || disk.halves.of(at) == Half::kFreeBackup) continue;
      report(at.to_string() + " of a block of the secondary's is in the primary's half");
    }
  }
}

void taken(const LeaseRecord& record, const LeaseRecord* before, const LeaseUpdate& update,
           Lifetime mclt, const Report& report) {
  const WallTime acked = update.expiration_time;
  const bool is_news = before == nullptr || WallTime(before->binding.partner_lifetime) < acked;
  if (acked.is_none() || !is_news || record.binding.status != BindingStatus::kActive) return;
  const WallTime promised = PackedTime(acked + mclt);
  const WallTime end = record.binding.state_expiration_time;
  if (end < promised) {
    report(text_of(record) + " ends " + std::to_string(promised.seconds - end.seconds) +
           " s before what may have been promised here");
  }
}

void all_said(const LeaseRecord& record, WallTime now, Lifetime mclt, const Report& report) {
  const Binding& binding = record.binding;
  const WallTime acked = binding.expiration_time;
  if (acked.is_none() || binding.promised_twice) return;
  const WallTime promised = acked + mclt;
  const bool is_short = binding.status == BindingStatus::kAbandoned &&
                        WallTime(binding.state_expiration_time) < promised;
  if (promised > now && (has_ended(binding.status) || is_short)) {
    report(text_of(record) + " is over " + std::to_string(promised.seconds - now.seconds) +
           " s too early for a partner that has forgotten");
  }
}

}  // namespace tandem6::simulation::hearsay
