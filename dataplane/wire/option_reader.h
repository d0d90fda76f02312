// Walks the options of one container (message, relay header, IA, lease) by the option table, so
// that every container is checked by the same rules. Part of the parser; nobody else needs it.
#pragma once

#include <bitset>
#include <cstdint>

#include "dataplane/wire/counters.h"
#include "dataplane/wire/cursor.h"
#include "dataplane/wire/option_table.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

/// What one call of `parse` carries from container to container: the budget, and what was odd.
class ParseState {
 public:
  static constexpr std::uint16_t kOptionCountMax = 512;

  /// Accounts for one option; false when the budget of the datagram is spent.
  [[nodiscard]] bool take_option() noexcept {
    if (options_left_ == 0) return false;
    --options_left_;
    return true;
  }

  /// Odd events count messages that were served all the same, so they wait for `publish`.
  void note(OddReason reason) noexcept { odd_ |= 1U << static_cast<unsigned>(reason); }

  /// Counts each odd reason once. Call it for a message that is not dropped.
  void publish(WireCounters& counters) const noexcept {
    for (std::uint32_t rest = odd_; rest != 0; rest &= rest - 1) {
      counters.note(static_cast<OddReason>(__builtin_ctz(rest)));
    }
  }

 private:
  static_assert(static_cast<std::size_t>(OddReason::kCount) <= 32);
  std::uint16_t options_left_ = kOptionCountMax;
  std::uint32_t odd_ = 0;
};

class OptionReader {
 public:
  OptionReader(Bytes options, Place place, ParseState& state) noexcept
      : cursor_(options), place_(place), state_(state) {}

  /// Takes the next option that may stand here, has a fitting length and is not the second of a
  /// singleton; the others are skipped and noted. False at the end, and at a fault.
  bool next(OptionView& option) noexcept;

  /// kNone when the walk came to its end; else why the datagram is to be dropped.
  [[nodiscard]] DropReason fault() const noexcept { return fault_; }

 private:
  bool fail(DropReason reason) noexcept {
    fault_ = reason;
    return false;
  }
  void note_misplaced(const OptionRow& row) noexcept;

  Cursor cursor_;
  Place place_;
  ParseState& state_;
  DropReason fault_ = DropReason::kNone;
  std::bitset<256> seen_;  // codes of the table, all of which are below 256
};

/// Walks options whose meaning is not ours to judge here; kNone, kOptBudget or kOptOverrun.
[[nodiscard]] DropReason check_framing(Bytes options, ParseState& state) noexcept;

}  // namespace tandem6
