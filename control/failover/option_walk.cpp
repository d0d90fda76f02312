#include "control/failover/option_walk.h"

namespace tandem6 {

std::optional<WalkedOption> OptionWalk::next() noexcept {
  while (!cursor_.at_end()) {
    const OptionView option = next_option(cursor_);
    if (!cursor_.ok()) return std::nullopt;
    const OptionRow* const row = find_option(option.code);
    if (row == nullptr || !may_stand_in(*row, place_)) continue;
    if (row->singleton && seen_[option.code]) continue;
    seen_[option.code] = true;
    return WalkedOption{.code = static_cast<OptionCode>(option.code),
                        .value = option.value,
                        .fits = length_fits(*row, option.value.size())};
  }
  return std::nullopt;
}

}  // namespace tandem6
