// lease find, lease list: pages of the daemon, one after the other, never all in memory.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <expected>
#include <functional>
#include <iostream>

#include "tools/tandem6ctl/actions.h"
#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/report.h"
#include "tools/tandem6ctl/rpc_client.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

/// Calls `take` for each binding until there are no more, or it returns false.
std::expected<void, Failure> for_each_lease(RpcClient& client, const std::string& method,
                                            json::object parameters,
                                            const std::function<bool(const json::object&)>& take) {
  for (;;) {
    const auto answer = client.call(method, parameters);
    if (!answer.has_value()) return std::unexpected(answer.error());
    const json::object& page = as_object(*answer);
    for (const json::value& lease : array_field(page, "leases")) {
      if (!take(as_object(lease))) return {};
    }
    const std::string next = text_field(page, "next");
    if (next.empty()) return {};
    parameters["cursor"] = next;
  }
}

/// One JSON document that is never whole in memory: {"leases":[…]}.
class JsonLeases {
 public:
  void add(const json::object& lease) {
    std::cout << (empty_ ? "{\"leases\":[\n" : ",\n") << json::serialize(lease);
    empty_ = false;
  }
  void end() { std::cout << (empty_ ? "{\"leases\":[]}\n" : "\n]}\n"); }

 private:
  bool empty_ = true;
};

}  // namespace

ExitCode find_leases(const ControlOptions& options, const LeaseSearch& search) {
  json::object parameters;
  if (search.what.has_value()) parameters["what"] = *search.what;
  if (search.remote_id.has_value()) parameters["remote_id"] = *search.remote_id;
  RpcClient client(options.socket);
  JsonLeases output;
  std::uint64_t count = 0;
  const auto done =
      for_each_lease(client, "lease.find", parameters, [&](const json::object& lease) {
        if (options.json) {
          output.add(lease);
        } else {
          std::cout << (count == 0 ? "" : "\n") << render_lease(lease, options.style);
        }
        ++count;
        return true;
      });
  if (!done.has_value()) return report(done.error());
  if (options.json) output.end();
  if (count == 0) return report(Failure{.code = ExitCode::kRefused, .reason = "no such binding"});
  return ExitCode::kDone;
}

ExitCode list_leases(const ControlOptions& options, const LeaseListing& listing) {
  json::object parameters;
  if (listing.link.has_value()) parameters["link"] = *listing.link;
  if (listing.status.has_value()) parameters["status"] = *listing.status;
  RpcClient client(options.socket);
  JsonLeases output;
  Table table = lease_table();
  constexpr std::uint64_t kRowsAtOnce = 64;
  std::uint64_t count = 0;
  const std::uint64_t limit = listing.limit.value_or(UINT64_MAX);
  const auto done =
      for_each_lease(client, "lease.list", parameters, [&](const json::object& lease) {
        if (options.json) {
          output.add(lease);
        } else {
          add_lease_row(table, lease);
          if ((count + 1) % kRowsAtOnce == 0) std::cout << table.take_text(options.style);
        }
        return ++count < limit && std::cout.good();
      });
  if (!done.has_value()) return report(done.error());
  if (options.json) {
    output.end();
  } else {
    std::cout << table.take_text(options.style);
  }
  return ExitCode::kDone;
}

}  // namespace tandem6
