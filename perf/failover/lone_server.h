// A whole server but for the packet path: store, shards, committer, failover as the daemon joins
// them; where ports would be, a worker's loop that clients of ours renew through. For two of them
// in processes of their own, that are partners over TCP.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "control/config/configuration.h"
#include "control/daemon/failover_set.h"
#include "control/daemon/worker_set.h"
#include "dataplane/net/wall_clock.h"
#include "perf/storage/renewing_clients.h"
#include "storage/committer.h"
#include "storage/store.h"

namespace tandem6 {

/// What the clients do from one moment on, and what is seen of it.
struct Load {
  static constexpr double kAsFastAsPossible = 1e18;

  double renewals_per_second = 0;
  LatencyRecord latency;  // of replies
  /// From a reply to the partner's acknowledgement of what it says; of what is not acknowledged
  /// when the load ends, how long it waits by then.
  LatencyRecord lag;
  std::atomic<std::uint64_t> told{0};
  std::atomic<std::uint64_t> worker_ns{0};  // of the worker's CPU
};

/// All calls from the thread that made it, which is the control thread.
class LoneServer {
 public:
  struct Settings {
    std::string folder;
    std::uint64_t lease_count_max = 0;
    Durability durability = Durability::kPower;
    std::optional<Role> role;  // none: without failover
    std::uint16_t port = 6470;
  };
  /// Ends the process when it cannot be: there is nothing to be measured then.
  explicit LoneServer(const Settings& settings, std::uint64_t client_count);
  ~LoneServer();
  LoneServer(const LoneServer&) = delete;
  LoneServer& operator=(const LoneServer&) = delete;

  /// The worker takes it up in its next turn; it outlives this server.
  void use(Load& load) { load_.store(&load, std::memory_order_release); }
  void run_for(std::chrono::milliseconds time);
  [[nodiscard]] RelationshipView relationship() const { return failover_->views().front(); }
  [[nodiscard]] std::uint64_t lease_count() const { return workers_->shard(0).binding_count(); }

 private:
  void work();
  bool advance_task(WallTime now);
  void renew(Load& load, WallTime now);
  void look_at_lag(Load& load);
  void give_up_samples(Load& load);

  Configuration configuration_;
  boost::asio::io_context context_;
  std::unique_ptr<Store> store_;
  Relationships relationships_;
  std::optional<Pools> pools_;
  std::optional<Service> service_;
  std::optional<WorkerSet> workers_;
  std::optional<Committer> committer_;
  std::unique_ptr<FailoverSet> failover_;
  WallClock clock_;

  std::atomic<bool> stopping_{false};
  std::atomic<Load*> load_{nullptr};
  SpscRing<ShardTask*> tasks_{64};
  SpscRing<ShardTask*> done_tasks_{128};

  // The worker's own.
  MessageServer* server_ = nullptr;
  std::optional<RenewingClients> clients_;
  ShardTask* task_ = nullptr;
  Load* load_in_use_ = nullptr;
  std::uint64_t load_began_ns_ = 0;
  std::uint64_t told_before_ = 0;
  std::uint64_t begun_ = 0;
  std::uint64_t cpu_before_ns_ = 0;
  struct Sample {
    BindingIndex binding;
    std::uint64_t told_at_ns;
  };
  std::vector<Sample> samples_;  // leases followed until the partner has acknowledged them
  WallTime expired_at_ = kNoTime;

  std::thread worker_;
};

}  // namespace tandem6
