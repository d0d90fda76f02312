#include "dataplane/net/datapath.h"

#include <rte_launch.h>
#include <rte_mempool.h>

#include <chrono>
#include <thread>

#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

/// Buffers that may be in use at one time: in the queues of the ports and their TAPs, in the rings,
/// held, and in the hands and the cache of each worker.
unsigned buffer_count(std::span<const std::uint16_t> queue_counts, unsigned worker_count) {
  constexpr unsigned kInHand = 1024;
  unsigned count = 0;
  for (const std::uint16_t queues : queue_counts) count += queues * 3U * Port::kDescriptorCount;
  const unsigned rings = (worker_count - 1) * static_cast<unsigned>(HandOver::kRingSize);
  return count + worker_count * (static_cast<unsigned>(HeldReplies::kCountMax) + rings + kInHand);
}

int run_worker(void* worker) {
  static_cast<Worker*>(worker)->run();
  return 0;
}

}  // namespace

std::expected<std::unique_ptr<Datapath>, std::string> Datapath::open(
    const Eal& eal, const NetSettings& settings, std::span<const WorkerParts> workers) {
  T6_CHECK(!workers.empty() && workers.size() == eal.worker_cores().size());
  const auto count = static_cast<unsigned>(workers.size());
  std::unique_ptr<Datapath> datapath(new Datapath(count));
  datapath->shared_.idle = settings.idle;
  datapath->cores_.assign(eal.worker_cores().begin(), eal.worker_cores().end());
  const std::expected<void, std::string> opened = datapath->open_ports(settings);
  if (!opened) return std::unexpected(opened.error());
  for (unsigned i = 0; i < count; ++i) {
    Worker::Parts parts{.index = i,
                        .server = workers[i].server,
                        .mark = workers[i].mark,
                        .wire = workers[i].wire,
                        .lanes = datapath->lanes_of(i)};
    datapath->workers_.push_back(std::make_unique<Worker>(std::move(parts), datapath->shared_));
  }
  return datapath;
}

std::expected<void, std::string> Datapath::open_ports(const NetSettings& settings) {
  std::vector<std::uint16_t> queue_counts;
  for (const PortSettings& port_settings : settings.ports) {
    auto port = Port::open(port_settings.name, port_settings.device);
    if (!port) return std::unexpected(port.error());
    queue_counts.push_back((*port)->queue_count_for(shared_.worker_count));
    ports_.push_back({.port = std::move(*port), .kernel = nullptr, .identity = {}});
  }
  auto pool = make_buffer_pool("tandem6", buffer_count(queue_counts, shared_.worker_count));
  if (!pool) return std::unexpected(pool.error());
  shared_.pool = *pool;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    OpenPort& open = ports_[i];
    const PortSettings& port_settings = settings.ports[i];
    const auto configured =
        open.port->configure(queue_counts[i], Port::kDescriptorCount, shared_.pool);
    if (!configured) return configured;
    open.identity = identity_of(port_settings, open.port->mac());
    auto kernel =
        KernelPath::open(port_settings, static_cast<unsigned>(i), *open.port, shared_.pool);
    if (!kernel) return std::unexpected(kernel.error());
    open.kernel = std::move(*kernel);
  }
  return {};
}

/// Queue q of port p belongs to worker (p + q) mod N, so that ports with fewer queues than workers
/// do not all fall to the first worker. A worker without a queue sends through one that has.
std::vector<PortLane> Datapath::lanes_of(unsigned worker) const {
  const unsigned worker_count = shared_.worker_count;
  std::vector<PortLane> lanes;
  for (unsigned p = 0; p < ports_.size(); ++p) {
    const OpenPort& open = ports_[p];
    const unsigned queue = (worker + worker_count - p % worker_count) % worker_count;
    PortLane lane{.identity = &open.identity,
                  .device = open.port->device(),
                  .checksum_offload = open.port->checksum_offload(),
                  .kernel_sees_frames = open.kernel->kind() == KernelPathKind::kInterface,
                  .queue = std::nullopt,
                  .transmitting_worker = (p + queue % open.port->queue_count()) % worker_count,
                  .tap = open.kernel->tap()};
    if (queue < open.port->queue_count()) lane.queue = static_cast<std::uint16_t>(queue);
    lanes.push_back(lane);
  }
  return lanes;
}

Datapath::~Datapath() {
  stop();
  workers_.clear();
  ports_.clear();
  rte_mempool_free(shared_.pool);
}

std::expected<void, std::string> Datapath::start() {
  T6_CHECK(!running_);
  for (const OpenPort& open : ports_) {
    const bool kernel_keeps_filter = open.kernel->kind() == KernelPathKind::kInterface;
    const auto started = open.port->start(!kernel_keeps_filter);
    if (!started) return started;
  }
  running_ = true;
  for (unsigned i = 0; i < workers_.size(); ++i) {
    T6_CHECK(rte_eal_remote_launch(run_worker, workers_[i].get(), cores_[i]) == 0);
  }
  return {};
}

void Datapath::stop() {
  if (!running_) return;
  shared_.stop.store(true, std::memory_order_relaxed);
  for (const unsigned core : cores_) rte_eal_wait_lcore(core);
  running_ = false;
}

bool Datapath::ask(unsigned worker, const ShardQuery& query) {
  T6_CHECK(query.count_max < kShardAnswerCountMax);
  return workers_[worker]->ask(query);
}

void Datapath::use(const Service& service) {
  shared_.service.store(&service, std::memory_order_release);  // R: A in Worker::adopt_service
  if (!running_) return;
  for (const std::unique_ptr<Worker>& worker : workers_) {
    // A worker's turn is bounded, so this ends.
    while (worker->service_in_use() != &service) {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
}

std::vector<std::string> Datapath::tend() {
  std::vector<std::string> complaints;
  for (const OpenPort& open : ports_) {
    const auto tended = open.kernel->tend(*open.port);
    if (!tended) complaints.push_back(tended.error());
  }
  return complaints;
}

std::vector<PortInfo> Datapath::ports() const {
  std::vector<PortInfo> infos;
  for (const OpenPort& open : ports_) {
    PortInfo info = open.port->info();
    info.kernel_path = open.kernel->description();
    if (open.kernel->kind() == KernelPathKind::kInterface) {
      info.link_up = open.kernel->interface_running();
    }
    infos.push_back(std::move(info));
  }
  return infos;
}

}  // namespace tandem6
