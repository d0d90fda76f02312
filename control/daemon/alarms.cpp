#include "control/daemon/alarms.h"

#include <algorithm>
#include <string_view>

#include "control/api/iso_time.h"

namespace tandem6 {
namespace {

constexpr double kHighShare = 0.80;
constexpr double kCriticalShare = 0.95;

constexpr double kSlowWriteSeconds = 1;

/// Of a half of a prefix pool: the partners move prefixes long before.
constexpr double kShortShare = 0.05;

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

/// What the state means, for states that a pair is not to stay in; none for the others. A planned
/// start is no alarm, nor is a partner that recovers while this server watches.
std::string_view meaning_of(const RelationshipView& relationship) {
  const bool is_alone = !relationship.is_in_contact;
  switch (relationship.state) {
    case EndpointState::kPotentialConflict:
      return "the servers compare their leases, this one answers nobody";
    case EndpointState::kResolutionInterrupted:
      return "conflicts are not resolved, as there is no contact";
    case EndpointState::kCommunicationsInterrupted:
      return is_alone ? "no contact with the partner" : "";
    case EndpointState::kPartnerDown:
      return is_alone ? "the partner is not back" : "";
    case EndpointState::kRecover:
    case EndpointState::kRecoverWait:
      return is_alone ? "no contact with the partner, and no client is answered" : "";
    case EndpointState::kRecoverDone:
      return is_alone ? "no contact with the partner, and only renewals are answered" : "";
    case EndpointState::kConflictDone:
      return is_alone ? "no contact with the partner, which has not resolved its conflicts" : "";
    default:
      return "";
  }
}

std::string with_commas(std::string text) {
  for (std::size_t at = 0; (at = text.find(": ", at)) != std::string::npos;) text[at] = ',';
  return text;
}

/// A fault is told apart by all of its words: two that begin alike are two.
void add_relationship_alarms(std::vector<std::string>& alarms,
                             const RelationshipView& relationship) {
  const std::string subject = "failover " + relationship.name;
  if (const std::string_view meaning = meaning_of(relationship); !meaning.empty()) {
    alarms.push_back(subject + " is in " + name_of(relationship.state) + ": since " +
                     to_iso8601(relationship.since) + ", " + std::string(meaning));
  }
  for (const std::string& fault : relationship.faults) {
    alarms.push_back(subject + ", " + with_commas(fault));
  }
}

void add_half_alarm(std::vector<std::string>& alarms, const PoolView& pool, const char* half,
                    const std::optional<std::uint64_t>& size,
                    const std::optional<std::uint64_t>& left) {
  if (size.value_or(0) == 0 || !left.has_value()) return;
  if (static_cast<double>(*left) >= kShortShare * static_cast<double>(*size)) return;
  alarms.push_back("pool " + pool.range.to_string() + " of link " + pool.link + " runs short of " +
                   half + " prefixes: " + std::to_string(*left) + " of " + std::to_string(*size) +
                   " left");
}

void add_half_alarms(std::vector<std::string>& alarms, const PoolView& pool) {
  if (!pool.is_prefix_pool || pool.relationship.empty()) return;
  add_half_alarm(alarms, pool, "FREE", pool.half_free, pool.half_free_left);
  add_half_alarm(alarms, pool, "FREE-BACKUP", pool.half_free_backup, pool.half_free_backup_left);
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
  for (const RelationshipView& relationship : status.relationships) {
    add_relationship_alarms(alarms, relationship);
  }
  for (const PortView& port : status.ports) {
    if (!port.link_up) alarms.push_back("port " + port.name + " has no link");
  }
  for (const PoolView& pool : status.pools) {
    add_share_alarm(alarms, "pool " + pool.range.to_string() + " of link " + pool.link, pool.used,
                    pool.size);
    add_half_alarms(alarms, pool);
  }
  add_storage_alarms(alarms, status.storage);
  add_share_alarm(alarms, "memory for bindings", status.binding_count, status.binding_count_max);
  return alarms;
}

AlarmChange compare_alarms(const std::vector<std::string>& before,
                           const std::vector<std::string>& now) {
  return {.raised = missing_in(now, before), .gone = missing_in(before, now)};
}

}  // namespace tandem6
