#include "tests/daemon/runner_bench.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <chrono>
#include <set>
#include <utility>

#include "control/failover/message_reader.h"
#include "control/failover/message_writer.h"
#include "dataplane/lease/lease_rules.h"
#include "dataplane/server/restore.h"
#include "storage/block_loader.h"
#include "storage/lease_format.h"

namespace tandem6 {
namespace {

ServerSettings settings_of(Role role, const Ipv6Prefix& prefixes) {
  ServerSettings settings = ServerBench::pair_settings();
  settings.links[0].prefix_pools = {{prefixes, 56, {}}};
  const std::uint8_t last = role == Role::kPrimary ? 1 : 2;
  const std::array<std::uint8_t, 10> duid{0, 3, 0, 1, 2, 0, 0, 0, 0, last};
  settings.server_duid = Duid(duid);
  return settings;
}

EndpointSettings endpoint_of(Role role) {
  EndpointSettings settings;
  settings.relationship_name = "west";
  settings.role = role;
  settings.mclt = Lifetime{60};
  settings.keepalive = Lifetime{8};
  settings.startup = Lifetime{3};
  settings.connect_retry = Lifetime{2};
  return settings;
}

}  // namespace

// --- A server.

RunnerBench::RunnerBench(RunnerPair& pair, Role role, unsigned shard_count)
    : pair_(pair), role_(role), shard_count_(shard_count) {}

RunnerBench::~RunnerBench() {
  if (is_running()) kill();
}

TaskLines RunnerBench::lines() {
  return {.give =
              [this](unsigned worker, ShardTask& task) {
                given_[worker].push_back(&task);
                return true;
              },
          .take_back = [this](unsigned worker, std::span<ShardTask*> done) -> std::size_t {
            std::size_t count = 0;
            while (count < done.size() && !given_[worker].empty()) {
              ShardTask& task = *given_[worker].front();
              if (!task.advance(*bench->service, *bench->shards[worker], pair_.now)) break;
              given_[worker].pop_front();
              done[count++] = &task;
            }
            return count;
          }};
}

EndpointRunner::Surroundings RunnerBench::surroundings() {
  return {
      .service = bench->service.get(),
      .relationships = &bench->relationships,
      .tasks = tasks_.get(),
      .committer = committer.get(),
      .post =
          [this](std::function<void()> work) { boost::asio::post(pair_.context, std::move(work)); },
      .clock = [this] { return pair_.now; },
      .open = [this](ConnectionId id) { pair_.open(role_, id); },
      .send = [this](ConnectionId id,
                     FailoverMessage&& message) { pair_.send(role_, id, std::move(message)); },
      .close = [this](ConnectionId id, const std::string& why) { pair_.close(role_, id, why); },
      .report = [this](Severity, const std::string& text) { reports.push_back(text); },
      .disputed =
          [this](const ApplyOperation& operation) {
            reports.push_back("disputed " + operation.content->lease.to_string());
          },
      .leases_are_whole =
          [this](std::function<void()> done) {
            committer->put([](WriteSet& set) { set.put_origin(LeasesOrigin::kKept); },
                           std::move(done));
          }};
}

void RunnerBench::start() {
  auto opened = Store::open({.path = folder_.path("leases")});
  ASSERT_TRUE(opened.has_value()) << opened.error();
  store = std::move(*opened);
  origin = store->origin();
  bench = std::make_unique<ServerBench>(settings_of(role_, pair_.prefixes), shard_count_);
  bench->now = pair_.now;
  bench->has_committer = true;
  restore();
  marks_.clear();
  std::vector<CommitLane> lanes;
  for (const auto& shard : bench->shards) {
    marks_.push_back(std::make_unique<CommittedMark>());
    lanes.push_back({.changes = &shard->changes(), .mark = marks_.back().get()});
  }
  committer = std::make_unique<Committer>(*store, std::move(lanes),
                                          Committer::Options{.durability = Durability::kProcess});
  bench->pools->set_block_witness(committer->block_witness());
  committer->start();
  given_.assign(shard_count_, {});
  tasks_ = std::make_unique<ShardTasks>(pair_.context, shard_count_, lines());
  runner =
      std::make_unique<EndpointRunner>(endpoint_of(role_), RelationshipIndex{0}, surroundings());
  runner->start({.record = record(), .origin = origin, .last_client_contact = kNoTime});
}

void RunnerBench::restore() {
  const auto blocks = load_blocks(*store, [&](const BlockHalf& each) {
    EXPECT_TRUE(restore_half(*bench->service, each.block, each.half));
  });
  EXPECT_TRUE(blocks.has_value());
  const auto walked =
      store->walk(Family::kLease, {}, {}, [&](RecordOctets key, RecordOctets value) {
        const auto lease = read_lease_record(key, value);
        EXPECT_TRUE(lease.has_value());
        const ClientKey client = bench->service->client_key(lease->duid);
        Shard& shard = *bench->shards[bench->service->home_of(client)];
        EXPECT_EQ(tandem6::restore(*bench->service, shard, lease->binding, client,
                                   lease->attributes, pair_.now),
                  Restored::kServed);
        return true;
      });
  EXPECT_TRUE(walked.has_value());
}

void RunnerBench::kill() {
  pair_.cut();
  runner.reset();
  tasks_.reset();
  committer.reset();
  bench.reset();
  store.reset();
  pair_.join();
}

std::optional<EndpointRecord> RunnerBench::record() const {
  const auto found = store->endpoint("west");
  EXPECT_TRUE(found.has_value());
  return *found;
}

std::vector<std::string> RunnerBench::leases() const {
  std::set<std::string> lines;
  for (const auto& shard : bench->shards) {
    for (BindingIndex at = shard->first_from(0); at != kNoBinding; at = shard->first_from(at + 1)) {
      const Binding& binding = shard->at(at);
      if (!holds_its_lease(binding.status)) continue;
      lines.insert(std::string(name_of(binding.status)) + ' ' + binding.lease().to_string() + ' ' +
                   shard->duid_of(binding).to_string());
    }
  }
  return {lines.begin(), lines.end()};
}

// --- Between them.

RunnerPair::RunnerPair(unsigned shard_count) : prefixes(prefix_of("2001:db8:8000::/48")) {
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    servers_.push_back(std::make_unique<RunnerBench>(*this, role, shard_count));
  }
}

void RunnerPair::post(Role to, Event&& event) {
  ++messages_out_;
  boost::asio::post(context, [this, to, shared = std::make_shared<Event>(std::move(event))] {
    --messages_out_;
    if (of(to).is_running()) of(to).runner->happen(std::move(*shared));
  });
}

void RunnerPair::open(Role from, ConnectionId id) {
  if (is_cut_ || !secondary().is_running()) {
    return post(from, event::Closed{id, "the partner cannot be reached"});
  }
  live_ = id;
  has_connected_ = false;
  post(from, event::Connected{id});
}

/// As octets, so that nothing passes that the codec does not carry.
void RunnerPair::send(Role from, ConnectionId id, FailoverMessage&& message) {
  if (is_cut_ || id != live_) return;
  message.sent_time = now;
  std::vector<std::uint8_t> frame;
  ASSERT_TRUE(write_message(message, now, frame));
  auto read = read_message(std::span(frame).subspan(2), now);  // past its size
  ASSERT_TRUE(read.has_value());
  const Role to = from == Role::kPrimary ? Role::kSecondary : Role::kPrimary;
  if (to == Role::kSecondary && !std::exchange(has_connected_, true)) {
    return post(to, event::ConnectReceived{id, std::move(*read)});
  }
  post(to, event::Received{id, std::move(*read)});
}

void RunnerPair::close(Role, ConnectionId id, const std::string& why) { lose(id, why); }

void RunnerPair::lose(ConnectionId id, const std::string& why) {
  if (id == 0 || id != live_) return;
  live_ = 0;
  for (const Role role : {Role::kPrimary, Role::kSecondary}) post(role, event::Closed{id, why});
}

void RunnerPair::cut() {
  is_cut_ = true;
  lose(live_, "the cable is cut");
}

void RunnerPair::settle() {
  const auto is_quiet = [this] {
    return messages_out_ == 0 && std::ranges::all_of(servers_, [](const auto& server) {
             return !server->is_running() || server->runner->is_idle();
           });
  };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!is_quiet() && std::chrono::steady_clock::now() < deadline) {
    context.restart();  // without anything to do it counts as stopped
    context.run_one_for(std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(is_quiet());
}

void RunnerPair::pass(unsigned seconds) {
  for (unsigned i = 0; i < seconds; ++i) {
    now = now + Lifetime{1};
    for (const auto& server : servers_) {
      if (!server->is_running()) continue;
      server->bench->now = now;
      for (const auto& responder : server->bench->responders) responder->expire(now, 64);
      server->runner->happen(event::ChangesWaiting{});
      server->runner->happen(event::Tick{});
    }
    settle();
  }
}

}  // namespace tandem6
