#include "control/daemon/daemon_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "control/api/version.h"
#include "control/daemon/alarms.h"
#include "control/daemon/log.h"
#include "dataplane/server/prefix_shares.h"

namespace tandem6 {
namespace {

constexpr std::size_t kRateIntervalCount = 10;  // samples of a second each

std::string mac_text(const MacAddress& mac) {
  std::array<char, 18> text{};
  std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                mac[3], mac[4], mac[5]);
  return text.data();
}

std::string pool_reading(const PoolView& pool) {
  return "pool." + pool.link + "." + pool.range.to_string();
}

}  // namespace

DaemonView::DaemonView(boost::asio::io_context& context, Parts parts)
    : parts_(std::move(parts)),
      asker_(context, parts_.datapath->worker_count(),
             ShardLines{
                 .ask = [datapath = parts_.datapath](
                            unsigned worker,
                            const ShardQuery& query) { return datapath->ask(worker, query); },
                 .poll =
                     [datapath = parts_.datapath](unsigned worker, std::span<ShardAnswer> answers) {
                       return datapath->poll_answers(worker, answers);
                     }}),
      storage_work_(
          context,
          {.store = parts_.store,
           .path = parts_.configuration->storage.path,
           .find_trouble = [committer = parts_.committer] { return committer->report().trouble; },
           .ranges = ranges_of(parts_.configuration->server)}),
      window_(kRateIntervalCount) {
  for (unsigned worker = 0; worker < parts_.datapath->worker_count(); ++worker) {
    worker_counters_.push_back(
        {.wire = &parts_.workers->wire(worker), .net = &parts_.datapath->counters(worker)});
  }
  for (const LinkSettings& link : parts_.configuration->server.links) {
    link_names_.push_back(link.name);
  }
  const std::vector<Reading> readings = read_all();
  for (std::size_t i = 0; i < readings.size(); ++i) sampled_at_[readings[i].name] = i;
  take_sample();
}

std::vector<DaemonView::Reading> DaemonView::read_all() const {
  std::vector<Reading> readings;
  for (CounterView& counter : counter_views(worker_counters_)) {
    const std::uint64_t sum = counter.sum();
    readings.push_back({std::move(counter.name), sum});
  }
  for (const PoolView& pool : pools_without_rates()) {
    readings.push_back({pool_reading(pool), pool.used});
  }
  for (const PortInfo& port : parts_.datapath->ports()) {
    readings.push_back({"port.received." + port.name, port.received});
    readings.push_back({"port.sent." + port.name, port.sent});
  }
  const Committer::Report report = parts_.committer->report();
  readings.push_back({"storage.committed", report.change_count});
  readings.push_back({"storage.writes", report.set_count});
  return readings;
}

void DaemonView::take_sample() {
  std::vector<std::uint64_t> values;
  for (const Reading& reading : read_all()) values.push_back(reading.value);
  window_.push(std::chrono::steady_clock::now(), std::move(values));
  storage_work_.sample_usage();
}

double DaemonView::rate_of(const std::string& name) const {
  const auto found = sampled_at_.find(name);
  return found == sampled_at_.end() ? 0 : window_.per_second(found->second);
}

std::vector<RateView> DaemonView::rates(const std::vector<CounterView>& counters,
                                        const std::string& prefix) const {
  std::vector<RateView> views;
  for (const CounterView& counter : counters) {
    if (!counter.name.starts_with(prefix)) continue;
    views.push_back({.name = counter.name.substr(prefix.size()),
                     .total = counter.sum(),
                     .per_second = rate_of(counter.name)});
  }
  return views;
}

std::vector<PortView> DaemonView::ports() const {
  std::vector<PortView> views;
  for (const PortInfo& port : parts_.datapath->ports()) {
    views.push_back({.name = port.name,
                     .device = port.device,
                     .link_up = port.link_up,
                     .mac = mac_text(port.mac),
                     .received_packets_per_second = rate_of("port.received." + port.name),
                     .sent_packets_per_second = rate_of("port.sent." + port.name)});
  }
  return views;
}

std::vector<RelationshipView> DaemonView::relationships() {
  std::vector<RelationshipView> views = parts_.failover->views();
  const bool has_no_link = std::ranges::none_of(parts_.datapath->ports(), &PortInfo::link_up);
  for (RelationshipView& each : views) each.has_no_link = has_no_link;
  return views;
}

std::string DaemonView::relationship_name(RelationshipIndex relationship) const {
  if (relationship == kNoRelationship) return {};
  return parts_.configuration->failover[relationship].endpoint.relationship_name;
}

std::vector<PoolView> DaemonView::pools_without_rates() const {
  std::vector<PoolView> views;
  Pools& pools = parts_.service->pools();
  for (std::size_t index = 0; index < parts_.service->link_count(); ++index) {
    const Link& link = parts_.service->link(index);
    for (unsigned i = 0; i < link.address_pool_count; ++i) {
      const AddressPool& pool =
          pools.address_pool(static_cast<PoolIndex>(link.first_address_pool + i));
      PoolView view;
      view.link = link.settings->name;
      view.relationship = relationship_name(link.settings->relationship);
      view.range = pool.range();
      view.size = pool.size();
      view.used = pool.used();
      // By the low bit: odd addresses are FREE's, even ones FREE-BACKUP's.
      view.half_free_backup =
          pool.size() / 2 +
          (pool.size() == 1 && half_of(pool.range().address) == Half::kFreeBackup);
      view.half_free = pool.size() - *view.half_free_backup;
      views.push_back(std::move(view));
    }
    for (unsigned i = 0; i < link.prefix_pool_count; ++i) {
      const PrefixPool& pool =
          pools.prefix_pool(static_cast<PoolIndex>(link.first_prefix_pool + i));
      PoolView view;
      view.link = link.settings->name;
      view.relationship = relationship_name(link.settings->relationship);
      view.is_prefix_pool = true;
      view.range = pool.range();
      view.delegated_length = pool.delegated_length();
      view.size = pool.size();
      view.used = pool.used();
      if (link.settings->relationship != kNoRelationship) {
        const PoolShares shares =
            shares_of(*parts_.service, static_cast<PoolIndex>(link.first_prefix_pool + i));
        // A prefix that a client holds is FREE when it comes back, in whatever half it was.
        view.half_free = pool.size() - shares.free_secondary;
        view.half_free_backup = shares.free_secondary;
        view.half_free_left = shares.free_primary;
        view.half_free_backup_left = shares.free_secondary;
      }
      views.push_back(std::move(view));
    }
  }
  return views;
}

std::vector<PoolView> DaemonView::pools() {
  std::vector<PoolView> views = pools_without_rates();
  for (PoolView& view : views) view.used_per_second = rate_of(pool_reading(view));
  return views;
}

StorageView DaemonView::storage() const {
  const Committer::Report report = parts_.committer->report();
  StorageView view;
  view.path = parts_.configuration->storage.path;
  view.durability = name_of(report.durability);
  view.serving = report.serving;
  view.trouble = report.trouble;
  view.change_count = report.change_count;
  view.changes_per_second = rate_of("storage.committed");
  view.write_count = report.set_count;
  view.writes_per_second = rate_of("storage.writes");
  view.written_octet_count = report.octet_count;
  view.write_failure_count = report.failure_count;
  view.last_write_seconds = report.last_write_seconds;
  view.write_seconds_p50 = report.write_latency.p50_seconds;
  view.write_seconds_p99 = report.write_latency.p99_seconds;
  view.write_seconds_p999 = report.write_latency.p999_seconds;
  view.write_seconds_worst = report.write_latency.worst_seconds;
  if (report.writing_since_seconds > 0) view.writing_since_seconds = report.writing_since_seconds;
  const Store::Usage& usage = storage_work_.usage();
  view.file_octets = usage.file_octets;
  view.memory_octets = usage.memory_octets;
  view.pending_octets = usage.pending_octets;
  view.set_aside_count = usage.set_aside_count;
  view.loaded = {.lease_count = parts_.loaded.lease_count,
                 .unplaced_count = parts_.loaded.unplaced_count,
                 .set_aside_count = parts_.loaded.set_aside_count,
                 .damaged_gap_count = parts_.loaded.damaged_gap_count,
                 .seconds = parts_.loaded.seconds};
  view.work = storage_work_.under_way();
  return view;
}

void DaemonView::checkpoint(const std::string& folder, CheckpointCallback done) {
  storage_work_.checkpoint(folder, std::move(done));
}

void DaemonView::verify_leases(const std::optional<std::string>& folder, VerifyCallback done) {
  storage_work_.verify(folder, std::move(done));
}

StatusView DaemonView::status() {
  const std::vector<CounterView> all_counters = counters();
  StatusView status;
  status.version = version();
  status.since_unix_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(started_wall_.time_since_epoch()).count();
  status.uptime_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  status.worker_count = worker_count();
  status.rate_interval_seconds = window_.seconds();
  status.ports = ports();
  status.received = rates(all_counters, "received.");
  status.sent = rates(all_counters, "sent.");
  status.dropped = rates(all_counters, "drop.");
  status.pools = pools();
  for (std::size_t worker = 0; worker < parts_.workers->size(); ++worker) {
    status.binding_count += parts_.workers->shard(worker).binding_count();
  }
  status.binding_count_max = parts_.configuration->net.binding_count_max;
  status.storage = storage();
  status.relationships = relationships();
  status.alarms = find_alarms(status);
  return status;
}

std::vector<CounterView> DaemonView::counters() {
  std::vector<CounterView> views = counter_views(worker_counters_);
  const Committer::Report report = parts_.committer->report();
  views.push_back({.name = "storage.committed", .per_worker = {report.change_count}});
  views.push_back({.name = "storage.writes", .per_worker = {report.set_count}});
  views.push_back({.name = "storage.write_failures", .per_worker = {report.failure_count}});
  return views;
}

std::optional<Ipv6Prefix> DaemonView::pool_of(const Binding& binding) {
  Pools& pools = parts_.service->pools();
  if (binding.pool == kNoPool) return std::nullopt;
  if (binding.ia_type == IaType::kPrefixDelegation) {
    if (binding.pool >= pools.prefix_pool_count()) return std::nullopt;
    return pools.prefix_pool(binding.pool).range();
  }
  if (binding.pool >= pools.address_pool_count()) return std::nullopt;
  return pools.address_pool(binding.pool).range();
}

void DaemonView::ask(unsigned worker, const ShardQuery& query, ShardReplyCallback done) {
  asker_.ask(worker, query, std::move(done));
}

std::expected<void, std::string> DaemonView::set_log_level(const std::string& level) {
  auto set = tandem6::set_log_level(level);
  if (set.has_value()) log_info("log level: " + level);
  return set;
}

}  // namespace tandem6
