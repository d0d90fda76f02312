#include "storage/lease_format.h"

#include <algorithm>
#include <cstring>

#include "storage/checksum.h"
#include "storage/octet_codec.h"

namespace tandem6 {

namespace {

constexpr std::uint8_t kNeedsUpdate = 1;
constexpr std::uint8_t kUpdateSent = 2;
constexpr std::uint8_t kPdExcluded = 4;
constexpr std::uint8_t kFromPartner = 8;     // version 2
constexpr std::uint8_t kPromisedTwice = 16;  // version 3

/// The flags that there are in records of this version; nothing else has changed since version 1.
constexpr std::uint8_t known_flags(std::uint8_t version) noexcept {
  constexpr std::uint8_t kVersion1 = kNeedsUpdate | kUpdateSent | kPdExcluded;
  constexpr std::uint8_t kVersion2 = kVersion1 | kFromPartner;
  if (version == 1) return kVersion1;
  return version == 2 ? kVersion2 : kVersion2 | kPromisedTwice;
}

constexpr std::size_t kChecksumSize = 4;

std::array<PackedTime Binding::*, 8> times() noexcept {
  return {&Binding::start_time_of_state,
          &Binding::state_expiration_time,
          &Binding::client_last_transaction_time,
          &Binding::partner_raw_clt_time,
          &Binding::expiration_time,
          &Binding::partner_lifetime,
          &Binding::acked_partner_lifetime,
          &Binding::acked_partner_lifetime_max};
}

std::uint8_t flags_of(const Binding& binding) noexcept {
  return static_cast<std::uint8_t>(
      (binding.needs_update ? kNeedsUpdate : 0) | (binding.update_sent ? kUpdateSent : 0) |
      (binding.pd_excluded ? kPdExcluded : 0) | (binding.from_partner ? kFromPartner : 0) |
      (binding.promised_twice ? kPromisedTwice : 0));
}

/// IAIDs compare as octets, most significant first, as everything in a key.
std::uint32_t big_endian(std::uint32_t number) noexcept {
  return __builtin_bswap32(little_endian(number));
}

bool read_key(std::span<const std::uint8_t> key, LeaseView& lease) noexcept {
  RecordReader reader(key);
  const auto type = reader.number<std::uint8_t>();
  const auto address = reader.octets(16);
  lease.binding.prefix_length = reader.number<std::uint8_t>();
  lease.binding.iaid = Iaid{big_endian(reader.number<std::uint32_t>())};
  if (!reader.ok()) return false;
  lease.binding.address = Ipv6Address::from_bytes(address);
  lease.duid = reader.octets(reader.left());
  if (type == static_cast<std::uint8_t>(IaType::kNonTemporaryAddress)) {
    lease.binding.ia_type = IaType::kNonTemporaryAddress;
    if (lease.binding.prefix_length != 128) return false;
  } else if (type == static_cast<std::uint8_t>(IaType::kPrefixDelegation)) {
    lease.binding.ia_type = IaType::kPrefixDelegation;
    if (lease.binding.prefix_length > 128) return false;
  } else {
    return false;
  }
  return Duid::size_fits(lease.duid.size()) &&
         lease.binding.lease() == lease.binding.lease().masked();
}

/// The parts after the fixed fields: tag, size, octets; tags in rising order.
bool read_parts(RecordReader& reader, BindingAttributes& attributes) noexcept {
  BindingAttributes::Parts parts;
  std::size_t last_tag = 0;
  while (reader.ok() && reader.left() != 0) {
    const auto tag = reader.number<std::uint8_t>();
    const auto size = reader.number<std::uint8_t>();
    if (tag <= last_tag || tag > parts.size() || size == 0) return false;
    parts[tag - 1U] = reader.octets(size);
    last_tag = tag;
  }
  attributes = BindingAttributes::of(parts);
  return reader.ok();
}

bool makes_sense(const Binding& binding, std::uint8_t status) noexcept {
  return status >= static_cast<std::uint8_t>(BindingStatus::kActive) &&
         status <= static_cast<std::uint8_t>(BindingStatus::kReset) &&
         binding.preferred_lifetime <= binding.valid_lifetime;
}

}  // namespace

LeaseKey::LeaseKey(const Binding& binding, std::span<const std::uint8_t> duid) noexcept {
  RecordWriter writer(octets_);
  writer.octets(lease_key_prefix(binding.ia_type, binding.lease()));
  writer.number(big_endian(binding.iaid.value));
  writer.octets(duid);
  size_ = writer.size();
}

LeaseValue::LeaseValue(const Binding& binding, const BindingAttributes& attributes,
                       std::span<const std::uint8_t> key) noexcept {
  RecordWriter writer(octets_);
  writer.number(kLeaseFormatVersion);
  writer.number(static_cast<std::uint8_t>(binding.status));
  writer.number(flags_of(binding));
  writer.number(std::uint8_t{0});
  writer.number(binding.preferred_lifetime.seconds);
  writer.number(binding.valid_lifetime.seconds);
  for (PackedTime Binding::* const time : times()) writer.number((binding.*time).raw());
  const BindingAttributes::Parts parts = attributes.parts();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    writer.number(static_cast<std::uint8_t>(i + 1));
    writer.number(static_cast<std::uint8_t>(parts[i].size()));
    writer.octets(parts[i]);
  }
  writer.number(crc32c(writer.written(), crc32c(key)));
  size_ = writer.size();
}

std::expected<LeaseView, RecordFault> read_lease_record(
    std::span<const std::uint8_t> key, std::span<const std::uint8_t> value) noexcept {
  if (value.size() < LeaseValue::kFixedSize + kChecksumSize) {
    return std::unexpected(RecordFault::kSize);
  }
  const auto content = value.first(value.size() - kChecksumSize);
  RecordReader checksum(value.last(kChecksumSize));
  if (checksum.number<std::uint32_t>() != crc32c(content, crc32c(key))) {
    return std::unexpected(RecordFault::kChecksum);
  }
  RecordReader reader(content);
  const auto version = reader.number<std::uint8_t>();
  if (version == 0 || version > kLeaseFormatVersion) {
    return std::unexpected(RecordFault::kVersion);
  }
  LeaseView lease;
  Binding& binding = lease.binding;
  const auto status = reader.number<std::uint8_t>();
  const auto flags = reader.number<std::uint8_t>();
  const auto unused = reader.number<std::uint8_t>();
  binding.preferred_lifetime.seconds = reader.number<std::uint32_t>();
  binding.valid_lifetime.seconds = reader.number<std::uint32_t>();
  for (PackedTime Binding::* const time : times()) {
    binding.*time = PackedTime::from_raw(reader.number<std::uint32_t>());
  }
  if (!read_parts(reader, lease.attributes)) return std::unexpected(RecordFault::kSize);
  const bool flags_are_known = (flags & ~known_flags(version)) == 0;
  if (!read_key(key, lease) || !makes_sense(binding, status) || !flags_are_known || unused != 0) {
    return std::unexpected(RecordFault::kValue);
  }
  binding.status = static_cast<BindingStatus>(status);
  binding.needs_update = (flags & kNeedsUpdate) != 0;
  binding.update_sent = (flags & kUpdateSent) != 0;
  binding.pd_excluded = (flags & kPdExcluded) != 0;
  binding.from_partner = (flags & kFromPartner) != 0;
  binding.promised_twice = (flags & kPromisedTwice) != 0;
  return lease;
}

std::span<const std::uint8_t> duid_in_key(std::span<const std::uint8_t> key) noexcept {
  return key.subspan(std::min(key.size(), LeaseKey::kLeaseSize + sizeof(Iaid)));
}

std::array<std::uint8_t, LeaseKey::kLeaseSize> lease_key_prefix(IaType type,
                                                                const Ipv6Prefix& lease) noexcept {
  std::array<std::uint8_t, LeaseKey::kLeaseSize> prefix;
  RecordWriter writer(prefix);
  writer.number(static_cast<std::uint8_t>(type));
  writer.octets(lease.address.octets);
  writer.number(lease.length);
  return prefix;
}

}  // namespace tandem6
