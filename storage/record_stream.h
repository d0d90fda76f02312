// Keys of a family one after the other, for walking two families side by side. Reads pages of them,
// since a walk of the store calls its visitor and not the other way round.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "storage/store.h"

namespace tandem6 {

/// One thread. On a store that somebody writes to, each page is a snapshot of its own.
class RecordStream {
 public:
  using Filter = std::function<bool(RecordOctets key, RecordOctets value)>;

  /// Records from `first` on, before `end` (empty: to the last), that `wants` says yes to; all
  /// when it is null. Borrows the store.
  RecordStream(const Store& store, Family family, RecordOctets first, RecordOctets end,
               Filter wants = nullptr);

  /// Empty: there are no more, or `trouble` says why. Valid until `next` or `seek`.
  [[nodiscard]] RecordOctets key();
  /// REQUIRES: key() is not empty.
  void next() { ++at_; }
  /// Goes forward to the first record from `first` on; never back.
  void seek(RecordOctets first);
  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }
  [[nodiscard]] std::uint64_t record_count() const noexcept { return record_count_; }
  [[nodiscard]] std::uint64_t damaged_gap_count() const noexcept { return damaged_gap_count_; }

 private:
  void read_page();

  const Store& store_;
  Family family_;
  std::vector<std::uint8_t> first_;  // of the next page
  std::vector<std::uint8_t> end_;
  Filter wants_;
  std::vector<std::vector<std::uint8_t>> page_;
  std::size_t at_ = 0;
  bool is_last_page_ = false;
  std::string trouble_;
  std::uint64_t record_count_ = 0;
  std::uint64_t damaged_gap_count_ = 0;
};

}  // namespace tandem6
