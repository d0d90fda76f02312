#include "control/daemon/alarms.h"

#include <algorithm>
#include <string_view>

#include "control/api/iso_time.h"

namespace tandem6 {
namespace {

constexpr double kHighShare = 0.80;
constexpr double kCriticalShare = 0.95;

constexpr double kSlowWriteSeconds = 1;

/// "…is nearly full: 97 % used"; none below the first threshold.
void add_share_alarm(std::vector<std::string>& alarms, const std::string& what, std::uint64_t used,
                     std::uint64_t size) {
  if (size == 0) return;
  const double share = static_cast<double>(used) / static_cast<double>(size);
  if (share < kHighShare) return;
  alarms.push_back(what + (share < kCriticalShare ? " fills up: " : " is nearly full: ") +
                   std::to_string(static_cast<int>(share * 100)) + " % used");
}

void add_storage_alarms(std::vector<std::string>& alarms, const StorageView& storage) {
  if (!storage.serving) {
    alarms.push_back("storage does not take changes: " + storage.trouble +
                     "; nothing is answered that it would have to keep");
  }
  if (storage.writing_since_seconds.value_or(0) >= kSlowWriteSeconds) {
    alarms.push_back("storage: a write has been under way for " +
                     std::to_string(static_cast<std::int64_t>(*storage.writing_since_seconds)) +
                     " s");
  }
  if (storage.set_aside_count != 0) {
    alarms.push_back("lease records are set aside: " + std::to_string(storage.set_aside_count) +
                     ", why says `tandem6ctl storage verify`");
  }
  if (storage.loaded.damaged_gap_count != 0) {
    alarms.push_back(
        "the disk gave back damaged places: " + std::to_string(storage.loaded.damaged_gap_count) +
        " at start, with an unknown number of leases");
  }
  if (storage.loaded.unplaced_count != 0) {
    alarms.push_back("leases lie in no pool: " + std::to_string(storage.loaded.unplaced_count) +
                     " at start, they run out and are not renewed");
  }
}

/// Between states that pass by themselves in contact nobody has to be alarmed.
std::string state_alarm(const RelationshipView& view) {
  switch (view.state) {
    case EndpointState::kCommunicationsInterrupted:
      return view.is_in_contact ? "" : "the partner is not reached";
    case EndpointState::kPartnerDown:
      return "goes on without its partner";
    case EndpointState::kPotentialConflict:
    case EndpointState::kResolutionInterrupted:
      return "has conflicts with its partner";
    case EndpointState::kRecover:
    case EndpointState::kRecoverWait:
      return "answers nobody until it has its partner's leases";
    default:
      return "";
  }
}

void add_failover_alarms(std::vector<std::string>& alarms, const RelationshipView& view) {
  const std::string name = "failover " + view.name + ' ';
  if (const std::string alarm = state_alarm(view); !alarm.empty()) {
    alarms.push_back(name + alarm + ": " + name_of(view.state) + " since " +
                     to_iso8601(view.since));
  }
  for (const std::string& fault : view.faults) alarms.push_back(name + "is at odds: " + fault);
}

/// Of prefixes that are shared with a partner: a half that cannot go on alone.
void add_half_alarms(std::vector<std::string>& alarms, const PoolView& pool) {
  if (!pool.is_prefix_pool || !pool.half_free || !pool.half_free_backup) return;
  constexpr std::uint64_t kShortOf = 100;  // a hundredth
  const std::uint64_t least = std::min(*pool.half_free, *pool.half_free_backup);
  if (least >= std::max<std::uint64_t>(pool.size / kShortOf, 1)) return;
  alarms.push_back("pool " + pool.range.to_string() + " of link " + pool.link +
                   " is short in one half: " + std::to_string(least) + " prefixes left");
}

std::string_view subject_of(const std::string& alarm) {
  return std::string_view(alarm).substr(0, alarm.find(": "));
}

std::vector<std::string> missing_in(const std::vector<std::string>& list,
                                    const std::vector<std::string>& other) {
  std::vector<std::string> missing;
  for (const std::string& alarm : list) {
    const bool is_there = std::any_of(other.begin(), other.end(), [&](const std::string& each) {
      return subject_of(each) == subject_of(alarm);
    });
    if (!is_there) missing.push_back(alarm);
  }
  return missing;
}

}  // namespace

std::vector<std::string> find_alarms(const StatusView& status) {
  std::vector<std::string> alarms;
  for (const PortView& port : status.ports) {
    if (!port.link_up) alarms.push_back("port " + port.name + " has no link");
  }
  for (const PoolView& pool : status.pools) {
    add_share_alarm(alarms, "pool " + pool.range.to_string() + " of link " + pool.link, pool.used,
                    pool.size);
  }
  for (const PoolView& pool : status.pools) add_half_alarms(alarms, pool);
  for (const RelationshipView& view : status.relationships) add_failover_alarms(alarms, view);
  add_storage_alarms(alarms, status.storage);
  add_share_alarm(alarms, "memory for bindings", status.binding_count, status.binding_count_max);
  return alarms;
}

AlarmChange compare_alarms(const std::vector<std::string>& before,
                           const std::vector<std::string>& now) {
  return {.raised = missing_in(now, before), .gone = missing_in(before, now)};
}

}  // namespace tandem6
