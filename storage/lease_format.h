// A binding on disk: key and value of one record of the column family "lease". The format is
// described in README.md; here it is written and read. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <span>

#include "dataplane/lease/attribute_store.h"
#include "dataplane/lease/binding.h"
#include "dataplane/wire/duid.h"
#include "storage/record_fault.h"

namespace tandem6 {

/// Written. All from 1 to it are read.
inline constexpr std::uint8_t kLeaseFormatVersion = 3;

/// A record as borrowed views: of `binding`, all is set that outlives a restart; its pool, its link
/// and its place in lists are for today's configuration to say.
struct LeaseView {
  Binding binding;
  std::span<const std::uint8_t> duid;
  BindingAttributes attributes;
};

/// Leases sort by type, then address: "this lease" and "every binding of this link" are ranges.
/// Client and IAID follow, because a lease may have bindings of its former clients beside that of
/// its holder.
class LeaseKey {
 public:
  static constexpr std::size_t kLeaseSize = 1 + 16 + 1;  // type, address, prefix length
  static constexpr std::size_t kSizeMax = kLeaseSize + 4 + Duid::kSizeMax;

  LeaseKey(const Binding& binding, std::span<const std::uint8_t> duid) noexcept;
  [[nodiscard]] std::span<const std::uint8_t> octets() const noexcept {
    return {octets_.data(), size_};
  }

 private:
  std::array<std::uint8_t, kSizeMax> octets_;
  std::size_t size_ = 0;
};

class LeaseValue {
 public:
  static constexpr std::size_t kFixedSize = 44;
  static constexpr std::size_t kSizeMax =
      kFixedSize + BindingAttributes::kCount * (2 + kAttributeSizeMax) + 4;

  /// `key` is the record's: the checksum is over both, so that no value passes under another key.
  LeaseValue(const Binding& binding, const BindingAttributes& attributes,
             std::span<const std::uint8_t> key) noexcept;
  [[nodiscard]] std::span<const std::uint8_t> octets() const noexcept {
    return {octets_.data(), size_};
  }

 private:
  std::array<std::uint8_t, kSizeMax> octets_;
  std::size_t size_ = 0;
};

/// The views of the result point into `key` and `value`.
[[nodiscard]] std::expected<LeaseView, RecordFault> read_lease_record(
    std::span<const std::uint8_t> key, std::span<const std::uint8_t> value) noexcept;

/// The DUID that a key names, unchecked; empty when the key is too short to have one.
[[nodiscard]] std::span<const std::uint8_t> duid_in_key(std::span<const std::uint8_t> key) noexcept;

/// What all keys of this lease begin with.
[[nodiscard]] std::array<std::uint8_t, LeaseKey::kLeaseSize> lease_key_prefix(
    IaType type, const Ipv6Prefix& lease) noexcept;

}  // namespace tandem6
