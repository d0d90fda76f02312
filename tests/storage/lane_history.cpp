#include "tests/storage/lane_history.h"

#include <set>

#include "storage/lease_format.h"

namespace tandem6 {
namespace {

/// splitmix64's output function: every number gives an unrelated one.
std::uint64_t mixed(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}

std::uint64_t client_of(std::span<const std::uint8_t> duid) {
  std::uint64_t client = 0;
  for (const std::uint8_t octet : duid.subspan(2)) client = client << 8 | octet;
  return client;
}

/// In how many bindings two states differ; kept up to date change by change.
class Difference {
 public:
  Difference(const LaneState& state, const LaneState& wanted) : wanted_(wanted) {
    for (const auto& [client, expires] : state) note(client, expires);
    for (const auto& [client, expires] : wanted) {
      if (!state.contains(client)) clients_.insert(client);
    }
  }
  void apply(const LaneWorkload::Step& step) {
    if (step.kind == ChangeKind::kPut) return note(step.client, step.expires);
    if (wanted_.contains(step.client)) {
      clients_.insert(step.client);
    } else {
      clients_.erase(step.client);
    }
  }
  [[nodiscard]] bool empty() const { return clients_.empty(); }

 private:
  void note(std::uint64_t client, std::uint32_t expires) {
    const auto found = wanted_.find(client);
    if (found != wanted_.end() && found->second == expires) {
      clients_.erase(client);
    } else {
      clients_.insert(client);
    }
  }

  const LaneState& wanted_;
  std::set<std::uint64_t> clients_;
};

std::string octets_of_walk(RecordOctets octets) { return {octets.begin(), octets.end()}; }

}  // namespace

LaneWorkload::Step LaneWorkload::step(std::uint64_t number) const {
  const std::uint64_t drawn = mixed(seed ^ mixed(number * 64 + lane));
  return {.client = lane * kClientsPerLane + drawn % client_count,
          .expires = expiry_base + static_cast<std::uint32_t>(number),
          .kind = (drawn >> 32) % 8 == 0 ? ChangeKind::kErase : ChangeKind::kPut,
          // In runs, so that there are whole sets of which nobody was told.
          .urgency = mixed(seed ^ (number / 8)) % 3 == 0 ? Urgency::kLazy : Urgency::kTold};
}

std::uint64_t LaneWorkload::promised_at(std::uint64_t mark) const {
  while (mark > 0 && step(mark).urgency == Urgency::kLazy) --mark;
  return mark;
}

bool LaneWorkload::emit_next(LaneFeeder& feeder) const {
  const Step next = step(feeder.next_number);
  return feeder.emit(next.client, next.expires, next.kind, next.urgency);
}

void apply_step(LaneState& state, const LaneWorkload::Step& step) {
  if (step.kind == ChangeKind::kPut) {
    state[step.client] = step.expires;
  } else {
    state.erase(step.client);
  }
}

DiskState read_lanes(const Store& store, unsigned lane_count) {
  DiskState found{.lanes = std::vector<LaneState>(lane_count), .fault = {}};
  std::set<std::string> keys;
  const auto leases = store.walk(Family::kLease, {}, {}, [&](RecordOctets key, RecordOctets value) {
    keys.insert(octets_of_walk(key));
    const auto lease = read_lease_record(key, value);
    if (!lease.has_value()) {
      found.fault = std::string("a record ") + text_of(lease.error());
      return false;
    }
    const std::uint64_t client = client_of(lease->duid);
    LaneState& lane = found.lanes.at(client / LaneWorkload::kClientsPerLane);
    const std::uint32_t expires = lease->binding.state_expiration_time.raw();
    if (!lane.emplace(client, expires).second) found.fault = "a client twice";
    return true;
  });
  if (!leases.has_value()) found.fault = leases.error();
  // Every binding of a LaneFeeder is dirty, so the index has just the keys of the leases.
  std::uint64_t indexed = 0;
  const auto dirty = store.walk(Family::kDirty, {}, {}, [&](RecordOctets key, RecordOctets) {
    indexed += keys.contains(octets_of_walk(key)) ? 1 : 0;
    return true;
  });
  if (!dirty.has_value()) {
    found.fault = dirty.error();
  } else if (dirty->record_count != keys.size() || indexed != keys.size()) {
    found.fault = "the index of dirty bindings disagrees with the leases";
  }
  return found;
}

std::optional<std::uint64_t> surviving_count(const LaneState& before, const LaneWorkload& workload,
                                             std::uint64_t told, std::uint64_t emitted,
                                             const LaneState& on_disk) {
  LaneState state = before;
  for (std::uint64_t number = 1; number <= told; ++number) apply_step(state, workload.step(number));
  Difference difference(state, on_disk);
  for (std::uint64_t count = told;; ++count) {
    if (difference.empty()) return count;
    if (count == emitted) return std::nullopt;
    difference.apply(workload.step(count + 1));
  }
}

std::string describe_loss(const LaneState& before, const LaneWorkload& workload, std::uint64_t told,
                          std::uint64_t emitted, const LaneState& on_disk) {
  std::string text = "lane " + std::to_string(workload.lane) + ": told " + std::to_string(told) +
                     " of " + std::to_string(emitted) + " changes";
  LaneState promised = before;
  for (std::uint64_t number = 1; number <= told; ++number)
    apply_step(promised, workload.step(number));
  std::uint64_t newest = 0;
  for (const auto& [client, expires] : on_disk) newest = std::max<std::uint64_t>(newest, expires);
  unsigned shown = 0;
  for (const auto& [client, expires] : promised) {
    const auto found = on_disk.find(client);
    if ((found != on_disk.end() && found->second >= expires) || shown++ >= 3) continue;
    text += "; client " + std::to_string(client) + " promised by change " +
            std::to_string(expires - workload.expiry_base) +
            (found == on_disk.end() ? " is not there" : " is older");
  }
  return text + "; the newest change on disk is " +
         std::to_string(static_cast<std::int64_t>(newest) - workload.expiry_base);
}

}  // namespace tandem6
