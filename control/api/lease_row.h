// A binding as an operator sees it: every name and time of RFC 8156 section 7.3 in words.
#pragma once

#include <boost/json/object.hpp>

#include "dataplane/lease/lease_record.h"

namespace tandem6 {

class ServerView;

/// Control thread.
[[nodiscard]] boost::json::object lease_row(const LeaseRecord& record, unsigned worker,
                                            ServerView& server);

}  // namespace tandem6
