// The packet path allocates nothing: every message type through parser and responder, with the
// allocating functions of this process counted.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/server/pair_rules.h"
#include "tests/server/server_bench.h"

namespace {
std::atomic<std::uint64_t> allocation_count{0};

void* counted(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
  ++allocation_count;
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace tandem6 {
namespace {

using enum MessageType;

std::vector<Octets> datagrams() {
  std::vector<Octets> all;
  for (std::uint32_t n = 0; n < 30; ++n) {
    const Duid client = n % 2 == 0 ? ServerBench::client_duid(n) : Duid(Octets(100 + n, 7));
    for (const MessageType type :
         {kSolicit, kRequest, kRenew, kRebind, kConfirm, kDecline, kRequest, kRelease, kRequest}) {
      PacketBuilder packet = type == kSolicit || type == kRebind || type == kConfirm
                                 ? PacketBuilder(type, n).client_id(client)
                                 : to_server(type, client);
      packet.ia_na(Iaid{1}, {address_of("2001:db8:7::55"), address_of("2001:db8:99::1")})
          .ia_na(Iaid{2})
          .ia_pd(Iaid{1}, {Ipv6Prefix{{}, 56}})
          .oro({23, 39, 65, 67})
          .client_fqdn(1, {4, 'h', 'o', 's', 't'})
          .rapid_commit();
      if (n % 3 == 0) {
        packet.relay(0, address_of("2001:db8:7::1"), address_of("fe80::1"))
            .interface_id({1, 2})
            .remote_id(9, "remote")
            .option(OptionCode::kRelaySuppliedOptions, encoded_option(65, {1}));
      }
      all.push_back(packet.bytes());
    }
    all.push_back(PacketBuilder(kInformationRequest, n).oro({23, 32}).bytes());
  }
  return all;
}

ServerSettings everything() {
  ServerSettings settings = ServerBench::default_settings();
  settings.links[0].rapid_commit = true;
  settings.links[0].address_pools.push_back(prefix_of("2001:db8:70::/120"));
  settings.links[0].prefix_pools[0].excluded_length = 64;
  settings.relay_supplied_options = {65};
  settings.domain_suffix = "example.net";
  settings.links[0].reservations.push_back({.duid = ServerBench::client_duid(4),
                                            .iaid = std::nullopt,
                                            .address = address_of("2001:db8:7::beef"),
                                            .prefix = prefix_of("2001:db8:abcd::/48")});
  return settings;
}

/// Sends all messages thrice, hours apart; returns how many were answered. `before_round` allocates
/// nothing.
template <typename BeforeRound>
std::uint64_t send_all(ServerBench& bench, BeforeRound&& before_round) {
  const std::vector<Octets> messages = datagrams();
  std::vector<Change> drained(4096);
  Octets buffer(1232);
  std::uint64_t answered = 0;
  const auto message = std::make_unique<ParsedMessage>();
  const Envelope direct = ServerBench::direct_envelope();
  const Envelope relayed = ServerBench::relay_envelope();

  const std::uint64_t before = allocation_count;
  for (int round = 0; round < 3; ++round) {
    before_round(round);
    for (const Octets& datagram : messages) {
      if (parse(datagram, *message, *bench.counters[0]) != DropReason::kNone) continue;
      const Envelope& envelope = message->is_relayed() ? relayed : direct;
      const Outcome outcome = bench.responders[0]->respond(envelope, *message, bench.now, buffer);
      answered += outcome.drop == DropReason::kNone;
      bench.shard().changes().pop(drained);
    }
    bench.now.seconds += 10000;
    while (bench.responders[0]->expire(bench.now, 64) != 0) bench.shard().changes().pop(drained);
  }
  EXPECT_EQ(allocation_count - before, 0u);
  return answered;
}

TEST(NoAllocation, on_the_way_of_any_message) {
  ServerBench bench(everything());
  EXPECT_GT(send_all(bench, [](int) {}), 700u);
  // The counting itself works.
  const std::uint64_t counted_before = allocation_count;
  const auto something = std::make_unique<Octets>(10);
  EXPECT_GT(allocation_count, counted_before);
}

TEST(NoAllocation, on_a_server_of_a_pair) {
  ServerSettings settings = everything();
  settings.links[0].relationship = 0;
  for (const Role role : {Role::kPrimary, Role::kSecondary}) {
    ServerBench bench(settings);
    const std::uint64_t answered = send_all(bench, [&](int round) {
      bench.set_rules(round == 0   ? interrupted(role)
                      : round == 1 ? partner_down(role, bench.now)
                                   : normal(role));
    });
    EXPECT_GT(answered, 500u);
  }
}

}  // namespace
}  // namespace tandem6
