#include "perf/failover/lone_server.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "control/daemon/lease_loading.h"
#include "control/daemon/log.h"
#include "perf/storage/population.h"
#include "storage/idle_wait.h"

namespace tandem6 {
namespace {

constexpr unsigned kTurnsBetweenLooks = 16;
constexpr std::size_t kSampleCountMax = 256;
constexpr auto kSleepMax = IdleWait::Duration(50);
constexpr const char* kAddresses[] = {"127.0.0.1", "127.0.0.2"};  // by role

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "lone server: %s\n", why.c_str());
  std::_Exit(1);
}

std::uint64_t worker_cpu_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

PartnerSettings partner_settings(Role role, std::uint16_t port) {
  PartnerSettings settings;
  settings.endpoint.relationship_name = "figures";
  settings.endpoint.role = role;
  settings.endpoint.startup = Lifetime{2};
  settings.endpoint.connect_retry = Lifetime{1};
  settings.local = kAddresses[role == Role::kPrimary ? 0 : 1];
  settings.partner = kAddresses[role == Role::kPrimary ? 1 : 0];
  settings.port = port;
  return settings;
}

Configuration configuration_of(const LoneServer::Settings& settings) {
  Configuration configuration;
  configuration.server = population::settings();
  configuration.net.binding_count_max =
      static_cast<std::uint32_t>(settings.lease_count_max + settings.lease_count_max / 100 + 1000);
  configuration.storage = {.path = settings.folder, .durability = settings.durability};
  if (!settings.role.has_value()) return configuration;
  configuration.server.links.front().relationship = 0;
  configuration.failover.push_back(partner_settings(*settings.role, settings.port));
  return configuration;
}

}  // namespace

LoneServer::LoneServer(const Settings& settings, std::uint64_t client_count)
    : configuration_(configuration_of(settings)) {
  auto store = Store::open({.path = settings.folder});
  if (!store.has_value()) give_up(store.error());
  store_ = std::move(*store);
  const std::vector<std::string> ports{configuration_.server.links.front().name};
  pools_.emplace(configuration_.server, 1, configuration_.net.binding_count_max);
  service_.emplace(configuration_.server, ports, *pools_, 1, &relationships_);
  workers_.emplace(1, configuration_.net.binding_count_max, *service_);
  const auto loaded = load_into(*workers_, *service_, *store_, clock_.now());
  if (!loaded.has_value()) give_up(loaded.error());
  committer_.emplace(*store_, workers_->commit_lanes(),
                     Committer::Options{.durability = settings.durability});
  pools_->set_block_witness(committer_->block_witness());

  auto failover = FailoverSet::open(
      context_,
      {.configuration = &configuration_,
       .service = &*service_,
       .relationships = &relationships_,
       .workers = &*workers_,
       .lines = {.give = [this](unsigned, ShardTask& task) { return tasks_.push(&task); },
                 .take_back = [this](unsigned,
                                     std::span<ShardTask*> done) { return done_tasks_.pop(done); }},
       .committer = &*committer_,
       .store = store_.get(),
       .loaded = *loaded,
       .clock = [this] { return clock_.now(); }});
  if (!failover.has_value()) give_up(failover.error());
  failover_ = std::move(*failover);

  const Datapath::WorkerParts parts = workers_->datapath_parts().front();
  server_ = parts.server;
  clients_.emplace(*parts.server, *parts.mark, client_count);
  committer_->start();
  failover_->start();
  worker_ = std::thread([this] { work(); });
}

LoneServer::~LoneServer() {
  stopping_.store(true, std::memory_order_relaxed);
  worker_.join();
  (void)committer_->stop();
  failover_.reset();
}

void LoneServer::run_for(std::chrono::milliseconds time) {
  context_.restart();
  context_.run_for(time);
}

// --- The worker.

/// As Worker::turn: a burst, what is committed, one piece of one task.
void LoneServer::work() {
  IdleWait idle(kSleepMax);
  while (!stopping_.load(std::memory_order_relaxed)) {
    const WallTime now = clock_.now();
    const std::uint64_t begun = clients_->begun();
    const std::uint64_t told = clients_->told();
    if (Load* const load = load_.load(std::memory_order_acquire); load != nullptr)
      renew(*load, now);
    const bool had_task = advance_task(now);
    if (now != expired_at_) {
      (void)server_->expire(now, 64);
      expired_at_ = now;
    }
    if (had_task || begun != clients_->begun() || told != clients_->told()) {
      idle.reset();
    } else {
      idle.wait();
    }
  }
}

bool LoneServer::advance_task(WallTime now) {
  if (task_ == nullptr && (done_tasks_.room() == 0 || tasks_.pop({&task_, 1}) == 0)) return false;
  if (server_->advance(*task_, now)) {
    (void)done_tasks_.push(task_);
    task_ = nullptr;
  }
  return true;
}

void LoneServer::renew(Load& load, WallTime now) {
  const std::uint64_t now_ns = nanoseconds_now();
  if (&load != load_in_use_) {
    if (load_in_use_ != nullptr) give_up_samples(*load_in_use_);
    load_in_use_ = &load;
    load_began_ns_ = now_ns;
    told_before_ = clients_->told();
    begun_ = clients_->begun();
    cpu_before_ns_ = worker_cpu_ns();
  }
  clients_->release(load.latency);
  const double due =
      static_cast<double>(now_ns - load_began_ns_) * 1e-9 * load.renewals_per_second -
      static_cast<double>(clients_->begun() - begun_);
  if (due >= 1) {
    clients_->renew(now, static_cast<std::size_t>(std::min<double>(
                             due, static_cast<double>(RenewingClients::kBurstSize))));
  }
  load.told.store(clients_->told() - told_before_, std::memory_order_relaxed);
  look_at_lag(load);
}

void LoneServer::look_at_lag(Load& load) {
  static unsigned turns = 0;
  if (++turns % kTurnsBetweenLooks != 0) return;
  load.worker_ns.store(worker_cpu_ns() - cpu_before_ns_, std::memory_order_relaxed);
  if (configuration_.failover.empty()) return;
  const Shard& shard = workers_->shard(0);
  const std::uint64_t now = nanoseconds_now();
  std::erase_if(samples_, [&](const Sample& sample) {
    if (shard.first_dirty_from(sample.binding) == sample.binding) return false;
    load.lag.add(now - sample.told_at_ns);
    return true;
  });
  if (clients_->told() == told_before_ || samples_.size() == kSampleCountMax) return;
  const std::uint64_t client = clients_->client_of(clients_->told() - 1);
  const BindingIndex binding = shard.find_lease(population::address_of(client), 128);
  if (binding != kNoBinding) samples_.push_back({.binding = binding, .told_at_ns = now});
}

void LoneServer::give_up_samples(Load& load) {
  const std::uint64_t now = nanoseconds_now();
  for (const Sample& sample : samples_) load.lag.add(now - sample.told_at_ns);
  samples_.clear();
}

}  // namespace tandem6
