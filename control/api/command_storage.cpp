// storage.status, storage.checkpoint, storage.verify: the leases on disk.
#include <boost/json/array.hpp>

#include "control/api/commands.h"
#include "control/api/parameters.h"
#include "control/api/server_view.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

RpcError invalid(std::string message) {
  return {.code = RpcErrorCode::kInvalidParameters, .message = std::move(message)};
}

json::value work_value(const std::optional<StorageWorkView>& work) {
  if (!work.has_value()) return nullptr;
  return {{"what", work->what}, {"seconds", work->seconds}, {"leases", work->lease_count}};
}

json::object load_value(const StorageLoadView& loaded) {
  return {{"leases", loaded.lease_count},
          {"in_no_pool", loaded.unplaced_count},
          {"set_aside", loaded.set_aside_count},
          {"damaged_places", loaded.damaged_gap_count},
          {"seconds", loaded.seconds}};
}

json::object write_seconds_value(const StorageView& storage) {
  const auto& under_way = storage.writing_since_seconds;
  return {{"last", storage.last_write_seconds},
          {"p50", storage.write_seconds_p50},
          {"p99", storage.write_seconds_p99},
          {"p999", storage.write_seconds_p999},
          {"worst", storage.write_seconds_worst},
          {"under_way", under_way.has_value() ? json::value(*under_way) : json::value(nullptr)}};
}

json::array fault_values(const VerifyResult& result) {
  json::array faults;
  for (std::size_t i = 0; i < kVerifyFaultCount; ++i) {
    if (result.fault_counts[i] == 0) continue;
    json::array texts;
    for (const std::string& text : result.texts[i]) texts.emplace_back(text);
    faults.push_back({{"fault", name_of(static_cast<VerifyFault>(i))},
                      {"count", result.fault_counts[i]},
                      {"first", std::move(texts)}});
  }
  return faults;
}

json::array set_aside_values(const VerifyResult& result) {
  json::array values;
  for (std::size_t i = 0; i < result.set_aside_counts.size(); ++i) {
    if (result.set_aside_counts[i] == 0) continue;
    const char* why =
        i == 0 ? "is of no fault that this version knows" : text_of(static_cast<RecordFault>(i));
    values.push_back({{"why", why}, {"count", result.set_aside_counts[i]}});
  }
  return values;
}

json::object verify_value(const VerifyView& view) {
  const VerifyResult& result = view.result;
  return {{"folder", view.folder},
          {"sound", result.is_sound()},
          {"seconds", view.seconds},
          {"leases", result.lease_count},
          {"held", result.held_count},
          {"awaiting_update", result.dirty_count},
          {"server_records", result.server_record_count},
          {"blocks", result.block_count},
          {"damaged_places", result.damaged_gap_count},
          {"set_aside", set_aside_values(result)},
          {"faults", fault_values(result)}};
}

/// The server may have been started anywhere.
bool is_absolute(const std::string& folder) { return folder.starts_with('/'); }

}  // namespace

void command_storage_status(ServerView& server, const json::object& parameters,
                            const RpcReply& reply) {
  ParameterReader reader(parameters);
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  const StorageView storage = server.status().storage;
  json::object result;
  result["path"] = storage.path;
  result["durability"] = storage.durability;
  result["serving"] = storage.serving;
  result["trouble"] = storage.trouble;
  result["changes"] = {{"total", storage.change_count}, {"per_second", storage.changes_per_second}};
  result["writes"] = {{"total", storage.write_count},
                      {"per_second", storage.writes_per_second},
                      {"failures", storage.write_failure_count},
                      {"changes_per_write", storage.changes_per_write()},
                      {"octets_per_change", storage.octets_per_change()}};
  result["write_seconds"] = write_seconds_value(storage);
  result["file_octets"] = storage.file_octets;
  result["pending_octets"] = storage.pending_octets;
  result["memory_octets"] = storage.memory_octets;
  result["set_aside"] = storage.set_aside_count;
  result["loaded"] = load_value(storage.loaded);
  result["work"] = work_value(storage.work);
  reply(std::move(result));
}

void command_storage_checkpoint(ServerView& server, const json::object& parameters,
                                const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto folder = reader.text("folder");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  if (!folder.has_value()) return reply(std::unexpected(invalid("`folder` is missing")));
  if (!is_absolute(*folder)) {
    return reply(std::unexpected(invalid("`folder` must be an absolute path")));
  }
  server.checkpoint(*folder, [reply](const std::expected<CheckpointView, std::string>& done) {
    if (!done.has_value()) return reply(std::unexpected(RpcError{.message = done.error()}));
    reply(json::object{
        {"folder", done->folder}, {"octets", done->octets}, {"seconds", done->seconds}});
  });
}

void command_storage_verify(ServerView& server, const json::object& parameters,
                            const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto folder = reader.text("folder");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  if (folder.has_value() && !is_absolute(*folder)) {
    return reply(std::unexpected(invalid("`folder` must be an absolute path")));
  }
  server.verify_leases(folder, [reply](const std::expected<VerifyView, std::string>& done) {
    if (!done.has_value()) return reply(std::unexpected(RpcError{.message = done.error()}));
    reply(verify_value(*done));
  });
}

}  // namespace tandem6
