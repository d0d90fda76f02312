// Walks the options of one container of a partner's message by the option table: what is not known
// or stands in a wrong place is skipped, and so is the second of a singleton (F-035). Part of the
// reader of messages.
//
//     OptionWalk walk(octets, Place::kClientData);
//     while (const auto option = walk.next()) { ... }
//     if (walk.overran()) -> the container cannot be trusted
#pragma once

#include <bitset>
#include <optional>

#include "dataplane/wire/cursor.h"
#include "dataplane/wire/option_table.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

struct WalkedOption {
  OptionCode code;
  Bytes value;
  bool fits;  // its length is one that the table allows
};

/// Borrows the octets; so do the options.
class OptionWalk {
 public:
  OptionWalk(Bytes octets, Place place) noexcept : cursor_(octets), place_(place) {}

  [[nodiscard]] std::optional<WalkedOption> next() noexcept;
  /// An option ran past the container. Known when `next` has said nullopt.
  [[nodiscard]] bool overran() const noexcept { return !cursor_.ok(); }

 private:
  Cursor cursor_;
  Place place_;
  std::bitset<256> seen_;  // codes of the table, all of which are below 256
};

}  // namespace tandem6
