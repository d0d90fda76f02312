#include "tests/simulation/simulated_disk.h"

#include <algorithm>

namespace tandem6::simulation {

void HalfMap::move(const Ipv6Prefix& block, Half half) {
  std::erase_if(moves_, [&](const auto& each) { return covers(block, each.first); });
  moves_[block] = half;
}

Half HalfMap::of(const Ipv6Prefix& prefix) const {
  const std::pair<const Ipv6Prefix, Half>* narrowest = nullptr;
  for (const auto& each : moves_) {
    if (!covers(each.first, prefix)) continue;
    if (narrowest == nullptr || each.first.length > narrowest->first.length) narrowest = &each;
  }
  return narrowest == nullptr ? Half::kFree : narrowest->second;
}

std::vector<std::pair<Ipv6Prefix, Half>> HalfMap::in_order() const {
  std::vector<std::pair<Ipv6Prefix, Half>> moves(moves_.begin(), moves_.end());
  std::ranges::stable_sort(moves, {}, [](const auto& each) { return each.first.length; });
  return moves;
}

void SimulatedDisk::apply(const Step& step, Content& content) {
  if (const auto* put = std::get_if<LeaseRecord>(&step)) {
    tandem6::keep(content.leases, *put);
  } else if (const auto* erased = std::get_if<Erased>(&step)) {
    const Binding& binding = erased->record.binding;
    content.leases.erase(
        {binding.ia_type, binding.lease(), binding.iaid, copied(erased->record.duid.bytes())});
  } else if (const auto* moved = std::get_if<Moved>(&step)) {
    content.halves.move(moved->block, moved->half);
  } else if (const auto* recorded = std::get_if<Recorded>(&step)) {
    content.records[recorded->relationship] = recorded->record;
  }
}

void SimulatedDisk::write(Step step) {
  ++written_;
  apply(step, newest_);
  if (is_instant_) {
    apply(step, durable_);
  } else {
    pending_.push_back(std::move(step));
  }
}

void SimulatedDisk::sync(std::uint64_t up_to) {
  while (durable() < up_to) {
    apply(pending_.front(), durable_);
    pending_.pop_front();
  }
}

void SimulatedDisk::crash(std::uint64_t kept) {
  sync(durable() + kept);
  restore(durable_);
}

void SimulatedDisk::restore(Content content) {
  pending_.clear();
  durable_ = std::move(content);
  newest_ = durable_;
}

const LeaseRecord* find_record(const Disk& disk, const Ipv6Prefix& lease, const Octets& client,
                               Iaid iaid) {
  const IaType type =
      lease.length == 128 ? IaType::kNonTemporaryAddress : IaType::kPrefixDelegation;
  const auto found = disk.find({type, lease, iaid, client});
  return found == disk.end() ? nullptr : &found->second;
}

std::string text_of(const LeaseRecord& record) {
  return std::string(name_of(record.binding.status)) + ' ' + record.binding.lease().to_string() +
         ' ' + record.duid.to_string();
}

EndpointState SimulatedDisk::Content::state_of(RelationshipIndex relationship) const {
  const auto record = records.find(relationship);
  return record == records.end() ? EndpointState::kNone
                                 : static_cast<EndpointState>(record->second.state);
}

}  // namespace tandem6::simulation
