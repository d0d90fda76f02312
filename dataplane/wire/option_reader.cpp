#include "dataplane/wire/option_reader.h"

namespace tandem6 {
namespace {

constexpr auto kRelayOnly = static_cast<std::uint16_t>(Place::kRelayMessage);

DropReason overrun_fault(std::uint16_t code, Place place) noexcept {
  const bool cut_message = place == Place::kRelayMessage &&
                           code == static_cast<std::uint16_t>(OptionCode::kRelayMessage);
  return cut_message ? DropReason::kRelayMsg : DropReason::kOptOverrun;
}

DropReason length_fault(std::uint16_t code) noexcept {
  switch (static_cast<OptionCode>(code)) {
    case OptionCode::kClientId:
    case OptionCode::kServerId:
    case OptionCode::kRelayId:
      return DropReason::kDuidLen;
    case OptionCode::kRelayMessage:
      return DropReason::kRelayMsg;
    default:
      return DropReason::kOptLen;
  }
}

/// kNone: a second one is ignored.
DropReason duplicate_fault(std::uint16_t code) noexcept {
  switch (static_cast<OptionCode>(code)) {
    case OptionCode::kClientId:
    case OptionCode::kServerId:
    case OptionCode::kAuthentication:
      return DropReason::kDupId;
    case OptionCode::kRelayMessage:
      return DropReason::kRelayMsg;
    default:
      return DropReason::kNone;
  }
}

/// Options that lose only themselves when they are malformed, judged by their own readers.
bool is_judged_by_its_reader(std::uint16_t code) noexcept {
  return code == static_cast<std::uint16_t>(OptionCode::kClientFqdn) ||
         code == static_cast<std::uint16_t>(OptionCode::kUserClass);
}

/// The table also knows what only failover partners say, and IA_TA, which is obsolete: from
/// a client both are options like any that this server does not know.
bool is_as_good_as_unknown(const OptionRow* row) noexcept {
  return row == nullptr || !is_of_clients(*row) ||
         row->code == static_cast<std::uint16_t>(OptionCode::kIaTa);
}

}  // namespace

bool OptionReader::next(OptionView& option) noexcept {
  while (!cursor_.at_end()) {
    if (!state_.take_option()) return fail(DropReason::kOptBudget);
    option = next_option(cursor_);
    if (!cursor_.ok()) return fail(overrun_fault(option.code, place_));

    const OptionRow* const row = find_option(option.code);
    if (is_as_good_as_unknown(row)) {
      state_.note(OddReason::kUnknownOpt);
      continue;
    }
    const bool fits =
        length_fits(*row, option.value.size()) || is_judged_by_its_reader(option.code);
    if (!may_stand_in(*row, place_)) {
      // A value of fixed size is checked wherever it stands (S-027), but what only relays may say
      // is not looked at in a client's message.
      const bool fixed_size = row->length_min == row->length_max && row->places != kRelayOnly;
      if (!fits && fixed_size) return fail(length_fault(option.code));
      note_misplaced(*row);
      continue;
    }
    if (!fits) return fail(length_fault(option.code));
    if (row->singleton && seen_[option.code]) {
      const DropReason reason = duplicate_fault(option.code);
      if (reason != DropReason::kNone) return fail(reason);
      state_.note(OddReason::kDupOpt);
      continue;
    }
    seen_[option.code] = true;
    return true;
  }
  return false;
}

void OptionReader::note_misplaced(const OptionRow& row) noexcept {
  if (row.places == kRelayOnly) {
    state_.note(OddReason::kRelayOpt);
    return;
  }
  // A client may send what it wishes to be configured with (RFC 8415 section 18.2.1); such a wish
  // is not odd, and we follow none.
  if (row.configurable && place_ == Place::kClientMessage) return;
  state_.note(OddReason::kMisplaced);
}

DropReason check_framing(Bytes options, ParseState& state) noexcept {
  Cursor cursor(options);
  while (!cursor.at_end()) {
    if (!state.take_option()) return DropReason::kOptBudget;
    next_option(cursor);
    if (!cursor.ok()) return DropReason::kOptOverrun;
  }
  return DropReason::kNone;
}

}  // namespace tandem6
