// What the control socket sees of this daemon: ServerView on the living parts.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/api/server_view.h"
#include "control/config/configuration.h"
#include "control/daemon/counter_views.h"
#include "control/daemon/failover_set.h"
#include "control/daemon/lease_loading.h"
#include "control/daemon/rate_window.h"
#include "control/daemon/shard_asker.h"
#include "control/daemon/storage_work.h"
#include "control/daemon/worker_set.h"
#include "dataplane/net/datapath.h"
#include "storage/committer.h"

namespace tandem6 {

/// Control thread. Borrows everything.
class DaemonView final : public ServerView {
 public:
  struct Parts {
    const Configuration* configuration = nullptr;
    const Service* service = nullptr;
    const WorkerSet* workers = nullptr;
    Datapath* datapath = nullptr;
    const Committer* committer = nullptr;
    Store* store = nullptr;
    FailoverSet* failover = nullptr;
    LoadReport loaded;
    std::function<void()> end;  // begins the clean end
  };
  DaemonView(boost::asio::io_context& context, Parts parts);

  /// Call it each second: rates are taken between such samples, and the disk's usage anew.
  void take_sample();
  [[nodiscard]] DropReporter::Counts drops() const { return sum_of_drops(worker_counters_); }

  [[nodiscard]] StatusView status() override;
  [[nodiscard]] std::vector<CounterView> counters() override;
  [[nodiscard]] std::vector<PoolView> pools() override;
  [[nodiscard]] unsigned worker_count() override { return parts_.datapath->worker_count(); }
  [[nodiscard]] WallTime now() override { return parts_.datapath->clock().now(); }
  [[nodiscard]] const std::vector<std::string>& link_names() override { return link_names_; }
  [[nodiscard]] std::optional<Ipv6Prefix> pool_of(const Binding& binding) override;
  void ask(unsigned worker, const ShardQuery& query, ShardReplyCallback done) override;
  void checkpoint(const std::string& folder, CheckpointCallback done) override;
  void verify_leases(const std::optional<std::string>& folder, VerifyCallback done) override;
  [[nodiscard]] std::vector<RelationshipView> relationships() override;
  [[nodiscard]] std::vector<ConflictView> conflicts() override {
    return parts_.failover->conflicts();
  }
  void declare_partner_down(const std::string& relationship, bool is_forced,
                            CommandAnswer answer) override {
    parts_.failover->declare_partner_down(relationship, is_forced, std::move(answer));
  }
  [[nodiscard]] std::expected<void, std::string> set_log_level(const std::string& level) override;
  void shutdown() override { parts_.end(); }

 private:
  [[nodiscard]] double rate_of(const std::string& name) const;
  [[nodiscard]] std::vector<RateView> rates(const std::vector<CounterView>& counters,
                                            const std::string& prefix) const;
  [[nodiscard]] std::string relationship_name(RelationshipIndex relationship) const;
  [[nodiscard]] std::vector<PoolView> pools_without_rates() const;
  [[nodiscard]] std::vector<PortView> ports() const;
  [[nodiscard]] StorageView storage() const;

  Parts parts_;
  ShardAsker asker_;
  StorageWork storage_work_;
  std::vector<WorkerCounters> worker_counters_;
  std::vector<std::string> link_names_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  const std::chrono::system_clock::time_point started_wall_ = std::chrono::system_clock::now();

  // Every number that has a rate, by name, in the order of the samples.
  struct Reading {
    std::string name;
    std::uint64_t value;
  };
  [[nodiscard]] std::vector<Reading> read_all() const;
  std::unordered_map<std::string, std::size_t> sampled_at_;  // place of a name in each sample
  RateWindow window_;
};

}  // namespace tandem6
