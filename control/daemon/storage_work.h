// Work on the disk that takes its time, on a thread of its own: checkpoints, checks of all records,
// and how much of the disk is used. The control thread asks and is answered; it never waits.
//
// The server's own leases change while they are checked, and each walk would see another moment of
// them. So a checkpoint of them is checked, which also keeps the walk out of the way of a store
// that must be opened anew after a disk's fault.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "control/api/storage_view.h"
#include "dataplane/server/settings.h"
#include "storage/store.h"

// Asio is slow to compile; its name is enough here.
namespace boost::asio {
class io_context;
}

namespace tandem6 {

/// Where today's configuration wants leases to lie.
[[nodiscard]] LeaseRanges ranges_of(const ServerSettings& settings);

/// Control thread.
class StorageWork {
 public:
  struct Parts {
    Store* store = nullptr;  // borrowed
    std::string path;        // of the store
    /// Why the store takes no changes now; empty when it does. Control thread.
    std::function<std::string()> find_trouble;
    LeaseRanges ranges;
  };
  StorageWork(boost::asio::io_context& context, Parts parts);
  /// Cancels what can be cancelled and waits for the rest; no callback comes any more.
  ~StorageWork();
  StorageWork(const StorageWork&) = delete;
  StorageWork& operator=(const StorageWork&) = delete;

  /// The callback comes exactly once, never from inside of this call.
  void checkpoint(const std::string& folder, CheckpointCallback done);
  /// None: of the store itself.
  void verify(const std::optional<std::string>& folder, VerifyCallback done);
  [[nodiscard]] std::optional<StorageWorkView> under_way() const;

  /// Asks the disk anew, unless it has not answered yet.
  void sample_usage();
  /// As it was at the last answer.
  [[nodiscard]] const Store::Usage& usage() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6
