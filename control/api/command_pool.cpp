// pool.show: each pool of each link.
#include <algorithm>
#include <iterator>

#include "control/api/commands.h"
#include "control/api/parameters.h"
#include "control/api/pool_value.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

json::value optional_value(const std::optional<std::uint64_t>& number) {
  return number.has_value() ? json::value(*number) : json::value(nullptr);
}

json::value pool_value(const PoolView& pool) {
  json::object value;
  value["link"] = pool.link;
  value["relationship"] =
      pool.relationship.empty() ? json::value(nullptr) : json::value(pool.relationship);
  value["kind"] = pool.is_prefix_pool ? "prefix" : "address";
  value["range"] = pool.range.to_string();
  value["delegated_length"] =
      pool.is_prefix_pool ? json::value(pool.delegated_length) : json::value(nullptr);
  value["size"] = pool.size;
  value["used"] = pool.used;
  value["free"] = pool.free();
  value["half_free"] = optional_value(pool.half_free);
  value["half_free_backup"] = optional_value(pool.half_free_backup);
  value["half_free_left"] = optional_value(pool.half_free_left);
  value["half_free_backup_left"] = optional_value(pool.half_free_backup_left);
  value["used_per_second"] = pool.used_per_second;
  const auto empty_in = pool.seconds_to_empty();
  value["seconds_to_empty"] = empty_in.has_value() ? json::value(*empty_in) : json::value(nullptr);
  return value;
}

}  // namespace

json::array pool_values(const std::vector<PoolView>& pools) {
  json::array values;
  for (const PoolView& pool : pools) values.push_back(pool_value(pool));
  return values;
}

void command_pool_show(ServerView& server, const json::object& parameters, const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto link = reader.text("link");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  std::vector<PoolView> pools = server.pools();
  if (link.has_value()) {
    const auto& names = server.link_names();
    if (std::find(names.begin(), names.end(), *link) == names.end()) {
      return reply(std::unexpected(RpcError{.message = "no link is called `" + *link + "`"}));
    }
    std::erase_if(pools, [&](const PoolView& pool) { return pool.link != *link; });
  }
  reply(json::object{{"pools", pool_values(pools)}});
}

}  // namespace tandem6
