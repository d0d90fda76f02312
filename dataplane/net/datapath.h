// The packet path as a whole: ports, workers, the rings between them; started and stopped by
// control. All functions are control's thread's; the workers run on DPDK's cores.
//
//     Eal::start -> Datapath::open -> start -> (ask, poll_answers, use, tend, ports)* -> stop
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dataplane/lease/committed_mark.h"
#include "dataplane/net/eal.h"
#include "dataplane/net/kernel_path.h"
#include "dataplane/net/message_server.h"
#include "dataplane/net/port.h"
#include "dataplane/net/worker.h"

namespace tandem6 {

class Datapath {
 public:
  /// What stands behind one worker; all borrowed, all outlive the datapath.
  struct WorkerParts {
    MessageServer* server = nullptr;
    const CommittedMark* mark = nullptr;
    WireCounters* wire = nullptr;
  };

  /// Opens and configures the ports, each with its way to the kernel. Worker i of `workers` is the
  /// home of shard i. The error is a line for the operator.
  [[nodiscard]] static std::expected<std::unique_ptr<Datapath>, std::string> open(
      const Eal& eal, const NetSettings& settings, std::span<const WorkerParts> workers);
  /// Stops, closes the ports, takes back addresses and groups.
  ~Datapath();
  Datapath(const Datapath&) = delete;
  Datapath& operator=(const Datapath&) = delete;

  /// Starts the ports and the workers.
  [[nodiscard]] std::expected<void, std::string> start();
  /// Stops receiving, lets the workers answer what they have and send what is held (so the
  /// committer must still run), at most two seconds, and waits for them. Again does nothing.
  void stop();

  [[nodiscard]] unsigned worker_count() const noexcept { return shared_.worker_count; }
  [[nodiscard]] const NetCounters& counters(unsigned worker) const noexcept {
    return workers_[worker]->counters();
  }
  /// The time that all workers use.
  [[nodiscard]] const WallClock& clock() const noexcept { return shared_.clock; }

  /// False when the worker's queue of queries is full. REQUIRES: query.count_max is less than
  /// kShardAnswerCountMax.
  [[nodiscard]] bool ask(unsigned worker, const ShardQuery& query);
  /// Takes answers that have come; they come in the order of the queries.
  std::size_t poll_answers(unsigned worker, std::span<ShardAnswer> out) {
    return workers_[worker]->poll_answers(out);
  }

  /// False when the worker has too many already. The task is the worker's until it comes back.
  [[nodiscard]] bool give(unsigned worker, ShardTask& task) { return workers_[worker]->give(task); }
  /// Tasks that are done, in the order in which they were given.
  std::size_t take_back(unsigned worker, std::span<ShardTask*> done) {
    return workers_[worker]->take_back(done);
  }

  /// Lets all workers take up another snapshot, and returns when none uses the old one any more: it
  /// may be freed then. REQUIRES: the same allocation key and number of shards, else clients would
  /// change their home. Before start() the workers' servers are told at their first turn.
  void use(const Service& service);

  /// Call it each second: keeps the port's presence at the kernel after a loss of the link. The
  /// texts are for the operator; usually none.
  [[nodiscard]] std::vector<std::string> tend();
  [[nodiscard]] std::vector<PortInfo> ports() const;

 private:
  struct OpenPort {
    std::unique_ptr<Port> port;
    std::unique_ptr<KernelPath> kernel;  // ends before its port
    PortIdentity identity;
  };

  explicit Datapath(unsigned worker_count) : shared_(worker_count) {}
  [[nodiscard]] std::expected<void, std::string> open_ports(const NetSettings& settings);
  [[nodiscard]] std::vector<PortLane> lanes_of(unsigned worker) const;

  WorkerShared shared_;
  std::vector<unsigned> cores_;
  std::vector<OpenPort> ports_;
  std::vector<std::unique_ptr<Worker>> workers_;
  bool running_ = false;
};

}  // namespace tandem6
