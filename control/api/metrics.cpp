#include "control/api/metrics.h"

#include <array>
#include <cstdio>
#include <string_view>

#include "control/api/metrics_failover.h"
#include "control/api/metrics_text.h"
#include "control/api/server_view.h"

namespace tandem6 {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

/// Counters whose names begin with `prefix` become one family with the rest as a label.
struct CounterFamily {
  std::string_view prefix;
  std::string_view label;
  std::string_view name;
  std::string_view help;
};
constexpr std::array kFamilies = {
    CounterFamily{"received.", "type", "tandem6_received_messages_total", "Messages received."},
    CounterFamily{"sent.", "type", "tandem6_sent_messages_total", "Messages sent."},
    CounterFamily{"drop.", "reason", "tandem6_dropped_messages_total", "Messages dropped."},
    CounterFamily{"odd.", "reason", "tandem6_odd_messages_total", "Odd messages, served."},
    CounterFamily{"ans.", "status", "tandem6_status_codes_sent_total", "Status codes sent."},
};

void write_samples(MetricsText& text, const CounterView& counter, const std::string& labels) {
  for (std::size_t worker = 0; worker < counter.per_worker.size(); ++worker) {
    const std::string worker_label = metric_label("worker", std::to_string(worker));
    text.sample(labels.empty() ? worker_label : labels + ',' + worker_label,
                std::to_string(counter.per_worker[worker]));
  }
}

void write_counters(MetricsText& text, const std::vector<CounterView>& counters) {
  for (const CounterFamily& family : kFamilies) {
    text.family(family.name, "counter", family.help);
    for (const CounterView& counter : counters) {
      if (!counter.name.starts_with(family.prefix)) continue;
      write_samples(text, counter,
                    metric_label(family.label, counter.name.substr(family.prefix.size())));
    }
  }
  for (const CounterView& counter : counters) {
    if (!counter.name.starts_with("net.")) continue;
    std::string name = "tandem6_" + counter.name + "_total";
    for (char& c : name) {
      if (c == '.' || c == '-') c = '_';
    }
    text.family(name, "counter", "See the manual's list of counters, " + counter.name + ".");
    write_samples(text, counter, "");
  }
}

std::string pool_labels(const PoolView& pool) {
  return metric_label("link", pool.link) + ',' + metric_label("pool", pool.range.to_string()) +
         ',' + metric_label("kind", pool.is_prefix_pool ? "prefix" : "address");
}

void write_pools(MetricsText& text, const std::vector<PoolView>& pools) {
  text.family("tandem6_pool_size_leases", "gauge", "Leases of the pool, used or not.");
  for (const PoolView& pool : pools) text.sample(pool_labels(pool), std::to_string(pool.size));
  text.family("tandem6_pool_used_leases", "gauge", "Leases of the pool that are taken.");
  for (const PoolView& pool : pools) text.sample(pool_labels(pool), std::to_string(pool.used));
}

struct Single {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  double value;
};

void write_storage(MetricsText& text, const StorageView& storage) {
  const auto count = [](std::uint64_t value) { return static_cast<double>(value); };
  const StorageLoadView& loaded = storage.loaded;
  const std::array singles = {
      Single{"tandem6_storage_serving", "gauge",
             "1 while what clients are told reaches the disk; 0: not ready.",
             storage.serving ? 1.0 : 0.0},
      Single{"tandem6_storage_changes_total", "counter", "Changes of leases committed.",
             count(storage.change_count)},
      Single{"tandem6_storage_writes_total", "counter", "Writes that committed them.",
             count(storage.write_count)},
      Single{"tandem6_storage_written_bytes_total", "counter", "Octets of these writes.",
             count(storage.written_octet_count)},
      Single{"tandem6_storage_write_failures_total", "counter", "Writes that failed.",
             count(storage.write_failure_count)},
      Single{"tandem6_storage_write_under_way_seconds", "gauge",
             "Since when the present write runs; 0: none does.",
             storage.writing_since_seconds.value_or(0)},
      Single{"tandem6_storage_file_bytes", "gauge", "Tables and logs on disk.",
             count(storage.file_octets)},
      Single{"tandem6_storage_memory_bytes", "gauge", "What storage has in memory.",
             count(storage.memory_octets)},
      Single{"tandem6_storage_pending_bytes", "gauge", "What compaction has to do.",
             count(storage.pending_octets)},
      Single{"tandem6_storage_set_aside_records", "gauge", "Lease records that cannot be served.",
             count(storage.set_aside_count)},
      Single{"tandem6_storage_loaded_leases", "gauge", "Leases loaded at start.",
             count(loaded.lease_count)},
      Single{"tandem6_storage_unplaced_leases", "gauge", "Of these, those in no pool.",
             count(loaded.unplaced_count)},
      Single{"tandem6_storage_load_seconds", "gauge", "How long that took.", loaded.seconds},
  };
  for (const Single& single : singles) {
    text.family(single.name, single.type, single.help);
    text.sample("", exact_number(single.value));
  }
  text.family("tandem6_storage_write_seconds", "summary",
              "Writes, sync included; since the start.");
  text.sample(metric_label("quantile", "0.5"), exact_number(storage.write_seconds_p50));
  text.sample(metric_label("quantile", "0.99"), exact_number(storage.write_seconds_p99));
  text.sample(metric_label("quantile", "0.999"), exact_number(storage.write_seconds_p999));
  text.sample(metric_label("quantile", "1"), exact_number(storage.write_seconds_worst));
}

}  // namespace

std::string write_metrics(ServerView& server) {
  const StatusView status = server.status();
  MetricsText text;
  text.family("tandem6_build_info", "gauge", "Always 1; the version is the label.");
  text.sample(metric_label("version", status.version), "1");
  text.family("tandem6_uptime_seconds", "gauge", "Time since the start.");
  text.sample("", number(status.uptime_seconds));
  text.family("tandem6_workers", "gauge", "Workers of the packet path.");
  text.sample("", std::to_string(status.worker_count));
  text.family("tandem6_bindings", "gauge", "Bindings held, ended ones included.");
  text.sample("", std::to_string(status.binding_count));
  text.family("tandem6_bindings_max", "gauge", "Bindings that there is memory for.");
  text.sample("", std::to_string(status.binding_count_max));
  text.family("tandem6_alarms", "gauge", "Alarms that `tandem6ctl status` shows now.");
  text.sample("", std::to_string(status.alarms.size()));
  text.family("tandem6_port_up", "gauge", "1 while the port has a link.");
  for (const PortView& port : status.ports) {
    text.sample(metric_label("port", port.name), port.link_up ? "1" : "0");
  }
  write_failover_metrics(text, status.relationships, server.now());
  write_pools(text, status.pools);
  write_storage(text, status.storage);
  write_counters(text, server.counters());
  return text.take();
}

}  // namespace tandem6
