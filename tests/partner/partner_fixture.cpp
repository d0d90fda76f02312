#include "tests/partner/partner_fixture.h"

namespace tandem6 {
namespace {

using std::chrono::milliseconds;
constexpr auto kPatience = std::chrono::seconds(20);

}  // namespace

FailoverMessage binding_reply(std::uint32_t transaction_id, std::size_t text_size) {
  BindingReply reply;
  reply.status = {.code = StatusCode::kUnspecFail, .text = std::string(text_size, 'x')};
  return {.transaction_id = transaction_id, .sent_time = kNoTime, .body = std::move(reply)};
}

// A machine that is busy is not a server that stood still; tests that mean it say so.
PartnerTest::PartnerTest() { limits_.standstill_max = std::chrono::minutes(5); }

PartnerTest::~PartnerTest() = default;

PartnerSettings PartnerTest::settings(Role role) const {
  PartnerSettings settings;
  settings.endpoint.relationship_name = kName;
  settings.endpoint.role = role;
  settings.local = kHere;
  settings.partner = kHere;
  settings.port = listener_ == nullptr ? std::uint16_t{0} : listener_->port();
  return settings;
}

void PartnerTest::make_link(End& end, const PartnerSettings& settings) {
  PartnerLink::Callbacks callbacks;
  callbacks.connected = [&end](ConnectionId id) { end.connected.push_back(id); };
  callbacks.connect_received = [&end](ConnectionId id, FailoverMessage&& message, WallTime at) {
    end.connects.push_back({id, std::move(message), at});
    ++end.connect_count;
  };
  callbacks.received = [&end](ConnectionId id, FailoverMessage&& message, WallTime at) {
    end.received.push_back({id, std::move(message), at});
    ++end.received_count;
    if (end.on_received) end.on_received(id);
  };
  callbacks.closed = [&end](ConnectionId id, std::string why) {
    end.closed.emplace_back(id, std::move(why));
  };
  callbacks.refused = [&end](std::string why) { end.refused.push_back(std::move(why)); };
  end.link = std::make_unique<PartnerLink>(
      context_, settings, [this, &end] { return WallTime{now_.seconds + end.clock_offset}; },
      std::move(callbacks), limits_);
}

void PartnerTest::listen() { listen(settings(Role::kSecondary)); }

void PartnerTest::listen(const PartnerSettings& settings) {
  auto opened = PartnerListener::open(context_, settings.local, 0, limits_);
  ASSERT_TRUE(opened.has_value()) << opened.error();
  listener_ = std::move(*opened);
  make_link(secondary_, settings);
  listener_->add(*secondary_.link);
}

void PartnerTest::make_primary() { make_primary(settings(Role::kPrimary)); }

void PartnerTest::make_primary(PartnerSettings settings) {
  settings.port = listener_->port();
  make_link(primary_, settings);
}

void PartnerTest::bring_up() {
  primary_.link->open(1);
  run_until([this] { return !primary_.connected.empty() || !primary_.closed.empty(); });
  ASSERT_EQ(primary_.last_why(), "");
  primary_.link->send(1, connect_message(kName));
  run_until([this] { return !secondary_.connects.empty() || !primary_.closed.empty(); });
  ASSERT_EQ(primary_.last_why(), "");
  ASSERT_EQ(secondary_.connects.back().id, 1U);
}

void PartnerTest::run_until(const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!is_so()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "it did not come to that";
    context_.restart();
    context_.run_one_for(milliseconds(10));
  }
}

void PartnerTest::run_for(milliseconds time) {
  context_.restart();
  context_.run_for(time);
}

void PartnerTest::play(const std::function<void()>& script,
                       const std::function<void()>& meanwhile) {
  auto played = std::async(std::launch::async, script);
  run_until([&] {
    if (meanwhile) meanwhile();
    return played.wait_for(milliseconds(0)) == std::future_status::ready;
  });
  played.get();
}

void PartnerTest::play_primary(const std::function<void(RawPeer&)>& script,
                               const std::function<void()>& meanwhile) {
  play(
      [&script, port = listener_->port()] {
        RawPeer peer(kHere, kHere, port);
        script(peer);
      },
      meanwhile);
}

}  // namespace tandem6
