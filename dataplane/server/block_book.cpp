#include "dataplane/server/block_book.h"

#include <algorithm>
#include <utility>

namespace tandem6 {

namespace {

std::uint64_t count_in(const PrefixPool& pool, const Ipv6Prefix& block) noexcept {
  return 1ULL << (pool.delegated_length() - block.length);
}

/// The two halves of a range.
std::pair<Ipv6Prefix, Ipv6Prefix> split(const Ipv6Prefix& range) noexcept {
  const auto length = static_cast<std::uint8_t>(range.length + 1);
  Ipv6Prefix upper{range.address, length};
  upper.address.octets[range.length / 8] |= static_cast<std::uint8_t>(0x80 >> range.length % 8);
  return {{range.address, length}, upper};
}

/// Appends the blocks of `range` unless it is uniform as a whole; then true, and nothing appended.
bool collect(const PrefixPool& pool, const Ipv6Prefix& range, Half half,
             std::vector<Ipv6Prefix>& blocks) {
  if (range.length == pool.delegated_length()) return pool.half(range) == half;
  const auto [lower, upper] = split(range);
  const bool lower_whole = collect(pool, lower, half, blocks);
  const std::size_t middle = blocks.size();
  const bool upper_whole = collect(pool, upper, half, blocks);
  if (lower_whole && upper_whole) return true;
  if (lower_whole) blocks.insert(blocks.begin() + static_cast<std::ptrdiff_t>(middle), lower);
  if (upper_whole) blocks.push_back(upper);
  return false;
}

}  // namespace

std::vector<Ipv6Prefix> uniform_blocks(const PrefixPool& pool, const Ipv6Prefix& range, Half half) {
  std::vector<Ipv6Prefix> blocks;
  if (collect(pool, range, half, blocks)) blocks.push_back(range);
  return blocks;
}

std::vector<Ipv6Prefix> blocks_of_half(const Service& service, RelationshipIndex relationship,
                                       Half half) {
  std::vector<Ipv6Prefix> all;
  for (std::size_t link = 0; link < service.link_count(); ++link) {
    if (service.link(link).settings->relationship != relationship) continue;
    for (PoolIndex i = 0; i < service.link(link).prefix_pool_count; ++i) {
      const PrefixPool& pool = service.pools().prefix_pool(
          static_cast<PoolIndex>(service.link(link).first_prefix_pool + i));
      const auto blocks = uniform_blocks(pool, pool.range(), half);
      all.insert(all.end(), blocks.begin(), blocks.end());
    }
  }
  return all;
}

LeaseUpdate block_update(const Ipv6Prefix& block, BindingStatus status, WallTime since) noexcept {
  LeaseUpdate update;
  update.ia_type = IaType::kPrefixDelegation;
  update.lease = block;
  update.status = status;
  update.start_time_of_state = since;
  return update;
}

void BlockBook::announce_all(WallTime now) {
  given_.clear();
  for (const Ipv6Prefix& block : blocks_of_half(*service_, relationship_, Half::kFreeBackup)) {
    given_[block] = {.since = now};
  }
}

void BlockBook::forget_sent() noexcept {
  for (auto& [block, given] : given_) given.is_sent = false;
}

std::optional<BlockBook::Block> BlockBook::give(PoolIndex pool, std::uint64_t count_max,
                                                WallTime now) {
  const auto block = find_block(*service_, pool, Half::kFree, count_max);
  if (!block || !move_block(*service_, *block, Half::kFreeBackup)) return std::nullopt;
  given_[*block] = {.since = now};
  return Block{*block, count_in(service_->pools().prefix_pool(pool), *block)};
}

std::optional<BlockBook::Block> BlockBook::find_to_take_back(PoolIndex pool,
                                                             std::uint64_t count_max) const {
  const PrefixPool& prefixes = service_->pools().prefix_pool(pool);
  const bool is_settled = std::ranges::none_of(
      given_, [&](const auto& each) { return prefixes.range().contains(each.first.address); });
  if (!is_settled) return std::nullopt;
  const auto block = find_block(*service_, pool, Half::kFreeBackup, count_max);
  if (!block) return std::nullopt;
  return Block{*block, count_in(prefixes, *block)};
}

std::vector<Ipv6Prefix> BlockBook::drop_all() {
  given_.clear();
  std::vector<Ipv6Prefix> dropped;
  for (const Ipv6Prefix& block : blocks_of_half(*service_, relationship_, Half::kFreeBackup)) {
    if (move_block(*service_, block, Half::kFree)) dropped.push_back(block);
  }
  return dropped;
}

void BlockBook::note_told_in_doubt(const Ipv6Prefix& block, BindingStatus status) {
  if (const auto half = half_told(status)) told_in_doubt_[block.masked()] = *half;
}

/// The smallest that holds it.
BlockBook::ToldBlocks::const_iterator BlockBook::find_told_in_doubt(
    const Ipv6Prefix& prefix) const {
  if (told_in_doubt_.empty()) return told_in_doubt_.end();
  Ipv6Prefix block = prefix;
  for (unsigned length = prefix.length + 1U; length-- > 0;) {
    block.length = static_cast<std::uint8_t>(length);
    if (const auto told = told_in_doubt_.find(block.masked()); told != told_in_doubt_.end()) {
      return told;
    }
  }
  return told_in_doubt_.end();
}

std::optional<Half> BlockBook::half_told_in_doubt(const Ipv6Prefix& prefix) const {
  const auto told = find_told_in_doubt(prefix);
  return told == told_in_doubt_.end() ? std::nullopt : std::optional(told->second);
}

/// What is left of the block are the other halves of all blocks between.
void BlockBook::note_lease_told_in_doubt(const Ipv6Prefix& lease) {
  for (auto told = find_told_in_doubt(lease); told != told_in_doubt_.end();
       told = find_told_in_doubt(lease)) {
    const auto [block, half] = *told;
    told_in_doubt_.erase(told);
    for (unsigned length = block.length + 1U; length <= lease.length; ++length) {
      Ipv6Prefix other{lease.address, static_cast<std::uint8_t>(length)};
      other.address.octets[(length - 1) / 8] ^=
          static_cast<std::uint8_t>(0x80U >> (length - 1) % 8);
      told_in_doubt_.try_emplace(other.masked(), half);
    }
  }
}

std::vector<std::pair<Ipv6Prefix, Half>> BlockBook::end_doubt() {
  std::vector<std::pair<Ipv6Prefix, Half>> moved;
  for (const auto& [block, half] : std::exchange(told_in_doubt_, {})) {
    if (move_block(*service_, block, half)) moved.emplace_back(block, half);
  }
  return moved;
}

std::vector<LeaseUpdate> BlockBook::take_unsent(std::size_t count_max) {
  std::vector<LeaseUpdate> taken;
  std::vector<std::pair<Ipv6Prefix, WallTime>> unsent;
  for (const auto& [block, given] : given_) {
    if (!given.is_sent) unsent.emplace_back(block, given.since);
  }
  for (const auto& [block, since] : unsent) {
    if (taken.size() >= count_max) break;
    given_.erase(block);
    const auto pool = pool_of_block(*service_, relationship_, block);
    if (!pool) continue;  // it is configured no more
    for (const Ipv6Prefix& part :
         uniform_blocks(service_->pools().prefix_pool(*pool), block, Half::kFreeBackup)) {
      given_[part] = {.since = since, .is_sent = true};
      taken.push_back(block_update(part, BindingStatus::kFreeBackup, since));
    }
  }
  return taken;
}

bool BlockBook::has_unsent() const noexcept {
  return std::ranges::any_of(given_, [](const auto& each) { return !each.second.is_sent; });
}

bool BlockBook::acked(const LeaseAck& ack) {
  if (ack.status == BindingStatus::kFreeBackup) {
    given_.erase(ack.lease);
    return false;
  }
  return pool_of_block(*service_, relationship_, ack.lease).has_value() &&
         move_block(*service_, ack.lease, Half::kFree);
}

}  // namespace tandem6
