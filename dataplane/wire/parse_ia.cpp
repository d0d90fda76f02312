#include "dataplane/wire/parse_ia.h"

#include "dataplane/wire/lease_option.h"

namespace tandem6 {
namespace {

/// The options inside one lease: none but a status and an excluded prefix means anything there.
DropReason check_lease_options(Bytes options, ParseState& state) noexcept {
  OptionReader reader(options, Place::kLease, state);
  OptionView option;
  while (reader.next(option)) {
  }
  return reader.fault();
}

}  // namespace

DropReason parse_ia(const OptionView& option, IaView& ia, ParseState& state) noexcept {
  Cursor cursor(option.value);
  ia.type = option.code == static_cast<std::uint16_t>(OptionCode::kIaNa)
                ? IaType::kNonTemporaryAddress
                : IaType::kPrefixDelegation;
  ia.iaid = Iaid{cursor.u32()};
  cursor.bytes(8);  // T1 and T2 of a client mean nothing (S-177)
  ia.options = cursor.rest();

  OptionReader reader(ia.options, Place::kIa, state);
  OptionView inner;
  std::size_t lease_count = 0;
  while (reader.next(inner)) {
    if (!is_lease_option(inner.code)) continue;
    if (!is_lease_option_of(ia.type, inner.code)) {
      state.note(OddReason::kMisplaced);
      continue;
    }
    const LeaseOption lease = read_lease_option(ia.type, inner.value);
    if (lease.hint.prefix_length > 128) return DropReason::kOptLen;
    const DropReason fault = check_lease_options(lease.options, state);
    if (fault != DropReason::kNone) return fault;
    if (++lease_count > kHintCountMax) state.note(OddReason::kHintCap);
  }
  return reader.fault();
}

}  // namespace tandem6
