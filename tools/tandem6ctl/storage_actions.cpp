// storage status, checkpoint, verify: the last two take as long as the disk does.
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <chrono>
#include <expected>
#include <filesystem>
#include <future>
#include <iostream>

#include "tools/tandem6ctl/actions.h"
#include "tools/tandem6ctl/json_fields.h"
#include "tools/tandem6ctl/render.h"
#include "tools/tandem6ctl/report.h"
#include "tools/tandem6ctl/rpc_client.h"
#include "tools/tandem6ctl/units.h"

namespace tandem6 {
namespace {

namespace json = boost::json;
using Answer = std::expected<json::value, Failure>;

/// The daemon may run anywhere.
std::string absolute_path(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.lexically_normal().string();
}

/// How far the daemon is, on one line of the terminal that is written again and again.
void show_progress(RpcClient& client) {
  const auto status = client.call("storage.status");
  if (!status.has_value()) return;
  const json::object& work = object_field(as_object(*status), "work");
  const double leases = number_field(work, "leases");
  if (leases > 0) {
    std::cerr << "\r\x1b[K" << human_count(leases) << " leases checked in "
              << human_seconds(number_field(work, "seconds")) << std::flush;
  }
}

/// Asks on a connection of its own, so that this one can ask how far it is.
Answer call_with_progress(const ControlOptions& options, const std::string& method,
                          const json::object& parameters) {
  RpcClient client(options.socket);
  client.wait_for_ever();
  if (options.json || isatty(STDERR_FILENO) == 0) return client.call(method, parameters);
  auto answer = std::async(std::launch::async, [&client, &method, &parameters] {
    return client.call(method, parameters);
  });
  RpcClient watcher(options.socket);
  while (answer.wait_for(std::chrono::seconds(1)) != std::future_status::ready) {
    show_progress(watcher);
  }
  std::cerr << "\r\x1b[K" << std::flush;
  return answer.get();
}

}  // namespace

ExitCode show_storage(const ControlOptions& options) {
  RpcClient client(options.socket);
  const Answer answer = client.call("storage.status");
  if (!answer.has_value()) return report(answer.error());
  std::cout << (options.json ? json::serialize(*answer) + '\n'
                             : render_storage(as_object(*answer), options.style));
  return ExitCode::kDone;
}

ExitCode make_checkpoint(const ControlOptions& options, const std::string& folder) {
  RpcClient client(options.socket);
  client.wait_for_ever();
  const Answer answer = client.call("storage.checkpoint", {{"folder", absolute_path(folder)}});
  if (!answer.has_value()) return report(answer.error());
  if (options.json) {
    std::cout << json::serialize(*answer) << '\n';
    return ExitCode::kDone;
  }
  const json::object& made = as_object(*answer);
  std::cout << text_field(made, "folder") << ": " << human_octets(number_field(made, "octets"))
            << " in " << human_moment(number_field(made, "seconds")) << '\n';
  return ExitCode::kDone;
}

ExitCode verify_storage(const ControlOptions& options, const std::optional<std::string>& folder) {
  json::object parameters;
  if (folder.has_value()) parameters["folder"] = absolute_path(*folder);
  const Answer answer = call_with_progress(options, "storage.verify", parameters);
  if (!answer.has_value()) return report(answer.error());
  const json::object& result = as_object(*answer);
  std::cout << (options.json ? json::serialize(*answer) + '\n'
                             : render_verify(result, options.style));
  if (flag_field(result, "sound")) return ExitCode::kDone;
  return report(Failure{.code = ExitCode::kRefused,
                        .reason = text_field(result, "folder") + ": there are faults"});
}

}  // namespace tandem6
