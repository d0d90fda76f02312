// Walks the bindings of all shards in bounded pages: worker after worker, in slab order, some
// bindings a query. Nothing is ever loaded as a whole.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "control/api/command.h"
#include "control/api/server_view.h"

namespace tandem6 {

/// Where a page begins; "WORKER:INDEX" as text. Bindings that come and go between two pages may be
/// missed or not; those that stay are shown exactly once.
struct LeaseCursor {
  unsigned worker = 0;
  BindingIndex from = 0;

  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] static std::optional<LeaseCursor> parse(std::string_view text);
};

inline constexpr std::uint16_t kLeasesPerQuery = 64;
/// Bindings looked at for one page at most: a rare filter gives short pages, not long waits.
inline constexpr unsigned kScannedPerPageMax = 8192;
/// A page ends when another query's worth might not fit.
inline constexpr unsigned kPageSizeMin = kLeasesPerQuery;
inline constexpr unsigned kPageSizeMax = 512;
inline constexpr unsigned kPageSizeDefault = 128;

using LeaseFilter = std::function<bool(const LeaseRecord&)>;

/// Answers with {"leases": […], "next": cursor or null}. Control thread.
void scan_leases(ServerView& server, LeaseCursor from, unsigned page_size, LeaseFilter filter,
                 RpcReply reply);

}  // namespace tandem6
