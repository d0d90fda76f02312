#include "control/daemon/daemon.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "control/api/control_socket.h"
#include "control/api/metrics_server.h"
#include "control/api/version.h"
#include "control/daemon/daemon_view.h"
#include "control/daemon/failover_set.h"
#include "control/daemon/housekeeping.h"
#include "control/daemon/identity.h"
#include "control/daemon/lease_loading.h"
#include "control/daemon/log.h"
#include "control/daemon/worker_set.h"
#include "dataplane/net/eal.h"
#include "dataplane/net/wall_clock.h"
#include "storage/committer.h"
#include "storage/store.h"

namespace tandem6 {

struct Daemon::Parts {
  Parts(Configuration configuration_given, boost::asio::io_context& context_given)
      : configuration(std::move(configuration_given)), context(context_given) {}

  Configuration configuration;
  boost::asio::io_context& context;
  std::unique_ptr<ControlSocket> control_socket;
  std::unique_ptr<Store> store;
  Relationships relationships;
  std::optional<Pools> pools;
  std::optional<Service> service;
  std::optional<WorkerSet> workers;
  LoadReport loaded;
  std::unique_ptr<Eal> eal;
  std::optional<Committer> committer;
  std::unique_ptr<Datapath> datapath;
  std::unique_ptr<FailoverSet> failover;
  std::unique_ptr<DaemonView> view;
  std::unique_ptr<MetricsServer> metrics;
  std::unique_ptr<Housekeeping> housekeeping;

  std::expected<void, std::string> build();
  std::expected<void, std::string> open_store();
  std::expected<void, std::string> build_packet_path();
  std::expected<void, std::string> build_failover();
  std::expected<void, std::string> build_view();
};

namespace {

/// A partner that does not take what it is told would hold up the end.
constexpr auto kHandOverLimit = std::chrono::milliseconds(1500);

void log_start(const Configuration& configuration) {
  log_info("tandem6d " + std::string(version()) + ", server DUID " +
           configuration.server.server_duid.to_string());
  if (configuration.storage.durability == Durability::kNone) {
    log_warning("storage.durability is none: a crash loses the leases of the last minutes");
  }
}

}  // namespace

std::expected<void, std::string> Daemon::Parts::open_store() {
  auto opened = Store::open({.path = configuration.storage.path});
  if (!opened.has_value()) return std::unexpected(opened.error());
  store = std::move(*opened);
  return complete_identity(configuration, *store);
}

std::expected<void, std::string> Daemon::Parts::build_packet_path() {
  const NetSettings& net = configuration.net;
  const unsigned worker_count = net.worker_count;
  std::vector<std::string> port_names;
  for (const PortSettings& port : net.ports) port_names.push_back(port.name);

  pools.emplace(configuration.server, worker_count, net.binding_count_max);
  service.emplace(configuration.server, port_names, *pools, worker_count, &relationships);
  workers.emplace(worker_count, net.binding_count_max, *service);

  // On every core, before DPDK gives each thread its own.
  auto load = load_into(*workers, *service, *store, WallClock().now());
  if (!load.has_value()) return std::unexpected(load.error());
  loaded = *load;

  // DPDK first: it pins this thread away from the workers' cores, and the committer inherits that.
  auto started_eal = Eal::start(net);
  if (!started_eal.has_value()) return std::unexpected(started_eal.error());
  eal = std::move(*started_eal);
  committer.emplace(*store, workers->commit_lanes(),
                    Committer::Options{.durability = configuration.storage.durability});
  pools->set_block_witness(committer->block_witness());

  auto opened = Datapath::open(*eal, net, workers->datapath_parts());
  if (!opened.has_value()) return std::unexpected(opened.error());
  datapath = std::move(*opened);
  return {};
}

std::expected<void, std::string> Daemon::Parts::build_failover() {
  Datapath* const path = datapath.get();
  auto opened = FailoverSet::open(
      context, {.configuration = &configuration,
                .service = &*service,
                .relationships = &relationships,
                .workers = &*workers,
                .lines = {.give = [path](unsigned worker,
                                         ShardTask& task) { return path->give(worker, task); },
                          .take_back =
                              [path](unsigned worker, std::span<ShardTask*> done) {
                                return path->take_back(worker, done);
                              }},
                .committer = &*committer,
                .store = store.get(),
                .loaded = loaded,
                .clock = [path] { return path->clock().now(); }});
  if (!opened.has_value()) return std::unexpected(opened.error());
  failover = std::move(*opened);
  return {};
}

std::expected<void, std::string> Daemon::Parts::build_view() {
  view = std::make_unique<DaemonView>(
      context,
      DaemonView::Parts{.configuration = &configuration,
                        .service = &*service,
                        .workers = &*workers,
                        .datapath = datapath.get(),
                        .committer = &*committer,
                        .store = store.get(),
                        .failover = failover.get(),
                        .loaded = loaded,
                        // Later, so that the answer to `shutdown` leaves before.
                        .end = [this] { boost::asio::post(context, [this] { context.stop(); }); }});
  housekeeping = std::make_unique<Housekeeping>(context, *view, *datapath);
  if (configuration.metrics.empty()) return {};
  auto opened = MetricsServer::open(context, *view, configuration.metrics);
  if (!opened.has_value()) return std::unexpected(opened.error());
  metrics = std::move(*opened);
  return {};
}

std::expected<void, std::string> Daemon::Parts::build() {
  auto bound = ControlSocket::open(context, configuration.control_socket);
  if (!bound.has_value()) return std::unexpected(bound.error());
  control_socket = std::move(*bound);

  if (const auto opened = open_store(); !opened.has_value()) return opened;
  log_start(configuration);
  if (const auto built = build_packet_path(); !built.has_value()) return built;
  if (const auto built = build_failover(); !built.has_value()) return built;
  if (const auto built = build_view(); !built.has_value()) return built;

  committer->start();
  failover->start();
  if (const auto started = datapath->start(); !started.has_value()) return started;
  control_socket->serve(*view);
  return {};
}

std::expected<std::unique_ptr<Daemon>, std::string> Daemon::start(
    Configuration configuration, boost::asio::io_context& context) {
  auto parts = std::make_unique<Parts>(std::move(configuration), context);
  // Owned from here on, so that a failure takes down what stands already.
  std::unique_ptr<Daemon> daemon(new Daemon(std::move(parts)));
  if (const auto built = daemon->parts_->build(); !built.has_value()) {
    return std::unexpected(built.error());
  }
  return daemon;
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Daemon::~Daemon() { stop(); }

void Daemon::reload() {
  const auto reloaded = parts_->failover->reload_certificates();
  if (reloaded.has_value()) {
    log_info("SIGHUP: certificates are read anew; the rest of the configuration needs a restart");
  } else {
    log_error("SIGHUP: the certificates stay as they were: " + reloaded.error());
  }
}

void Daemon::stop() {
  parts_->housekeeping.reset();
  parts_->metrics.reset();
  // While the workers still answer: the partner takes over from the moment in which it is told.
  if (parts_->failover != nullptr) parts_->failover->hand_over(parts_->context, kHandOverLimit);
  // The workers send what they hold as it is committed, so the committer ends after them.
  if (parts_->datapath != nullptr) parts_->datapath->stop();
  if (parts_->committer.has_value() && !parts_->committer->stop()) {
    log_error("the last changes could not be written; no client was told of them");
  }
  parts_->view.reset();
  parts_->failover.reset();
  parts_->datapath.reset();
  parts_->eal.reset();
  parts_->committer.reset();
  parts_->store.reset();
  // Last: while it is held, no other server takes our place.
  parts_->control_socket.reset();
}

}  // namespace tandem6
