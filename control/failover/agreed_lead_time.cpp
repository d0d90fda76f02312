#include "control/failover/agreed_lead_time.h"

#include <algorithm>

namespace tandem6 {

AgreedLeadTime::AgreedLeadTime(Role role, Lifetime configured, Lifetime agreed) noexcept
    : configured_(configured), agreed_(agreed) {
  if (role == Role::kSecondary && agreed.seconds != 0) configured_ = agreed;
}

void AgreedLeadTime::resume_before(Lifetime before, WallTime until) noexcept {
  before_ = before;
  before_counts_until_ = until;
}

void AgreedLeadTime::agree(Lifetime mclt, WallTime now) noexcept {
  if (agreed_.seconds != 0 && agreed_ != mclt) {
    before_ = std::max(longer(now), agreed_);
    before_counts_until_ = now + before_;
  }
  agreed_ = mclt;
  configured_ = mclt;
}

Lifetime AgreedLeadTime::shorter() const noexcept {
  return agreed_.seconds == 0 ? configured_ : std::min(configured_, agreed_);
}

Lifetime AgreedLeadTime::longer(WallTime now) const noexcept {
  const Lifetime present = std::max(configured_, agreed_);
  return now < before_counts_until_ ? std::max(present, before_) : present;
}

}  // namespace tandem6
