#include "storage/verify_part.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "dataplane/lease/lease_rules.h"

namespace tandem6 {
namespace {

constexpr std::uint64_t kProgressStep = 1024;

constexpr auto kAddressType = static_cast<std::uint8_t>(IaType::kNonTemporaryAddress);
/// Every key of a held address is before this one.
constexpr std::array<std::uint8_t, 1> kAddressesEnd = {kAddressType + 1};

bool is_held_record(RecordOctets key, RecordOctets value) noexcept {
  const auto lease = read_lease_record(key, value);
  return lease.has_value() && holds_its_lease(lease->binding.status);
}

/// The address in a key. REQUIRES: a key of a record that was read.
Ipv6Address address_in(RecordOctets key) noexcept {
  return Ipv6Address::from_bytes(key.subspan(1, 16));
}

std::string lease_text(IaType type, const Ipv6Prefix& lease) {
  return type == IaType::kNonTemporaryAddress ? lease.address.to_string() : lease.to_string();
}

/// "2001:db8::1 of client 000300…"; the key as it is where it makes no sense.
std::string text_of_key(RecordOctets key) {
  const RecordOctets duid = duid_in_key(key);
  const bool is_lease = !duid.empty() && (key[0] == kAddressType || key[0] == kAddressType + 1);
  if (!is_lease) return "the record with the key " + hex_of(key);
  const Ipv6Prefix lease{address_in(key), std::min<std::uint8_t>(key[17], 128)};
  return lease_text(static_cast<IaType>(key[0]), lease) + " of client " + hex_of(duid);
}

}  // namespace

std::string hex_of(RecordOctets octets) {
  std::string text;
  std::array<char, 3> digits;
  for (const std::uint8_t octet : octets) {
    std::snprintf(digits.data(), digits.size(), "%02x", octet);
    text += digits.data();
  }
  return text;
}

void add_fault(VerifyResult& result, std::size_t text_count_max, VerifyFault fault,
               std::string text) {
  const auto index = static_cast<std::size_t>(fault);
  ++result.fault_counts[index];
  if (result.texts[index].size() < text_count_max) result.texts[index].push_back(std::move(text));
}

VerifyPart::VerifyPart(const VerifyContext& context, RecordOctets first, RecordOctets end)
    : context_(context),
      first_(first.begin(), first.end()),
      end_(end.begin(), end.end()),
      dirty_(context.store, Family::kDirty, first, end),
      halves_(context.blocks),
      addresses_(context.store, Family::kLease, {}, kAddressesEnd, is_held_record) {}

bool VerifyPart::run() {
  const auto walked = context_.store.walk(
      Family::kLease, first_, end_, [this](RecordOctets key, RecordOctets value) {
        check_record(key, value);
        if (result_.lease_count % kProgressStep == 0) tell_progress();
        return !context_.progress.is_cancelled.load(std::memory_order_relaxed);
      });
  if (!walked.has_value()) {
    trouble_ = walked.error();
    return false;
  }
  tell_progress();
  if (context_.progress.is_cancelled.load(std::memory_order_relaxed)) return false;
  drop_dirty_before({});
  for (const RecordStream* stream : {&dirty_, &addresses_}) {
    if (!stream->trouble().empty()) trouble_ = stream->trouble();
  }
  result_.dirty_count = dirty_.record_count();
  // The addresses' own part counts their gaps.
  result_.damaged_gap_count = walked->damaged_gap_count + dirty_.damaged_gap_count();
  return trouble_.empty();
}

void VerifyPart::tell_progress() {
  const std::uint64_t news = result_.lease_count - std::exchange(told_count_, result_.lease_count);
  context_.progress.lease_count.fetch_add(news, std::memory_order_relaxed);
}

void VerifyPart::check_record(RecordOctets key, RecordOctets value) {
  ++result_.lease_count;
  const auto lease = read_lease_record(key, value);
  check_dirty(key, lease.has_value() ? &*lease : nullptr);
  if (!lease.has_value()) {
    add(VerifyFault::kDamagedRecord, text_of_key(key) + " " + text_of(lease.error()));
    return;
  }
  if (!holds_its_lease(lease->binding.status)) return;
  ++result_.held_count;
  check_held(*lease);
  check_place(*lease);
}

/// `lease` is null where the record cannot be read: then it may be dirty or not.
void VerifyPart::check_dirty(RecordOctets key, const LeaseView* lease) {
  drop_dirty_before(key);
  const bool is_there = std::ranges::equal(dirty_.key(), key);
  if (is_there) dirty_.next();
  if (lease == nullptr || lease->binding.needs_update == is_there) return;
  if (is_there) {
    add(VerifyFault::kNeedlesslyInDirty,
        text_of_key(key) + " is in the index of updates to send, and needs none");
  } else {
    add(VerifyFault::kMissingInDirty,
        text_of_key(key) + " needs an update, and the index of updates to send has it not");
  }
}

/// What the index has before this key has no record. An empty key: to the index's end.
void VerifyPart::drop_dirty_before(RecordOctets key) {
  for (;;) {
    const RecordOctets next = dirty_.key();
    if (next.empty()) return;
    if (!key.empty() && !std::ranges::lexicographical_compare(next, key)) return;
    add(VerifyFault::kNeedlesslyInDirty,
        text_of_key(next) + " is in the index of updates to send, and there is no such record");
    dirty_.next();
  }
}

void VerifyPart::check_held(const LeaseView& lease) {
  const IaType type = lease.binding.ia_type;
  const std::pair held(type, lease.binding.lease());
  if (last_held_ == held) {
    add(VerifyFault::kHeldTwice,
        lease_text(type, held.second) + " is held by two bindings, one of client " +
            hex_of(lease.duid) + " (" + name_of(lease.binding.status) + ")");
    return;
  }
  last_held_ = held;
  if (type != IaType::kPrefixDelegation) return;
  check_half(held.second);
  check_prefix(held.second);
}

void VerifyPart::check_half(const Ipv6Prefix& prefix) {
  if (halves_.half_of(prefix) == Half::kFree) return;
  add(VerifyFault::kHeldInHalf,
      "prefix " + prefix.to_string() + " is held, and is the secondary's free one as well");
}

/// Prefixes come sorted, the shorter of two that begin alike first: so whatever contains one came
/// before it, and of all that came before only the last outermost one can.
void VerifyPart::check_prefix(const Ipv6Prefix& prefix) {
  if (!first_prefix_) first_prefix_ = prefix;
  if (outer_prefix_ && outer_prefix_->contains(prefix)) {
    add(VerifyFault::kHeldInside,
        "prefix " + prefix.to_string() + " is held inside of " + outer_prefix_->to_string());
    return;
  }
  outer_prefix_ = prefix;
  check_addresses_inside(prefix);
}

void VerifyPart::check_addresses_inside(const Ipv6Prefix& prefix) {
  addresses_.seek(lease_key_prefix(IaType::kNonTemporaryAddress, {prefix.address, 0}));
  for (;;) {
    const RecordOctets key = addresses_.key();
    if (key.empty() || !prefix.contains(address_in(key))) return;
    add(VerifyFault::kHeldInside,
        "address " + address_in(key).to_string() + " is held inside of " + prefix.to_string());
    addresses_.next();
  }
}

void VerifyPart::check_place(const LeaseView& lease) {
  if (!context_.pools) return;
  const IaType type = lease.binding.ia_type;
  const Ipv6Prefix held = lease.binding.lease();
  const unsigned pools = context_.pools->count_around(type, held);
  const std::string text = pools == 1 ? std::string() : lease_text(type, held);
  if (pools > 1) {
    add(VerifyFault::kInTwoPools, text + " lies in " + std::to_string(pools) + " pools");
  } else if (pools == 0 && context_.reservations->count_around(type, held) == 0) {
    add(VerifyFault::kInNoPool, text + " lies in no pool and is nobody's reservation");
  }
}

}  // namespace tandem6
