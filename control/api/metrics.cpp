#include "control/api/metrics.h"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "control/api/server_view.h"

namespace tandem6 {
namespace {

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
    } else {
      if (c == '\\' || c == '"') text += '\\';
      text += c;
    }
  }
  return text;
}

std::string label(std::string_view name, std::string_view value) {
  return std::string(name) + "=\"" + escaped(value) + '"';
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", value);
  return text.data();
}

class MetricsText {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  void sample(const std::string& labels, const std::string& value) {
    text_ += name_;
    if (!labels.empty()) text_ += '{' + labels + '}';
    text_ += ' ' + value + '\n';
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

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
    const std::string worker_label = label("worker", std::to_string(worker));
    text.sample(labels.empty() ? worker_label : labels + ',' + worker_label,
                std::to_string(counter.per_worker[worker]));
  }
}

void write_counters(MetricsText& text, const std::vector<CounterView>& counters) {
  for (const CounterFamily& family : kFamilies) {
    text.family(family.name, "counter", family.help);
    for (const CounterView& counter : counters) {
      if (!counter.name.starts_with(family.prefix)) continue;
      write_samples(text, counter, label(family.label, counter.name.substr(family.prefix.size())));
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
  return label("link", pool.link) + ',' + label("pool", pool.range.to_string()) + ',' +
         label("kind", pool.is_prefix_pool ? "prefix" : "address");
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

/// Without the digits that a double has too many.
std::string exact_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.15g", value);
  return text.data();
}

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
  text.sample(label("quantile", "0.5"), exact_number(storage.write_seconds_p50));
  text.sample(label("quantile", "0.99"), exact_number(storage.write_seconds_p99));
  text.sample(label("quantile", "0.999"), exact_number(storage.write_seconds_p999));
  text.sample(label("quantile", "1"), exact_number(storage.write_seconds_worst));
}

void write_failover(MetricsText& text, const std::vector<RelationshipView>& views) {
  if (views.empty()) return;
  struct Gauge {
    std::string_view name;
    std::string_view type;
    std::string_view help;
    double (*value)(const RelationshipView&);
  };
  constexpr std::array kGauges = {
      Gauge{"tandem6_failover_state", "gauge",
            "State by its number of RFC 8156: 2 NORMAL, 3 COMMUNICATIONS-INTERRUPTED, ...",
            [](const RelationshipView& view) { return static_cast<double>(view.state); }},
      Gauge{"tandem6_failover_in_contact", "gauge", "1 while the partner is heard.",
            [](const RelationshipView& view) { return view.is_in_contact ? 1.0 : 0.0; }},
      Gauge{"tandem6_failover_unacked_leases", "gauge",
            "Leases whose newest version the partner has not acked.",
            [](const RelationshipView& view) { return static_cast<double>(view.unacked_count); }},
      Gauge{"tandem6_failover_lag_seconds", "gauge",
            "How long the oldest update waits, or since when there is no contact.",
            [](const RelationshipView& view) { return view.lag_seconds; }},
      Gauge{"tandem6_failover_acked_leases_total", "counter", "Leases that the partner acked.",
            [](const RelationshipView& view) { return static_cast<double>(view.acked_total); }},
      Gauge{"tandem6_failover_refused_leases_total", "counter", "Leases that it refused.",
            [](const RelationshipView& view) { return static_cast<double>(view.refused_total); }},
  };
  for (const Gauge& gauge : kGauges) {
    text.family(gauge.name, gauge.type, gauge.help);
    for (const RelationshipView& view : views) {
      text.sample(label("relationship", view.name), exact_number(gauge.value(view)));
    }
  }
  text.family("tandem6_failover_events_total", "counter",
              "What the connection to the partner has seen; see the manual's fo counters.");
  for (const RelationshipView& view : views) {
    for (const FailoverCounterView& each : view.counters) {
      text.sample(label("relationship", view.name) + ',' + label("event", each.name),
                  std::to_string(each.count));
    }
  }
}

}  // namespace

std::string write_metrics(ServerView& server) {
  const StatusView status = server.status();
  MetricsText text;
  text.family("tandem6_build_info", "gauge", "Always 1; the version is the label.");
  text.sample(label("version", status.version), "1");
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
    text.sample(label("port", port.name), port.link_up ? "1" : "0");
  }
  write_pools(text, status.pools);
  write_storage(text, status.storage);
  write_failover(text, status.relationships);
  write_counters(text, server.counters());
  return text.take();
}

}  // namespace tandem6
