#include "tests/simulation/simulated_client.h"

#include <algorithm>

namespace tandem6::simulation {

namespace {

constexpr Milliseconds kNever = INT64_MAX / 2;
constexpr Milliseconds kFirstRetransmissionMs = 1000;
constexpr Milliseconds kLastRetransmissionMs = 8000;
constexpr unsigned kRequestTries = 4;
constexpr unsigned kGiveBackTries = 3;
// After it has given a lease back no copy of that message is on its way any more.
constexpr Milliseconds kPauseMs = 6000;

MessageType message_of(std::uint8_t state) {
  constexpr MessageType kTypes[] = {
      MessageType::kSolicit, MessageType::kSolicit, MessageType::kRequest, MessageType::kRenew,
      MessageType::kRenew,   MessageType::kRebind,  MessageType::kRelease, MessageType::kDecline};
  return kTypes[state];
}

}  // namespace

SimulatedClient::SimulatedClient(unsigned number, IaType type, RandomStream random,
                                 const std::vector<Duid>& server_duids, bool wants_rapid_commit,
                                 std::function<void(const Octets&)> send)
    : number_(number),
      type_(type),
      random_(random),
      server_duids_(server_duids),
      wants_rapid_commit_(wants_rapid_commit),
      send_(std::move(send)),
      next_act_(kNever) {}

bool SimulatedClient::is_bound(Milliseconds now) const noexcept {
  return state_ != State::kGone &&
         std::ranges::any_of(held_, [&](const HeldLease& each) { return each.until > now; });
}

// --- What befalls it.

void SimulatedClient::come(Milliseconds now) {
  if (state_ == State::kGone) begin(State::kSoliciting, now);
}

void SimulatedClient::leave() {
  state_ = State::kGone;
  next_act_ = kNever;
}

void SimulatedClient::forget(Milliseconds now) {
  wanted_.reset();
  begin(State::kSoliciting, now);
}

void SimulatedClient::roam(std::uint16_t port, Milliseconds now) {
  port_ = port;
  if (state_ == State::kGone) return;
  const bool has_lease =
      state_ == State::kBound || state_ == State::kRenewing || state_ == State::kRebinding;
  if (state_ == State::kReleasing || state_ == State::kDeclining) wanted_.reset();
  begin(has_lease && wanted_ ? State::kRebinding : State::kSoliciting, now);
}

void SimulatedClient::give_back(State state, Milliseconds now) {
  if (state_ != State::kBound || !wanted_ || !server_) return;
  if (state == State::kDeclining && type_ != IaType::kNonTemporaryAddress) return;
  let_go(*wanted_);
  begin(state, now);
}

// --- Exchanges.

void SimulatedClient::begin(State state, Milliseconds now) {
  state_ = state;
  began_ = now;
  tries_ = 0;
  transaction_id_ = static_cast<std::uint32_t>(random_.next() & 0xffffff);
  next_act_ = now;
}

Milliseconds SimulatedClient::act(Milliseconds now) {
  if (next_act_ > now) return next_act_;
  switch (state_) {
    case State::kGone:
      next_act_ = kNever;
      break;
    case State::kBound:
      if (now >= ends_at_) {
        wanted_.reset();
        begin(State::kSoliciting, now);
      } else {
        begin(now < rebind_at_ ? State::kRenewing : State::kRebinding, now);
      }
      try_again(now);
      break;
    case State::kRequesting:
      if (tries_ >= kRequestTries) begin(State::kSoliciting, now);
      try_again(now);
      break;
    case State::kReleasing:
    case State::kDeclining:
      if (tries_ < kGiveBackTries) {
        try_again(now);
      } else {
        wanted_.reset();
        begin(State::kSoliciting, now);
        next_act_ = now + kPauseMs;
      }
      break;
    case State::kRenewing:
    case State::kRebinding:
      if (now >= ends_at_) {
        wanted_.reset();
        begin(State::kSoliciting, now);
      } else if (state_ == State::kRenewing && now >= rebind_at_) {
        begin(State::kRebinding, now);
      }
      try_again(now);
      break;
    case State::kSoliciting:
      try_again(now);
      break;
  }
  return next_act_;
}

void SimulatedClient::try_again(Milliseconds now) {
  // A lease may have come with a repeat of an earlier exchange; the time of this one counts.
  if (tries_ == 0) began_ = now;
  const Milliseconds wait =
      std::min(kFirstRetransmissionMs << std::min(tries_, 5U), kLastRetransmissionMs);
  ++tries_;
  next_act_ = now + wait + random_.below(static_cast<std::uint32_t>(wait / 5));
  transmit();
}

void SimulatedClient::put_ia(PacketBuilder& packet, const std::optional<Ipv6Prefix>& lease) const {
  if (type_ == IaType::kNonTemporaryAddress) {
    packet.ia_na(Iaid{1},
                 lease ? std::vector<Ipv6Address>{lease->address} : std::vector<Ipv6Address>{});
  } else {
    packet.ia_pd(Iaid{1}, lease ? std::vector<Ipv6Prefix>{*lease} : std::vector<Ipv6Prefix>{});
  }
}

void SimulatedClient::transmit() {
  PacketBuilder packet(message_of(static_cast<std::uint8_t>(state_)), transaction_id_);
  packet.client_id(ServerBench::client_duid(number_));
  if (state_ != State::kSoliciting && state_ != State::kRebinding) {
    packet.server_id(server_duids_[*server_]);
  }
  if (state_ == State::kSoliciting && wants_rapid_commit_) packet.rapid_commit();
  put_ia(packet, wanted_);
  send_(packet.bytes());
}

Milliseconds SimulatedClient::receive(unsigned server, const Reply& reply, Milliseconds now) {
  if (reply.transaction_id != transaction_id_ || tries_ == 0) return next_act_;
  const auto ia =
      std::ranges::find_if(reply.ias, [&](const ReplyIa& each) { return each.type == type_; });
  switch (state_) {
    case State::kSoliciting:
      if (ia != reply.ias.end() && ia->status == StatusCode::kNotOnLink) wanted_.reset();
      if (ia == reply.ias.end() || ia->leases.empty()) break;
      if (reply.type == MessageType::kReply) {
        take_reply(server, *ia, now);
      } else {
        server_ = server;
        wanted_ = ia->leases.front().lease;
        begin(State::kRequesting, now);
      }
      break;
    case State::kRequesting:
    case State::kRenewing:
    case State::kRebinding:
      if (reply.type == MessageType::kReply && ia != reply.ias.end()) take_reply(server, *ia, now);
      break;
    case State::kReleasing:
    case State::kDeclining:
      tries_ = kGiveBackTries;
      next_act_ = now;
      break;
    case State::kGone:
    case State::kBound:
      break;
  }
  return next_act_;
}

/// What it lost it stops using at once; what it got it has from when it asked.
void SimulatedClient::take_reply(unsigned server, const ReplyIa& ia, Milliseconds now) {
  bool has_lease = false;
  for (const ReplyLease& lease : ia.leases) {
    if (lease.valid == 0) {
      let_go(lease.lease);
      if (wanted_ == lease.lease) wanted_.reset();
      continue;
    }
    const Milliseconds until = began_ + 1000 * static_cast<Milliseconds>(lease.valid);
    hold(lease.lease, until);
    if (has_lease) continue;
    has_lease = true;
    wanted_ = lease.lease;
    ends_at_ = until;
    wait_for_t1(ia, lease.valid);
  }
  if (has_lease) {
    server_ = server;
    state_ = State::kBound;
    tries_ = 0;
  } else if (state_ != State::kRebinding || !wanted_) {
    // NoBinding, NoAddrsAvail or a lease that is over: from the beginning, and not at once.
    begin(State::kSoliciting, now);
    next_act_ = now + 500;
  }
}

/// Some renew in time, some only when another server may answer, some never.
void SimulatedClient::wait_for_t1(const ReplyIa& ia, std::uint32_t valid) {
  const Milliseconds t1 = 1000 * static_cast<Milliseconds>(ia.t1 != 0 ? ia.t1 : valid / 2);
  const Milliseconds t2 = 1000 * static_cast<Milliseconds>(ia.t2 != 0 ? ia.t2 : valid * 4 / 5);
  rebind_at_ = began_ + std::min(t2, ends_at_ - began_);
  const std::uint32_t habit = random_.below(10);
  next_act_ = habit < 7 ? began_ + t1 : habit < 9 ? rebind_at_ : ends_at_ + 1000;
}

void SimulatedClient::hold(const Ipv6Prefix& lease, Milliseconds until) {
  let_go(lease);
  held_.push_back({lease, until});
}

void SimulatedClient::let_go(const Ipv6Prefix& lease) {
  std::erase_if(held_, [&](const HeldLease& each) { return each.lease == lease; });
}

}  // namespace tandem6::simulation
