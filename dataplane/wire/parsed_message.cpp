#include "dataplane/wire/parsed_message.h"

#include "dataplane/wire/cursor.h"
#include "dataplane/wire/lease_option.h"
#include "dataplane/wire/option_table.h"

namespace tandem6 {
namespace {

/// Value of the first PD Exclude option; the parser has seen to its length.
Bytes find_pd_exclude(Bytes options) noexcept {
  Cursor cursor(options);
  while (!cursor.at_end()) {
    const OptionView option = next_option(cursor);
    if (!cursor.ok()) break;
    if (option.code == static_cast<std::uint16_t>(OptionCode::kPdExclude)) return option.value;
  }
  return {};
}

}  // namespace

LeaseHints::LeaseHints(const IaView& ia) noexcept : type_(ia.type), rest_(ia.options) {}

bool LeaseHints::next(LeaseHint& hint) noexcept {
  Cursor cursor(rest_);
  while (!cursor.at_end() && count_ < kHintCountMax) {
    const OptionView option = next_option(cursor);
    if (!cursor.ok()) break;
    if (!is_lease_option_of(type_, option.code)) continue;
    // Never so in a message that `parse` let through, but these lines read an IA of any origin.
    const OptionRow* const row = find_option(option.code);
    if (row == nullptr || !length_fits(*row, option.value.size())) continue;
    const LeaseOption lease = read_lease_option(type_, option.value);
    if (lease.hint.prefix_length > 128) continue;
    hint = lease.hint;
    hint.address = Ipv6Prefix{hint.address, hint.prefix_length}.masked().address;
    hint.pd_exclude = type_ == IaType::kPrefixDelegation ? find_pd_exclude(lease.options) : Bytes{};
    rest_ = cursor.rest();
    ++count_;
    return true;
  }
  rest_ = {};
  return false;
}

}  // namespace tandem6
