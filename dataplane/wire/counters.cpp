#include "dataplane/wire/counters.h"

namespace tandem6 {
namespace {

constexpr std::array<const char*, static_cast<std::size_t>(DropReason::kCount)> kDropNames = {
    "none",       "truncated",    "opt_overrun", "opt_len",     "opt_budget", "unknown_type",
    "direction",  "relay_depth",  "relay_msg",   "ans_size",    "duid_len",   "dup_id",
    "rules",      "other_server", "ia_flood",    "no_link",     "unicast",    "relay_unlisted",
    "bad_source", "udp",          "fragment",    "vlan",        "rate",       "no_memory",
    "storage",    "not_for_us",   "queue_full",  "unresponsive"};

constexpr std::array<const char*, static_cast<std::size_t>(OddReason::kCount)> kOddNames = {
    "unknown_opt", "hop_count", "duid_type", "dup_opt",   "misplaced", "dup_ia",
    "hint_cap",    "oro_big",   "hint_bad",  "relay_opt", "ext_hdr",   "release",
    "decline_cap", "duid_flap", "fqdn",      "class"};

// A reason added without a name would leave a null at the end.
static_assert(kDropNames.back() != nullptr && kOddNames.back() != nullptr);

}  // namespace

const char* name_of(DropReason reason) noexcept {
  const auto at = static_cast<std::size_t>(reason);
  return at < kDropNames.size() ? kDropNames[at] : "unknown";
}

const char* name_of(OddReason reason) noexcept {
  const auto at = static_cast<std::size_t>(reason);
  return at < kOddNames.size() ? kOddNames[at] : "unknown";
}

}  // namespace tandem6
