#include "control/config/lifetimes.h"

#include <string>

#include "control/config/duration.h"
#include "control/config/scalars.h"

namespace tandem6 {
namespace {

Lifetime half_of(Lifetime whole) {
  return whole.is_infinite() || whole.seconds == 1 ? whole : Lifetime{whole.seconds / 2};
}

Lifetime twice(Lifetime half) {
  return half.seconds < 0x7fffffff ? Lifetime{half.seconds * 2} : kInfiniteLifetime;
}

/// The share of the preferred lifetime that RFC 8415 section 21.4 recommends (S-182).
Lifetime tenths_of(Lifetime preferred, unsigned tenths) {
  if (preferred.is_infinite()) return preferred;
  return Lifetime{static_cast<std::uint32_t>(std::uint64_t{preferred.seconds} * tenths / 10)};
}

std::string says(std::string_view name, Lifetime value, bool is_given) {
  return std::string(name) + (is_given ? " is " : " defaults to ") + to_text(value);
}

/// T1 before T2 before the end of the preferred lifetime; 0 leaves the time to the client (S-183).
void check_times(const LifetimeSettings& lifetimes, const std::optional<Field>& t1_field,
                 const std::optional<Field>& t2_field, Faults& faults) {
  const Lifetime t1 = lifetimes.t1.value_or(tenths_of(lifetimes.preferred, 5));
  const Lifetime t2 = lifetimes.t2.value_or(tenths_of(lifetimes.preferred, 8));
  if (t2_field && lifetimes.t2 && t2 > lifetimes.preferred) {
    faults.add(t2_field->position,
               says("t2", t2, true) + ", but " + says("preferred", lifetimes.preferred, true),
               "an address would stop being preferred before the client asks to extend it",
               "write a t2 of at most " + to_text(lifetimes.preferred));
    return;
  }
  const auto& culprit = t1_field && lifetimes.t1 ? t1_field : t2_field;
  if (culprit && t1.seconds != 0 && t2.seconds != 0 && t1 > t2) {
    faults.add(culprit->position,
               says("t1", t1, lifetimes.t1.has_value()) + ", but " +
                   says("t2", t2, lifetimes.t2.has_value()),
               "clients discard an IA whose T1 is above its T2 (RFC 8415 section 21.4)",
               "make t1 the smaller one, or leave both out");
  }
}

}  // namespace

LifetimeSettings read_lifetimes(const std::optional<Field>& field, Faults& faults) {
  LifetimeSettings lifetimes;
  const Section section(field, {}, {"preferred", "valid", "t1", "t2"}, faults);
  const auto& t1 = section.find("t1");
  const auto& t2 = section.find("t2");
  constexpr Rule kRule{"a lifetime of 0 means that the lease has ended",
                       "write a duration from 1s on"};
  const auto preferred =
      read_duration(section.find("preferred"), Lifetime{1}, kInfiniteLifetime, kRule, faults);
  const auto valid =
      read_duration(section.find("valid"), Lifetime{1}, kInfiniteLifetime, kRule, faults);
  lifetimes.t1 = read_duration(t1, Lifetime{0}, kInfiniteLifetime, {}, faults);
  lifetimes.t2 = read_duration(t2, Lifetime{0}, kInfiniteLifetime, {}, faults);
  if (preferred) lifetimes.preferred = *preferred;
  if (valid) lifetimes.valid = *valid;
  if (preferred && !section.find("valid")) lifetimes.valid = twice(*preferred);
  if (valid && !section.find("preferred")) lifetimes.preferred = half_of(*valid);

  if (preferred && valid && *preferred > *valid) {
    faults.add(section.find("preferred")->position,
               says("preferred", *preferred, true) + ", but " + says("valid", *valid, true),
               "clients discard a lease whose preferred lifetime is above the valid one "
               "(RFC 8415 section 21.6)",
               "write a preferred lifetime of at most " + to_text(*valid));
    return lifetimes;
  }
  const bool all_read = preferred.has_value() == section.find("preferred").has_value() &&
                        valid.has_value() == section.find("valid").has_value();
  if (all_read) check_times(lifetimes, t1, t2, faults);
  return lifetimes;
}

}  // namespace tandem6
