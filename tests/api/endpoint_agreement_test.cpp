// What operators are told is what the endpoint does: its own answer to partner-down, and whom it
// serves, in every state that a server can be in without contact.
#include <gtest/gtest.h>

#include "control/api/partner_down_plan.h"
#include "control/api/relationship_text.h"
#include "control/failover/endpoint.h"
#include "tests/api/fake_server_view.h"

namespace tandem6 {
namespace {

using enum EndpointState;

constexpr WallTime kStart{100000};
constexpr std::array kStates = {
    kStartup,      kCommunicationsInterrupted, kPartnerDown, kRecover, kRecoverWait, kRecoverDone,
    kConflictDone, kResolutionInterrupted};

struct Situation {
  EndpointState state;
  Role role = Role::kPrimary;
  bool was_visited = false;  // in PARTNER-DOWN, by the partner
};

std::vector<Situation> situations() {
  std::vector<Situation> all;
  for (const EndpointState state : kStates) {
    all.push_back({.state = state});
    if (state != kConflictDone) all.push_back({.state = state, .role = Role::kSecondary});
  }
  all.push_back({.state = kPartnerDown, .was_visited = true});
  return all;
}

/// A server that stopped in the state, and has waited for its partner in vain.
class LonelyEndpoint {
 public:
  explicit LonelyEndpoint(const Situation& situation) : endpoint_(settings_of(situation.role)) {
    const bool stays_in_startup = situation.state == kStartup;
    EndpointRecord record;
    record.role = static_cast<std::uint8_t>(situation.role);
    record.state = static_cast<std::uint8_t>(stays_in_startup ? kPartnerDown : situation.state);
    record.has_communicated = true;
    record.start_time_of_state = WallTime{90000};
    record.last_contact = situation.was_visited ? WallTime{91000} : WallTime{89000};
    record.last_heartbeat = WallTime{95000};
    if (situation.state == kRecoverWait) record.recover_wait_end = WallTime{200000};
    record.mclt = Lifetime{3600};
    step(event::Start{.record = record}, kStart);
    if (!stays_in_startup) step(event::Tick{}, now());
    EXPECT_EQ(endpoint_.state(), situation.state);
  }

  [[nodiscard]] static WallTime now() { return kStart + Lifetime{20}; }
  [[nodiscard]] RelationshipView view() const {
    RelationshipView view = relationship_in_normal();
    view.role = endpoint_.settings().role;
    view.state = endpoint_.state();
    view.since = endpoint_.start_time_of_state();
    view.is_in_contact = endpoint_.communications_ok();
    view.partner_state = endpoint_.partner_state();
    view.serving = endpoint_.serving();
    view.recover_wait_end = endpoint_.record().recover_wait_end;
    return view;
  }
  [[nodiscard]] effect::CommandDone declare_partner_down(bool is_forced) {
    step(event::PartnerDown{.is_forced = is_forced}, now());
    for (const EndpointEffect& each : effects_) {
      if (const auto* done = std::get_if<effect::CommandDone>(&each)) return *done;
    }
    ADD_FAILURE() << "no answer";
    return {};
  }

 private:
  static EndpointSettings settings_of(Role role) {
    EndpointSettings settings;
    settings.relationship_name = "west";
    settings.role = role;
    return settings;
  }
  void step(Event&& event, WallTime now) {
    effects_.clear();
    endpoint_.step(std::move(event), now, effects_);
  }

  Endpoint endpoint_;
  Effects effects_;
};

std::string name_of(const Situation& situation) {
  return std::string(name_of(situation.state)) +
         (situation.role == Role::kPrimary ? ", primary" : ", secondary") +
         (situation.was_visited ? ", was visited" : "");
}

TEST(EndpointAgreement, ThePlanSaysWhatTheCommandDoes) {
  for (const Situation& situation : situations()) {
    SCOPED_TRACE(name_of(situation));
    LonelyEndpoint endpoint(situation);
    const PartnerDownPlan plan = plan_partner_down(endpoint.view(), {}, LonelyEndpoint::now());
    const bool needs_force = plan.verdict == PartnerDownVerdict::kNeedsForce;
    const effect::CommandDone done = endpoint.declare_partner_down(false);
    EXPECT_EQ(done.taken, !needs_force && plan.verdict != PartnerDownVerdict::kRefused);
    EXPECT_EQ(plan.verdict == PartnerDownVerdict::kAlready, done.text == "PARTNER-DOWN already");
    if (needs_force) {
      EXPECT_TRUE(endpoint.declare_partner_down(true).taken);
    }
  }
}

TEST(EndpointAgreement, TheSentenceNamesThoseWhoAreServed) {
  for (const Situation& situation : situations()) {
    SCOPED_TRACE(name_of(situation));
    const RelationshipView view = LonelyEndpoint(situation).view();
    const std::string answers = text_of(view, LonelyEndpoint::now()).answers;
    const auto says = [&](const char* words) { return answers.find(words) != std::string::npos; };
    switch (view.serving.answers) {
      case Serving::Answers::kNobody:
        EXPECT_TRUE(says("this server answers nobody")) << answers;
        break;
      case Serving::Answers::kOwnClients:
        EXPECT_TRUE(says("this server answers only renewals")) << answers;
        break;
      case Serving::Answers::kEverybody:
        EXPECT_TRUE(says("this server answers all clients") || says("this one does")) << answers;
        break;
    }
  }
}

TEST(EndpointAgreement, PartnerDownOpensWhatThePlanSays) {  // 8.4.1
  LonelyEndpoint endpoint({.state = kCommunicationsInterrupted});
  const WallTime from = plan_partner_down(endpoint.view(), {}, LonelyEndpoint::now()).usable_from;
  EXPECT_TRUE(endpoint.declare_partner_down(false).taken);
  const Serving serving = endpoint.view().serving;
  EXPECT_FALSE(serving.is_bounded);
  EXPECT_EQ(from, serving.partner_down_since + serving.mclt_max);
}

}  // namespace
}  // namespace tandem6
