// Which MCLT holds, while a new value is not agreed yet and for as long as leases of the old one
// may run (F-093, F-099; ruling R-23). Only the primary's configuration counts.
#pragma once

#include "dataplane/lease/role.h"
#include "dataplane/lease/wall_time.h"

namespace tandem6 {

class AgreedLeadTime {
 public:
  /// `agreed`: as stored; 0: none was ever agreed.
  AgreedLeadTime(Role role, Lifetime configured, Lifetime agreed) noexcept;

  /// As stored: the greatest value of before, which counts until then.
  void resume_before(Lifetime before, WallTime until) noexcept;

  /// A CONNECT with this value has been accepted.
  void agree(Lifetime mclt, WallTime now) noexcept;

  /// To be stored; 0: none yet.
  [[nodiscard]] Lifetime agreed() const noexcept { return agreed_; }
  [[nodiscard]] Lifetime before() const noexcept { return before_; }
  [[nodiscard]] WallTime before_counts_until() const noexcept { return before_counts_until_; }
  /// What the primary puts into CONNECT.
  [[nodiscard]] Lifetime configured() const noexcept { return configured_; }
  /// Bounds the lifetimes of clients: the smaller of the values that may hold.
  [[nodiscard]] Lifetime shorter() const noexcept;
  /// Goes into every waiting time: the larger one.
  [[nodiscard]] Lifetime longer(WallTime now) const noexcept;

 private:
  Lifetime configured_;  // of a secondary: only until the primary has said its own
  Lifetime agreed_;
  Lifetime before_{};             // what was agreed before
  WallTime before_counts_until_;  // leases of before may run until then
};

}  // namespace tandem6
