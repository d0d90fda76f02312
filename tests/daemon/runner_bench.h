// A server without packet path and without network: shards whose tasks are done when they are asked
// for, a real committer on a real disk, and the runner of one endpoint. Two of them are a pair;
// what they say to each other goes by hand, and so does the clock.
#pragma once

#include <boost/asio/io_context.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/daemon/endpoint_runner.h"
#include "storage/committer.h"
#include "storage/store.h"
#include "tests/server/server_bench.h"
#include "tests/storage/temporary_folder.h"

namespace tandem6 {

class RunnerPair;

class RunnerBench {
 public:
  RunnerBench(RunnerPair& pair, Role role, unsigned shard_count);
  ~RunnerBench();

  void start();
  /// As kill -9: what is not on disk yet is lost, or is not.
  void kill();
  [[nodiscard]] bool is_running() const { return runner != nullptr; }
  [[nodiscard]] EndpointState state() const { return runner->endpoint().state(); }
  /// Of what stands on the disk.
  [[nodiscard]] std::optional<EndpointRecord> record() const;
  /// "ACTIVE 2001:db8:7::1/128 …", of those that are held, in the order of leases.
  [[nodiscard]] std::vector<std::string> leases() const;

  std::unique_ptr<ServerBench> bench;
  std::unique_ptr<EndpointRunner> runner;
  std::unique_ptr<Committer> committer;
  std::unique_ptr<Store> store;
  std::vector<std::string> reports;
  LeasesOrigin origin = LeasesOrigin::kKept;

 private:
  friend class RunnerPair;
  [[nodiscard]] EndpointRunner::Surroundings surroundings();
  [[nodiscard]] TaskLines lines();
  void restore();

  RunnerPair& pair_;
  const Role role_;
  const unsigned shard_count_;
  TemporaryFolder folder_;
  std::vector<std::unique_ptr<CommittedMark>> marks_;
  std::vector<std::deque<ShardTask*>> given_;
  std::unique_ptr<ShardTasks> tasks_;
};

class RunnerPair {
 public:
  explicit RunnerPair(unsigned shard_count = 1);

  [[nodiscard]] RunnerBench& primary() { return *servers_[0]; }
  [[nodiscard]] RunnerBench& secondary() { return *servers_[1]; }
  [[nodiscard]] RunnerBench& of(Role role) {
    return role == Role::kPrimary ? primary() : secondary();
  }

  /// Seconds of the clock, each with a tick; and everything that follows from them.
  void pass(unsigned seconds);
  /// Until nothing is left to do: disks have answered, messages have come.
  void settle();
  void cut();
  void join() { is_cut_ = false; }

  boost::asio::io_context context;
  WallTime now{800'000'000};
  Ipv6Prefix prefixes;  // the delegable ones; before the first start

 private:
  friend class RunnerBench;
  void open(Role from, ConnectionId id);
  void send(Role from, ConnectionId id, FailoverMessage&& message);
  void close(Role from, ConnectionId id, const std::string& why);
  void lose(ConnectionId id, const std::string& why);
  void post(Role to, Event&& event);

  bool is_cut_ = false;
  ConnectionId live_ = 0;         // the connection that is there
  bool has_connected_ = false;    // its CONNECT has come
  std::size_t messages_out_ = 0;  // posted, and not taken up
  std::vector<std::unique_ptr<RunnerBench>> servers_;
};

}  // namespace tandem6
