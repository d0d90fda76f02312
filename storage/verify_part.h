// The leases of one part of the key space, checked: what `verify` does on each core.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/half_cursor.h"
#include "storage/lease_format.h"
#include "storage/record_stream.h"
#include "storage/verify.h"

namespace tandem6 {

/// What all parts look at; immutable but for the progress.
struct VerifyContext {
  const Store& store;
  std::optional<RangeIndex> pools;  // none: where leases lie is not checked
  std::optional<RangeIndex> reservations;
  std::vector<BlockHalf> blocks;  // in the order of their keys
  std::size_t text_count_max;
  VerifyProgress& progress;
};

/// Counts a fault, and keeps its text while there is room for it.
void add_fault(VerifyResult& result, std::size_t text_count_max, VerifyFault fault,
               std::string text);

[[nodiscard]] std::string hex_of(RecordOctets octets);

/// One thread. Parts are cut between leases, never between two records of one lease.
class VerifyPart {
 public:
  VerifyPart(const VerifyContext& context, RecordOctets first, RecordOctets end);

  /// False: cancelled, or `trouble` says why.
  [[nodiscard]] bool run();
  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }
  [[nodiscard]] VerifyResult& result() noexcept { return result_; }

  /// Held prefixes at the part's edges: one of an earlier part may reach into this one.
  [[nodiscard]] const std::optional<Ipv6Prefix>& first_prefix() const noexcept {
    return first_prefix_;
  }
  /// The one that no other contains, nearest to the part's end.
  [[nodiscard]] const std::optional<Ipv6Prefix>& last_outer_prefix() const noexcept {
    return outer_prefix_;
  }

 private:
  void check_record(RecordOctets key, RecordOctets value);
  void check_half(const Ipv6Prefix& prefix);
  void check_dirty(RecordOctets key, const LeaseView* lease);
  void drop_dirty_before(RecordOctets key);
  void check_held(const LeaseView& lease);
  void check_prefix(const Ipv6Prefix& prefix);
  void check_addresses_inside(const Ipv6Prefix& prefix);
  void check_place(const LeaseView& lease);
  void add(VerifyFault fault, std::string text) {
    add_fault(result_, context_.text_count_max, fault, std::move(text));
  }
  void tell_progress();

  const VerifyContext& context_;
  std::vector<std::uint8_t> first_;
  std::vector<std::uint8_t> end_;
  VerifyResult result_;
  RecordStream dirty_;      // of this part
  HalfCursor halves_;       // of the prefixes
  RecordStream addresses_;  // held ones of the whole store, from the first prefix on
  std::optional<std::pair<IaType, Ipv6Prefix>> last_held_;
  std::optional<Ipv6Prefix> first_prefix_;
  std::optional<Ipv6Prefix> outer_prefix_;
  std::uint64_t told_count_ = 0;  // of the leases, to `progress`
  std::string trouble_;
};

}  // namespace tandem6
