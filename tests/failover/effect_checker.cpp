#include "tests/failover/effect_checker.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tandem6 {

namespace {

/// RFC 8156 section 8, written a second time.
Serving::Answers answers_at_most(Role role, EndpointState state) {
  switch (state) {
    case EndpointState::kNormal:
      return role == Role::kPrimary ? Serving::Answers::kEverybody : Serving::Answers::kOwnClients;
    case EndpointState::kCommunicationsInterrupted:
    case EndpointState::kPartnerDown:
    case EndpointState::kResolutionInterrupted:
    case EndpointState::kConflictDone:
      return Serving::Answers::kEverybody;
    case EndpointState::kRecoverDone:
      return Serving::Answers::kOwnClients;
    default:
      return Serving::Answers::kNobody;
  }
}

}  // namespace

void EffectChecker::happens(const Event& event) {
  if (const auto* connected = std::get_if<event::Connected>(&event)) {
    if (opening_ != connected->id) return;
    opening_.reset();
    up_.emplace(connected->id, Connection{});
  } else if (const auto* asked = std::get_if<event::ConnectReceived>(&event)) {
    up_.emplace(asked->id, Connection{});
  } else if (const auto* closed = std::get_if<event::Closed>(&event)) {
    if (opening_ == closed->id) opening_.reset();
    up_.erase(closed->id);
  } else if (const auto* received = std::get_if<event::Received>(&event)) {
    const auto found = up_.find(received->id);
    if (found == up_.end()) return;
    const auto* reply = std::get_if<ConnectReply>(&received->message.body);
    if (reply != nullptr && found->second.has_connected) found->second.is_exchanged = true;
  }
}

void EffectChecker::check(const EndpointEffect& effect) {
  if (const auto* persist = std::get_if<effect::Persist>(&effect)) {
    disk_ = persist->record;
  } else if (const auto* serve = std::get_if<effect::Serve>(&effect)) {
    check_serving(serve->serving);
  } else if (const auto* open = std::get_if<effect::Open>(&effect)) {
    EXPECT_EQ(settings_.role, Role::kPrimary) << "F-082";
    EXPECT_FALSE(opening_) << "two attempts at a time";
    EXPECT_TRUE(up_.empty()) << "a second connection is opened";
    opening_ = open->id;
  } else if (const auto* send = std::get_if<effect::Send>(&effect)) {
    check_sent(*send);
  } else if (const auto* close = std::get_if<effect::Close>(&effect)) {
    if (opening_ == close->id) {
      opening_.reset();
    } else {
      EXPECT_TRUE(up_.contains(close->id)) << "a closed connection is closed";
      up_.erase(close->id);
    }
  }
}

void EffectChecker::check_sent(const effect::Send& send) {
  const auto found = up_.find(send.id);
  ASSERT_NE(found, up_.end()) << "sent on a closed connection: " << name_of(send.message.type());
  EXPECT_TRUE(disk_) << "nothing is on disk";
  EXPECT_LT(send.message.transaction_id, 1U << 24);
  Connection& connection = found->second;
  const auto& body = send.message.body;
  if (std::holds_alternative<Connect>(body)) {
    EXPECT_EQ(settings_.role, Role::kPrimary) << "F-082";
    EXPECT_FALSE(connection.has_connected);
    connection.has_connected = true;
  } else if (const auto* reply = std::get_if<ConnectReply>(&body)) {
    EXPECT_EQ(settings_.role, Role::kSecondary);
    connection.has_connected = connection.is_exchanged = !reply->refusal;
  } else if (const auto* state = std::get_if<State>(&body)) {
    EXPECT_TRUE(connection.is_exchanged) << "F-100: STATE before the exchange";
    connection.has_state = true;
    check_state(*state);
  } else if (!std::holds_alternative<Contact>(body) && !std::holds_alternative<Disconnect>(body)) {
    EXPECT_TRUE(connection.has_state)
        << "F-103: STATE is the first message, not " << name_of(send.message.type());
  }
  const auto accepted =
      std::ranges::count_if(up_, [](const auto& entry) { return entry.second.has_connected; });
  EXPECT_LE(accepted, 1) << "two connections at a time";
}

void EffectChecker::check_state(const State& state) const {
  if (!disk_) return;
  EXPECT_EQ(static_cast<std::uint8_t>(state.state), disk_->state) << "F-114";
  EXPECT_EQ(state.start_time_of_state, disk_->start_time_of_state) << "F-114, F-121";
  EXPECT_EQ(state.partner_down_time.is_none(), state.state != EndpointState::kPartnerDown)
      << "F-113";
}

void EffectChecker::check_serving(const Serving& serving) const {
  if (!disk_) {
    EXPECT_EQ(serving.answers, Serving::Answers::kNobody) << "F-288";
    return;
  }
  const auto state = static_cast<EndpointState>(disk_->state);
  const bool is_partner_down = state == EndpointState::kPartnerDown;
  EXPECT_LE(serving.answers, answers_at_most(settings_.role, state))
      << "more than " << name_of(state) << " allows";
  EXPECT_TRUE(serving.is_bounded || is_partner_down) << "unbounded in " << name_of(state);
  if (!serving.partner_down_since.is_none()) {
    EXPECT_TRUE(is_partner_down);
    EXPECT_EQ(serving.partner_down_since, disk_->start_time_of_state);
  }
  if (state == EndpointState::kRecoverDone && serving.answers != Serving::Answers::kNobody) {
    EXPECT_FALSE(serving.may_allocate) << "F-337";
  }
}

}  // namespace tandem6
