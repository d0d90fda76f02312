// What the partners cost each other, for a million bindings of one shard.
//
// Scenarios (time is per binding or prefix, `items`):
//   UpdateAllSweep      UPDREQALL answered: every binding taken out of the shard and written as a
//                       BNDUPD; messages and octets a binding beside it
//   ApplySweep          the other side: frames read, judged, applied in an empty shard
//   AcknowledgeSweep    and its BNDREPLYs read and applied in the first one
//   ReuseScan           PARTNER-DOWN: timers for a million ended leases
//   BalanceSlash32      a /32 of /56s (2^24 prefixes) shared out from nothing to halves; messages
//                       beside it
//   CountShares         one look at the balance of that pool
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "control/failover/message_reader.h"
#include "control/failover/message_writer.h"
#include "control/failover/pool_balance.h"
#include "dataplane/server/partner_updates.h"
#include "dataplane/server/prefix_shares.h"
#include "dataplane/server/restore.h"

namespace tandem6 {
namespace {

constexpr std::uint32_t kBindings = 1'000'000;
constexpr WallTime kNow{800'000'000};
constexpr std::uint32_t kPiece = 256;

ServerSettings settings() {
  ServerSettings server;
  server.server_duid = Duid(std::vector<std::uint8_t>{0, 3, 0, 1, 2, 0, 0, 0, 0, 1});
  server.allocation_key = {9, 8, 7, 6, 5, 4, 3, 2, 1};
  LinkSettings link;
  link.name = "lan";
  link.relationship = 0;
  link.matches.push_back({.link_address = Ipv6Prefix::parse("2001:db8:7::/64"),
                          .port = std::nullopt,
                          .interface_id = std::nullopt,
                          .relay = std::nullopt});
  link.address_pools.push_back(*Ipv6Prefix::parse("2001:db8:7::/64"));
  link.prefix_pools.push_back({*Ipv6Prefix::parse("2001:dba::/32"), 56, std::nullopt});
  server.links.push_back(link);
  return server;
}

Duid client_duid(std::uint32_t number) {
  std::vector<std::uint8_t> octets{0, 1, 0, 1, 0x2a, 0x11, 0x22, 0x33, 2, 0};
  for (int shift = 24; shift >= 0; shift -= 8) {
    octets.push_back(static_cast<std::uint8_t>(number >> shift));
  }
  return Duid(octets);
}

/// A server without clients or sockets.
struct Side {
  explicit Side(Role its_role, std::uint32_t binding_count)
      : server(settings()),
        pools(server, 1, kBindings + 1024),
        service(server, {}, pools, 1, &relationships),
        shard(0, {.binding_count_max = kBindings + 1024, .change_ring_size = 4096}, service.key()) {
    rules.role = its_role;
    rules.has_partner = true;
    rules.responsiveness = Responsiveness::kResponsive;
    rules.is_in_contact = true;
    rules.mclt = rules.mclt_max = Lifetime{3600};
    relationships.write(0, rules);
    for (std::uint32_t i = 0; i < binding_count; ++i) add(i, BindingStatus::kActive);
  }
  void add(std::uint32_t number, BindingStatus status) {
    Binding binding;
    const Duid duid = client_duid(number);
    binding.address = Ipv6Address::from_halves(0x20010db800070000, 0x1000'0000'0000 + number);
    binding.iaid = Iaid{1};
    binding.status = status;
    binding.start_time_of_state = binding.client_last_transaction_time = kNow;
    binding.preferred_lifetime = Lifetime{43'200};
    binding.valid_lifetime = Lifetime{86'400};
    if (status == BindingStatus::kActive) {
      binding.state_expiration_time = kNow + Lifetime{86'400};
      binding.partner_lifetime = kNow + Lifetime{108'000};
    }
    binding.needs_update = true;
    if (restore(service, shard, binding, service.client_key(duid.bytes()), {}, kNow) !=
        Restored::kServed) {
      std::abort();
    }
  }
  [[nodiscard]] PartnerContext context() {
    return {.service = service, .shard = shard, .relationship = 0, .rules = rules, .now = kNow};
  }
  /// As the committer would.
  void drain() { shard.changes().drop(shard.changes().size()); }

  ServerSettings server;
  Relationships relationships;
  Pools pools;
  Service service;
  Shard shard;
  ServingRules rules;
};

struct Writer {
  std::vector<std::uint8_t> octets;
  BindingUpdate update;
  std::uint32_t messages = 0;
  static void take(void* self, const LeaseUpdate& update, bool last_of_ia) {
    auto& writer = *static_cast<Writer*>(self);
    writer.update.leases.push_back({.update = update, .verdict = {}});
    if (!last_of_ia) return;
    FailoverMessage message{
        .transaction_id = ++writer.messages, .sent_time = kNow, .body = std::move(writer.update)};
    if (!write_message(message, kNow, writer.octets)) std::abort();
    writer.update = {};
  }
};

/// The whole sweep as frames.
Writer sweep(Side& side) {
  Writer writer;
  for (BindingIndex from = 0; from != kNoBinding;) {
    from = take_updates(side.context(), UpdateKind::kAll, from, kPiece, Writer::take, &writer).next;
    side.drain();
  }
  return writer;
}

template <typename Body>
void for_each_frame(const std::vector<std::uint8_t>& octets, const Body& body) {
  for (std::size_t at = 0; at < octets.size();) {
    const std::size_t size = octets[at] * 256U + octets[at + 1];
    body(std::span(octets).subspan(at + 2, size));
    at += 2 + size;
  }
}

void UpdateAllSweep(benchmark::State& state) {
  Side side(Role::kPrimary, kBindings);
  Writer writer;
  for (auto _ : state) writer = sweep(side);
  state.SetItemsProcessed(state.iterations() * kBindings);
  state.counters["messages"] = writer.messages;
  state.counters["octets_per_binding"] = static_cast<double>(writer.octets.size()) / kBindings;
}
BENCHMARK(UpdateAllSweep)->Unit(benchmark::kMillisecond);

/// Reads each BNDUPD, applies it, writes the BNDREPLY.
std::vector<std::uint8_t> apply_all(Side& side, const std::vector<std::uint8_t>& octets) {
  std::vector<std::uint8_t> replies;
  for_each_frame(octets, [&](std::span<const std::uint8_t> frame) {
    auto message = read_message(frame, kNow);
    if (!message) std::abort();
    auto& update = std::get<BindingUpdate>(message->body);
    for (BindingUpdate::Lease& lease : update.leases) {
      lease.verdict = apply_update(side.context(), lease.update).verdict;
      if (lease.verdict.status != StatusCode::kSuccess) std::abort();
    }
    if (side.shard.change_room() < 64) side.drain();
    const FailoverMessage reply{
        .transaction_id = message->transaction_id, .sent_time = kNow, .body = reply_to(update)};
    if (!write_message(reply, kNow, replies)) std::abort();
  });
  side.drain();
  return replies;
}

void ApplySweep(benchmark::State& state) {
  std::vector<std::uint8_t> octets;
  {
    Side from(Role::kPrimary, kBindings);
    octets = sweep(from).octets;
  }
  for (auto _ : state) {
    state.PauseTiming();
    auto side = std::make_unique<Side>(Role::kSecondary, 0);
    state.ResumeTiming();
    benchmark::DoNotOptimize(apply_all(*side, octets));
    state.PauseTiming();
    side.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kBindings);
}
BENCHMARK(ApplySweep)->Unit(benchmark::kMillisecond);

void AcknowledgeSweep(benchmark::State& state) {
  Side from(Role::kPrimary, kBindings);
  std::vector<std::uint8_t> replies;
  {
    Side to(Role::kSecondary, 0);
    replies = apply_all(to, sweep(from).octets);
  }
  for (auto _ : state) {
    for_each_frame(replies, [&](std::span<const std::uint8_t> frame) {
      const auto message = read_message(frame, kNow);
      if (!message) std::abort();
      for (const auto& lease : std::get<BindingReply>(message->body).leases) {
        if (apply_ack(from.context(), lease.ack) == 0) std::abort();
      }
      if (from.shard.change_room() < 64) from.drain();
    });
    from.drain();
  }
  state.SetItemsProcessed(state.iterations() * kBindings);
  state.counters["octets_per_binding"] = static_cast<double>(replies.size()) / kBindings;
}
BENCHMARK(AcknowledgeSweep)->Unit(benchmark::kMillisecond);

void ReuseScan(benchmark::State& state) {
  Side side(Role::kPrimary, 0);
  for (std::uint32_t i = 0; i < kBindings; ++i) side.add(i, BindingStatus::kExpired);
  side.rules.partner_down_since = kNow;
  side.rules.is_in_contact = false;
  for (auto _ : state) {
    for (BindingIndex from = 0; from != kNoBinding;) {
      from = arm_reuse_timers(side.context(), from);
      side.drain();
    }
  }
  state.SetItemsProcessed(state.iterations() * kBindings);
}
BENCHMARK(ReuseScan)->Unit(benchmark::kMillisecond);

event::Shares::Pool shares(const Side& side) {
  const PoolShares found = shares_of(side.service, 0);
  return {.pool = 0, .free_primary = found.free_primary, .free_secondary = found.free_secondary};
}

void BalanceSlash32(benchmark::State& state) {
  std::uint64_t messages = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto side = std::make_unique<Side>(Role::kPrimary, 0);
    messages = 0;
    state.ResumeTiming();
    while (const auto step = next_step(shares(*side), 50)) {
      std::uint64_t left = step->count;
      while (left != 0) {
        const auto block = find_block(side->service, 0, Half::kFree, left);
        if (!block || !move_block(side->service, *block, Half::kFreeBackup)) break;
        left -= std::min<std::uint64_t>(left, 1ULL << (56 - block->length));
        ++messages;
      }
    }
    state.PauseTiming();
    side.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * (1 << 24));
  state.counters["messages"] = static_cast<double>(messages);
}
BENCHMARK(BalanceSlash32)->Unit(benchmark::kMillisecond);

void CountShares(benchmark::State& state) {
  Side side(Role::kPrimary, 0);
  for (auto _ : state) benchmark::DoNotOptimize(shares(side));
}
BENCHMARK(CountShares)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tandem6

BENCHMARK_MAIN();
