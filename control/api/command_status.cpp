// status, stats: what the counters say.
#include <boost/json/array.hpp>
#include <cmath>

#include "control/api/commands.h"
#include "control/api/iso_time.h"
#include "control/api/parameters.h"
#include "control/api/pool_value.h"
#include "control/api/relationship_value.h"
#include "control/api/server_view.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

json::array rate_values(const std::vector<RateView>& rates) {
  json::array values;
  for (const RateView& rate : rates) {
    values.push_back({{"name", rate.name}, {"total", rate.total}, {"per_second", rate.per_second}});
  }
  return values;
}

json::array relationship_values(const std::vector<RelationshipView>& relationships, WallTime now) {
  json::array values;
  for (const RelationshipView& relationship : relationships) {
    values.push_back(relationship_value(relationship, now));
  }
  return values;
}

json::array port_values(const std::vector<PortView>& ports) {
  json::array values;
  for (const PortView& port : ports) {
    values.push_back({{"name", port.name},
                      {"device", port.device},
                      {"link_up", port.link_up},
                      {"mac", port.mac},
                      {"received_packets_per_second", port.received_packets_per_second},
                      {"sent_packets_per_second", port.sent_packets_per_second}});
  }
  return values;
}

}  // namespace

void command_status(ServerView& server, const json::object& parameters, const RpcReply& reply) {
  ParameterReader reader(parameters);
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  const StatusView status = server.status();
  json::object result;
  result["version"] = status.version;
  result["since"] = unix_to_iso8601(status.since_unix_seconds);
  result["uptime_seconds"] = static_cast<std::int64_t>(std::llround(status.uptime_seconds));
  result["workers"] = status.worker_count;
  result["rate_interval_seconds"] = status.rate_interval_seconds;
  result["relationships"] = relationship_values(status.relationships, server.now());
  result["ports"] = port_values(status.ports);
  result["received"] = rate_values(status.received);
  result["sent"] = rate_values(status.sent);
  result["dropped"] = rate_values(status.dropped);
  result["pools"] = pool_values(status.pools);
  result["bindings"] = {{"count", status.binding_count}, {"max", status.binding_count_max}};
  const StorageView& storage = status.storage;
  result["storage"] = {{"durability", storage.durability},
                       {"serving", storage.serving},
                       {"trouble", storage.trouble},
                       {"committed_per_second", storage.changes_per_second},
                       {"last_write_seconds", storage.last_write_seconds}};
  json::array alarms;
  for (const std::string& alarm : status.alarms) alarms.emplace_back(alarm);
  result["alarms"] = std::move(alarms);
  reply(std::move(result));
}

void command_stats(ServerView& server, const json::object& parameters, const RpcReply& reply) {
  ParameterReader reader(parameters);
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  json::object counters;
  for (const CounterView& counter : server.counters()) {
    json::array per_worker;
    for (const std::uint64_t value : counter.per_worker) per_worker.emplace_back(value);
    counters[counter.name] = {{"sum", counter.sum()}, {"per_worker", std::move(per_worker)}};
  }
  reply(json::object{{"workers", server.worker_count()}, {"counters", std::move(counters)}});
}

}  // namespace tandem6
