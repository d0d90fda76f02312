// All failover relationships of this server: each endpoint with its connections, joined to the
// shards, the disk and the clock.
//
// What must be in order around it: it opens when shards are loaded and the committer runs; `start`
// comes before the workers start, so that none acts on rules of before; `hand_over` while they
// still run; it ends before the committer does and after the workers have.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/api/failover_view.h"
#include "control/config/configuration.h"
#include "control/daemon/lease_loading.h"
#include "control/daemon/shard_tasks.h"
#include "control/daemon/worker_set.h"
#include "storage/committer.h"

// Asio is slow to compile; its name is enough here.
namespace boost::asio {
class io_context;
}

namespace tandem6 {

/// Control thread. Borrows everything.
class FailoverSet {
 public:
  struct Parts {
    const Configuration* configuration = nullptr;
    const Service* service = nullptr;
    Relationships* relationships = nullptr;
    WorkerSet* workers = nullptr;
    TaskLines lines;
    Committer* committer = nullptr;
    Store* store = nullptr;
    LoadReport loaded;
    std::function<WallTime()> clock;
  };

  /// The error is a line for the operator: certificates that cannot be read, an address that is
  /// taken, a record on disk that cannot be read.
  [[nodiscard]] static std::expected<std::unique_ptr<FailoverSet>, std::string> open(
      boost::asio::io_context& context, Parts parts);
  ~FailoverSet();
  FailoverSet(const FailoverSet&) = delete;
  FailoverSet& operator=(const FailoverSet&) = delete;

  void start();
  /// Tells the partners what they have not heard yet and that this server ends, which takes no
  /// longer than `limit`. Runs the context meanwhile.
  void hand_over(boost::asio::io_context& context, std::chrono::milliseconds limit);
  /// The certificates anew; those that are faulty stay as they were, and are in the text.
  [[nodiscard]] std::expected<void, std::string> reload_certificates();

  // --- For operators.
  [[nodiscard]] std::vector<RelationshipView> views() const;
  /// The newest first.
  [[nodiscard]] std::vector<ConflictView> conflicts() const;
  /// The answer comes exactly once, perhaps from inside of this call. REQUIRES: a relationship of
  /// this name.
  void declare_partner_down(const std::string& name, bool is_forced,
                            std::function<void(bool taken, std::string text)> answer);

 private:
  struct Impl;
  explicit FailoverSet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6
