#include "control/daemon/storage_work.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

namespace tandem6 {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Beside the tables, so that the copy is made of links to them. RocksDB leaves alone what has no
/// name of its own kind.
constexpr const char* kVerifyFolder = "verify.copy";
constexpr const char* kUnfinishedSuffix = ".tmp";  // while RocksDB makes a checkpoint

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

std::uint64_t octets_in(const fs::path& folder) {
  std::uint64_t octets = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code no_file;
    const std::uintmax_t size = at->file_size(no_file);
    if (!no_file) octets += size;
  }
  return octets;
}

/// A copy of the server's leases that is gone with this object, and so is what a killed server
/// left.
class PassingCopy {
 public:
  explicit PassingCopy(const std::string& path) : folder_(path + "/" + kVerifyFolder) { remove(); }
  ~PassingCopy() { remove(); }
  PassingCopy(const PassingCopy&) = delete;
  PassingCopy& operator=(const PassingCopy&) = delete;
  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

 private:
  void remove() const {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    fs::remove_all(folder_ + kUnfinishedSuffix, ignored);
  }
  std::string folder_;
};

std::expected<VerifyView, std::string> verify_folder(const std::string& folder,
                                                     const LeaseRanges& ranges,
                                                     VerifyProgress& progress) {
  const Clock::time_point began = Clock::now();
  const auto opened = Store::open({.path = folder, .read_only = true});
  if (!opened.has_value()) return std::unexpected(opened.error());
  // One thread: the other cores are the workers'.
  const VerifyOptions options{.ranges = ranges, .text_count_max = 10, .thread_count_max = 1};
  auto result = verify(**opened, options, progress);
  if (!result.has_value()) return std::unexpected(result.error());
  return VerifyView{
      .folder = folder, .seconds = seconds_since(began), .result = std::move(*result)};
}

/// A folder that nobody writes to.
std::expected<VerifyView, std::string> verify_other(const std::string& folder,
                                                    const std::string& own_path,
                                                    const LeaseRanges& ranges,
                                                    VerifyProgress& progress) {
  std::error_code error;
  if (fs::equivalent(folder, own_path, error)) {
    return std::unexpected(folder +
                           ": the leases of the running server; name no folder to check them");
  }
  if (!fs::is_directory(folder, error)) return std::unexpected(folder + ": no such folder");
  return verify_folder(folder, ranges, progress);
}

/// The leases of the folder as they stand in a running server's checkpoint.
std::expected<VerifyView, std::string> verify_own(Store& store, const std::string& path,
                                                  const LeaseRanges& ranges,
                                                  VerifyProgress& progress) {
  const PassingCopy copy(path);
  if (const auto made = store.checkpoint(copy.folder()); !made.has_value()) {
    return std::unexpected(made.error());
  }
  auto view = verify_folder(copy.folder(), ranges, progress);
  if (view.has_value()) view->folder = path;
  return view;
}

std::expected<CheckpointView, std::string> make_checkpoint(Store& store,
                                                           const std::string& folder) {
  const Clock::time_point began = Clock::now();
  if (const auto made = store.checkpoint(folder); !made.has_value()) {
    return std::unexpected(made.error());
  }
  return CheckpointView{
      .folder = folder, .octets = octets_in(folder), .seconds = seconds_since(began)};
}

/// Neither the committer nor the control thread waits for a core because of us.
void become_background() {
  prctl(PR_SET_NAME, "t6-disk-work");
  constexpr int kNice = 10;
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
}

}  // namespace

LeaseRanges ranges_of(const ServerSettings& settings) {
  LeaseRanges ranges;
  for (const LinkSettings& link : settings.links) {
    for (const Ipv6Prefix& pool : link.address_pools) {
      ranges.pools.push_back({IaType::kNonTemporaryAddress, pool, 128});
    }
    for (const PrefixPoolSettings& pool : link.prefix_pools) {
      ranges.pools.push_back({IaType::kPrefixDelegation, pool.prefix, pool.delegated_length});
    }
    for (const Reservation& reservation : link.reservations) {
      if (reservation.address) {
        ranges.reservations.push_back(
            {IaType::kNonTemporaryAddress, {*reservation.address, 128}, 128});
      }
      if (reservation.prefix) {
        ranges.reservations.push_back(
            {IaType::kPrefixDelegation, *reservation.prefix, reservation.prefix->length});
      }
    }
  }
  return ranges;
}

struct StorageWork::Impl {
  Impl(asio::io_context& context_given, Parts parts_given)
      : context(context_given), parts(std::move(parts_given)) {
    asio::post(workers, become_background);
    asio::post(sampler, become_background);
  }
  ~Impl() {
    progress.is_cancelled.store(true, std::memory_order_relaxed);
    workers.join();
    sampler.join();
  }

  /// Runs `work` on the other thread and gives `done` what it returned, on this one; or at once an
  /// error, when there is a reason for it.
  template <typename Work, typename Done>
  void run(const char* what, std::string refusal, Work work, Done done) {
    if (!what_now.empty()) refusal = "a storage " + what_now + " is under way";
    if (!refusal.empty()) {
      asio::post(context, [done = std::move(done), refusal] { done(std::unexpected(refusal)); });
      return;
    }
    what_now = what;
    began = Clock::now();
    progress.lease_count.store(0, std::memory_order_relaxed);
    progress.is_cancelled.store(false, std::memory_order_relaxed);
    asio::post(workers, [this, work = std::move(work), done = std::move(done),
                         alive = std::weak_ptr<char>(life)]() mutable {
      auto result = work();
      asio::post(context, [this, alive, done = std::move(done), result = std::move(result)] {
        if (alive.expired()) return;
        what_now.clear();
        done(result);
      });
    });
  }

  [[nodiscard]] std::string refusal() const {
    const std::string trouble = parts.find_trouble();
    return trouble.empty() ? trouble : "storage does not take changes: " + trouble;
  }

  asio::io_context& context;
  Parts parts;
  std::string what_now;  // empty: nothing
  Clock::time_point began;
  VerifyProgress progress;
  Store::Usage usage;
  bool is_sampling = false;
  const std::shared_ptr<char> life = std::make_shared<char>();
  // Two, so that a checkpoint of minutes does not keep the numbers old.
  asio::thread_pool workers{1};
  asio::thread_pool sampler{1};
};

StorageWork::StorageWork(asio::io_context& context, Parts parts)
    : impl_(std::make_unique<Impl>(context, std::move(parts))) {}

StorageWork::~StorageWork() = default;

void StorageWork::checkpoint(const std::string& folder, CheckpointCallback done) {
  impl_->run(
      "checkpoint", impl_->refusal(),
      [store = impl_->parts.store, folder] { return make_checkpoint(*store, folder); },
      std::move(done));
}

void StorageWork::verify(const std::optional<std::string>& folder, VerifyCallback done) {
  Impl& impl = *impl_;
  if (!folder.has_value()) {
    impl.run(
        "verify", impl.refusal(),
        [&impl] {
          return verify_own(*impl.parts.store, impl.parts.path, impl.parts.ranges, impl.progress);
        },
        std::move(done));
    return;
  }
  // A disk that takes no changes can still be read.
  impl.run(
      "verify", std::string(),
      [&impl, folder = *folder] {
        return verify_other(folder, impl.parts.path, impl.parts.ranges, impl.progress);
      },
      std::move(done));
}

std::optional<StorageWorkView> StorageWork::under_way() const {
  if (impl_->what_now.empty()) return std::nullopt;
  return StorageWorkView{
      .what = impl_->what_now,
      .seconds = seconds_since(impl_->began),
      .lease_count = impl_->progress.lease_count.load(std::memory_order_relaxed)};
}

void StorageWork::sample_usage() {
  Impl& impl = *impl_;
  if (std::exchange(impl.is_sampling, true)) return;
  asio::post(impl.sampler, [&impl, alive = std::weak_ptr<char>(impl.life)] {
    asio::post(impl.context, [&impl, alive, usage = impl.parts.store->usage()] {
      if (alive.expired()) return;
      impl.usage = usage;
      impl.is_sampling = false;
    });
  });
}

const Store::Usage& StorageWork::usage() const { return impl_->usage; }

}  // namespace tandem6
