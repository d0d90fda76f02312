// One IA of a client as RFC 8415 wants it: asks until it is answered, renews, rebinds, gives back.
// It counts its lease from when it sent the first of the messages that brought it, as a careful
// client does; so what two clients hold at one time was given twice.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "tests/server/server_bench.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/random_stream.h"

namespace tandem6::simulation {

struct HeldLease {
  Ipv6Prefix lease;
  Milliseconds until = 0;
};

class SimulatedClient {
 public:
  /// `send` takes a datagram to every server that its link reaches; `server_duids` in the order of
  /// the servers.
  SimulatedClient(unsigned number, IaType type, RandomStream random,
                  const std::vector<Duid>& server_duids, bool wants_rapid_commit,
                  std::function<void(const Octets&)> send);

  /// Its timer is due. Returns the time of the next.
  Milliseconds act(Milliseconds now);
  /// Returns the time of its next timer.
  Milliseconds receive(unsigned server, const Reply& reply, Milliseconds now);

  // --- What befalls it.
  void come(Milliseconds now);
  void leave();
  void release(Milliseconds now) { give_back(State::kReleasing, now); }
  void decline(Milliseconds now) { give_back(State::kDeclining, now); }
  void forget(Milliseconds now);
  void roam(std::uint16_t port, Milliseconds now);

  [[nodiscard]] unsigned number() const noexcept { return number_; }
  [[nodiscard]] IaType type() const noexcept { return type_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] bool is_gone() const noexcept { return state_ == State::kGone; }
  [[nodiscard]] bool is_bound(Milliseconds now) const noexcept;
  [[nodiscard]] Milliseconds next_act() const noexcept { return next_act_; }
  /// What it believes to have; some may be over.
  [[nodiscard]] const std::vector<HeldLease>& held() const noexcept { return held_; }

 private:
  enum class State : std::uint8_t {
    kGone,
    kSoliciting,
    kRequesting,
    kBound,
    kRenewing,
    kRebinding,
    kReleasing,
    kDeclining,
  };

  void begin(State state, Milliseconds now);
  void give_back(State state, Milliseconds now);
  void transmit();
  void try_again(Milliseconds now);
  void take_reply(unsigned server, const ReplyIa& ia, Milliseconds now);
  void hold(const Ipv6Prefix& lease, Milliseconds until);
  void let_go(const Ipv6Prefix& lease);
  void wait_for_t1(const ReplyIa& ia, std::uint32_t valid);
  void put_ia(PacketBuilder& packet, const std::optional<Ipv6Prefix>& lease) const;

  const unsigned number_;
  const IaType type_;
  RandomStream random_;
  const std::vector<Duid>& server_duids_;
  const bool wants_rapid_commit_;
  const std::function<void(const Octets&)> send_;

  State state_ = State::kGone;
  std::uint16_t port_ = 0;
  std::uint32_t transaction_id_ = 0;
  Milliseconds began_ = 0;  // first transmission of the exchange under way
  unsigned tries_ = 0;
  Milliseconds next_act_ = 0;
  std::optional<unsigned> server_;    // whom it asks, or who gave the lease
  std::optional<Ipv6Prefix> wanted_;  // offered, or what it has
  Milliseconds rebind_at_ = 0;
  Milliseconds ends_at_ = 0;
  std::vector<HeldLease> held_;
};

}  // namespace tandem6::simulation
