// Answers of the daemon as text for people. Pure: JSON in, text out.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "tools/tandem6ctl/style.h"
#include "tools/tandem6ctl/table.h"

namespace tandem6 {

[[nodiscard]] std::string render_status(const boost::json::object& status, const Style& style);
/// `pools` is the answer of pool.show.
[[nodiscard]] std::string render_pools(const boost::json::object& pools, const Style& style);
/// All counters that are not zero; with `earlier`, taken `seconds` before, their rates too.
[[nodiscard]] std::string render_stats(const boost::json::object& stats,
                                       const boost::json::object* earlier, double seconds,
                                       const Style& style);
/// One of `status` or `failover.show`: what there is to know at a glance, in sentences.
[[nodiscard]] std::string render_relationship(const boost::json::object& relationship,
                                              const Style& style);
/// `answer` is that of failover.show: all of each.
[[nodiscard]] std::string render_relationships(const boost::json::object& answer,
                                               const Style& style);
/// `plan` is the answer of failover.plan.
[[nodiscard]] std::string render_plan(const boost::json::object& plan, const Style& style);
/// What to know before one says yes.
[[nodiscard]] std::string render_plan_in_short(const boost::json::object& plan, const Style& style);
/// `answer` is that of failover.conflicts.
[[nodiscard]] std::string render_conflicts(const boost::json::object& answer, const Style& style);
/// `storage` is the answer of storage.status.
[[nodiscard]] std::string render_storage(const boost::json::object& storage, const Style& style);
/// `result` is the answer of storage.verify.
[[nodiscard]] std::string render_verify(const boost::json::object& result, const Style& style);
/// All of one binding, a line for each field.
[[nodiscard]] std::string render_lease(const boost::json::object& lease, const Style& style);

/// A list of bindings, a line for each.
[[nodiscard]] Table lease_table();
void add_lease_row(Table& table, const boost::json::object& lease);

}  // namespace tandem6
