// A ServerView on nothing: fixed values, and shards that are vectors of records.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "control/api/server_view.h"

namespace tandem6 {

inline Ipv6Address address_of(const std::string& text) { return Ipv6Address::parse(text).value(); }
inline Ipv6Prefix prefix_of(const std::string& text) { return Ipv6Prefix::parse(text).value(); }

/// An ACTIVE lease of the client "00:03:00:01:02:00:00:00:00:NN".
inline LeaseRecord lease_of(std::uint8_t client, const Ipv6Prefix& lease) {
  const std::array<std::uint8_t, 10> duid = {0, 3, 0, 1, 2, 0, 0, 0, 0, client};
  LeaseRecord record{};
  record.duid = Duid(duid);
  record.binding.address = lease.address;
  record.binding.prefix_length = lease.length;
  record.binding.ia_type =
      lease.length == 128 ? IaType::kNonTemporaryAddress : IaType::kPrefixDelegation;
  record.binding.iaid = Iaid{client};
  record.binding.status = BindingStatus::kActive;
  record.binding.link = 0;
  record.binding.pool = 0;
  record.binding.preferred_lifetime = Lifetime{1800};
  record.binding.valid_lifetime = Lifetime{3600};
  record.binding.start_time_of_state = WallTime{1000};
  record.binding.client_last_transaction_time = WallTime{1000};
  record.binding.state_expiration_time = WallTime{4600};
  return record;
}

inline StorageView storage_of_a_quiet_server() {
  StorageView storage;
  storage.path = "/var/lib/tandem6";
  storage.durability = "power";
  storage.change_count = 1000;
  storage.changes_per_second = 12.5;
  storage.write_count = 400;
  storage.writes_per_second = 5;
  storage.written_octet_count = 125'000;
  storage.last_write_seconds = 0.00021;
  storage.write_seconds_p50 = 0.0002;
  storage.write_seconds_p99 = 0.0031;
  storage.write_seconds_p999 = 0.01;
  storage.write_seconds_worst = 1.25;
  storage.file_octets = 4'200'000;
  storage.memory_octets = 64'000'000;
  storage.loaded.lease_count = 700;
  storage.loaded.seconds = 0.5;
  return storage;
}

/// "west": a primary in NORMAL, since 500 s before FakeServerView's now.
inline RelationshipView relationship_in_normal() {
  RelationshipView view;
  view.name = "west";
  view.local = "2001:db8:0:1::1";
  view.partner = "2001:db8:0:1::2";
  view.connection = "TLS 1.3 with b.example";
  view.state = EndpointState::kNormal;
  view.since = WallTime{1500};
  view.why = "communications are restored";
  view.is_in_contact = true;
  view.last_contact = WallTime{1999};
  view.partner_state = EndpointState::kNormal;
  view.partner_since = WallTime{1501};
  view.serving.answers = Serving::Answers::kEverybody;
  view.serving.is_in_contact = true;
  view.serving.mclt = Lifetime{3600};
  view.serving.mclt_max = Lifetime{3600};
  view.mclt = Lifetime{3600};
  view.acked_total = 70;
  view.transitions = {{.at = WallTime{1490},
                       .from = EndpointState::kStartup,
                       .to = EndpointState::kCommunicationsInterrupted,
                       .why = "the partner is not there"},
                      {.at = WallTime{1500},
                       .from = EndpointState::kCommunicationsInterrupted,
                       .to = EndpointState::kNormal,
                       .why = "communications are restored"}};
  view.counters = {{.name = "fo.garbage", .count = 0}, {.name = "fo.refused", .count = 2}};
  return view;
}

/// "east": a secondary that lost its partner 300 s before FakeServerView's now.
inline RelationshipView relationship_interrupted() {
  RelationshipView view = relationship_in_normal();
  view.name = "east";
  view.role = Role::kSecondary;
  view.connection = "none: connection refused";
  view.state = EndpointState::kCommunicationsInterrupted;
  view.since = WallTime{1700};
  view.why = "the partner closed the connection";
  view.is_in_contact = false;
  view.last_contact = WallTime{1699};
  view.serving.is_in_contact = false;
  view.unacked_count = 42;
  view.lag_seconds = 300;
  return view;
}

class FakeServerView final : public ServerView {
 public:
  explicit FakeServerView(boost::asio::io_context& context) : context_(context) {
    PoolView addresses;
    addresses.link = "olt-7";
    addresses.range = prefix_of("2001:db8:7::/112");
    addresses.size = 65536;
    addresses.used = 3;
    addresses.half_free = 32768;
    addresses.half_free_backup = 32768;
    addresses.used_per_second = 0.5;
    PoolView prefixes;
    prefixes.link = "olt-8";
    prefixes.is_prefix_pool = true;
    prefixes.range = prefix_of("2001:db8:8000::/40");
    prefixes.delegated_length = 56;
    prefixes.size = 65536;
    pool_views = {addresses, prefixes};
  }

  StatusView status() override {
    StatusView view;
    view.version = "0.1.0";
    view.since_unix_seconds = 1700000000;
    view.uptime_seconds = 7384.4;
    view.worker_count = worker_count();
    view.rate_interval_seconds = 10;
    view.ports = {{.name = "access",
                   .device = "net_ring0",
                   .link_up = true,
                   .mac = "02:00:00:00:00:01",
                   .received_packets_per_second = 12.5,
                   .sent_packets_per_second = 6}};
    view.received = {{.name = "solicit", .total = 7, .per_second = 0.25}, {.name = "decline"}};
    view.sent = {{.name = "advertise", .total = 7, .per_second = 0.25}};
    view.pools = pool_views;
    view.binding_count = 3;
    view.binding_count_max = 1048576;
    view.storage = storage_view;
    view.relationships = relationship_views;
    view.alarms = alarm_texts;
    return view;
  }
  std::vector<CounterView> counters() override {
    return {{.name = "received.solicit", .per_worker = {3, 4}},
            {.name = "received.request", .per_worker = {0, 0}},
            {.name = "drop.no_link", .per_worker = {1, 0}},
            {.name = "ans.no_addrs_avail", .per_worker = {0, 2}},
            {.name = "net.held", .per_worker = {5, 6}},
            {.name = "storage.committed", .per_worker = {9}}};
  }
  std::vector<PoolView> pools() override { return pool_views; }
  unsigned worker_count() override { return static_cast<unsigned>(shards.size()); }
  WallTime now() override { return WallTime{2000}; }
  const std::vector<std::string>& link_names() override { return links; }
  std::optional<Ipv6Prefix> pool_of(const Binding& binding) override {
    if (binding.pool == kNoPool) return std::nullopt;
    return pool_views[binding.ia_type == IaType::kPrefixDelegation ? 1 : 0].range;
  }

  void ask(unsigned worker, const ShardQuery& query, ShardReplyCallback done) override {
    if (!workers_answer) {
      boost::asio::post(context_, [done = std::move(done)] {
        done(std::unexpected(std::string("worker 0 does not answer")));
      });
      return;
    }
    boost::asio::post(
        context_, [this, worker, query, done = std::move(done)] { done(reply_of(worker, query)); });
  }
  void checkpoint(const std::string& folder, CheckpointCallback done) override {
    later(std::move(done), disk_trouble.empty()
                               ? std::expected<CheckpointView, std::string>(CheckpointView{
                                     .folder = folder, .octets = 1'234'567, .seconds = 0.25})
                               : std::unexpected(disk_trouble));
  }
  void verify_leases(const std::optional<std::string>& folder, VerifyCallback done) override {
    VerifyView view{
        .folder = folder.value_or("/var/lib/tandem6"), .seconds = 2, .result = verified};
    later(std::move(done), disk_trouble.empty() ? std::expected<VerifyView, std::string>(view)
                                                : std::unexpected(disk_trouble));
  }
  std::vector<RelationshipView> relationships() override { return relationship_views; }
  std::vector<ConflictView> conflicts() override { return conflict_views; }
  void declare_partner_down(const std::string& relationship, bool is_forced,
                            CommandAnswer answer) override {
    partner_down_orders.push_back(relationship + (is_forced ? " by force" : ""));
    boost::asio::post(context_, [this, answer = std::move(answer)] {
      answer(partner_down_refusal.empty(),
             partner_down_refusal.empty() ? "PARTNER-DOWN since now" : partner_down_refusal);
    });
  }
  std::expected<void, std::string> set_log_level(const std::string& level) override {
    if (level != "debug") return std::unexpected("no log level `" + level + "`");
    log_level = level;
    return {};
  }
  void shutdown() override { is_shut_down = true; }

  std::vector<std::string> links = {"olt-7", "olt-8"};
  std::vector<PoolView> pool_views;
  std::vector<std::string> alarm_texts;
  std::vector<RelationshipView> relationship_views;
  std::vector<ConflictView> conflict_views;
  std::vector<std::string> partner_down_orders;  // "west", "west by force"
  std::string partner_down_refusal;              // none: taken
  std::vector<std::vector<LeaseRecord>> shards{2};
  bool workers_answer = true;
  StorageView storage_view = storage_of_a_quiet_server();
  VerifyResult verified;
  std::string disk_trouble;                // checkpoint and verify fail with it
  std::chrono::milliseconds disk_time{0};  // until they answer
  std::string log_level = "info";
  std::atomic<bool> is_shut_down{false};

 private:
  template <typename Callback, typename Result>
  void later(Callback done, Result result) {
    auto timer = std::make_shared<boost::asio::steady_timer>(context_, disk_time);
    timer->async_wait([timer, done = std::move(done),
                       result = std::move(result)](const boost::system::error_code& error) {
      if (!error) done(result);
    });
  }
  ShardReply reply_of(unsigned worker, const ShardQuery& query) const {
    ShardReply reply;
    const auto& shard = shards[worker];
    for (BindingIndex i = query.from; i < shard.size(); ++i) {
      const LeaseRecord& record = shard[i];
      const bool matches =
          query.kind == ShardQueryKind::kList ||
          (query.kind == ShardQueryKind::kFindLease && record.binding.lease() == query.lease) ||
          (query.kind == ShardQueryKind::kFindClient && record.duid == query.duid);
      if (!matches) continue;
      if (reply.records.size() == query.count_max) {
        reply.next = i;
        return reply;
      }
      reply.records.push_back(record);
    }
    return reply;
  }

  boost::asio::io_context& context_;
};

}  // namespace tandem6
