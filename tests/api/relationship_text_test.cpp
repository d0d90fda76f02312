// What an operator is told of each state, with and without contact, as either server.
#include "control/api/relationship_text.h"

#include <gtest/gtest.h>

#include "tests/api/fake_server_view.h"

namespace tandem6 {
namespace {

using enum EndpointState;

constexpr WallTime kNow{2000};
constexpr std::array kStates = {kStartup,
                                kNormal,
                                kCommunicationsInterrupted,
                                kPartnerDown,
                                kPotentialConflict,
                                kRecover,
                                kRecoverWait,
                                kRecoverDone,
                                kResolutionInterrupted,
                                kConflictDone};

RelationshipView view_in(EndpointState state, bool is_in_contact,
                         EndpointState partner_state = kNone) {
  RelationshipView view = relationship_in_normal();
  view.state = state;
  view.is_in_contact = is_in_contact;
  view.partner_state = partner_state;
  return view;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Calls `look` for everything that a relationship may be in, possible or not.
template <typename Look>
void for_each_view(Look look) {
  for (const EndpointState state : kStates) {
    for (const EndpointState partner_state : kStates) {
      for (unsigned bits = 0; bits < 32; ++bits) {
        RelationshipView view = view_in(state, (bits & 1) != 0, partner_state);
        view.role = (bits & 2) != 0 ? Role::kPrimary : Role::kSecondary;
        view.is_partner_starting = (bits & 4) != 0;
        view.serving.is_bounded = (bits & 8) != 0;
        view.has_no_link = (bits & 16) != 0;
        SCOPED_TRACE(std::string(name_of(state)) + ", partner " + name_of(partner_state) +
                     ", bits " + std::to_string(bits));
        look(view);
      }
    }
  }
}

TEST(RelationshipText, EveryStateHasEverySentenceAndNoGapInIt) {
  for_each_view([](const RelationshipView& view) {
    const RelationshipText text = text_of(view, kNow);
    for (const std::string& sentence :
         {text.answers, text.reason, text.at_risk, text.next, text.advice}) {
      EXPECT_FALSE(sentence.empty());
      EXPECT_FALSE(has(sentence, "not known")) << sentence;
      EXPECT_EQ(sentence.find_first_of("{}"), std::string::npos) << sentence;
      EXPECT_NE(sentence.back(), '.') << sentence;
      EXPECT_EQ(sentence.find("  "), std::string::npos) << sentence;
    }
  });
}

// R-56 and common sense: who sees the partner is not told to declare it dead.
TEST(RelationshipText, PartnerDownIsNeverAdvisedInContact) {
  for_each_view([](const RelationshipView& view) {
    if (!view.is_in_contact) return;
    const RelationshipText text = text_of(view, kNow);
    EXPECT_FALSE(has(text.advice, "partner-down")) << text.advice;
    EXPECT_FALSE(has(text.advice, "cannot be reached")) << text.advice;
  });
}

TEST(RelationshipText, PartnerDownIsNeverAdvisedWithoutItsDanger) {
  for_each_view([](const RelationshipView& view) {
    const std::string advice = text_of(view, kNow).advice;
    if (!has(advice, "partner-down")) return;
    EXPECT_TRUE(has(advice, "never while it may be running") || has(advice, "--force")) << advice;
  });
}

// The states in which the command is refused without force are those where --force is named.
TEST(RelationshipText, ForceIsNamedWhereItIsNeeded) {
  for_each_view([](const RelationshipView& view) {
    const std::string advice = text_of(view, kNow).advice;
    if (!has(advice, "partner-down")) return;
    EXPECT_EQ(has(advice, "--force"), view.state == kRecover || view.state == kRecoverWait);
  });
}

TEST(RelationshipText, NormalAsPrimary) {  // 8.8.1
  const RelationshipText text = text_of(view_in(kNormal, true, kNormal), kNow);
  EXPECT_EQ(text.answers,
            "this server, the primary, answers all clients; the secondary answers only what is "
            "addressed to it, such as renewals of leases that it gave");
  EXPECT_EQ(text.reason, "communications are restored, since 2000-01-01T00:25:00Z");
  EXPECT_EQ(text.at_risk, "none: each server tells the other of every lease");
  EXPECT_EQ(text.advice, "nothing");
}

TEST(RelationshipText, NormalAsSecondary) {
  RelationshipView view = view_in(kNormal, true, kNormal);
  view.role = Role::kSecondary;
  const RelationshipText text = text_of(view, kNow);
  EXPECT_TRUE(text.answers.starts_with("the primary, the partner, answers all clients"));
  EXPECT_TRUE(has(text.next, "then this server answers all clients, too"));
  EXPECT_EQ(text.advice, "nothing");
}

// the secondary leaves new clients to a primary that they cannot reach, and only a person can
// tell it.
TEST(RelationshipText, APrimaryThatNoClientReaches) {
  RelationshipView view = view_in(kNormal, true, kNormal);
  view.has_no_link = true;
  const RelationshipText text = text_of(view, kNow);
  EXPECT_TRUE(text.answers.starts_with("NOBODY answers new clients"));
  EXPECT_TRUE(has(text.at_risk, "clients of this server cannot renew"));
  EXPECT_TRUE(has(text.advice, "tandem6ctl shutdown"));
  view.role = Role::kSecondary;
  EXPECT_TRUE(text_of(view, kNow).answers.starts_with("the primary, the partner, answers all"));
  EXPECT_EQ(text_of(view, kNow).advice, "repair the link");
}

TEST(RelationshipText, CommunicationsInterrupted) {  // 8.9.1
  const RelationshipText text = text_of(view_in(kCommunicationsInterrupted, false, kNormal), kNow);
  EXPECT_EQ(text.answers,
            "both servers may answer all clients, this one does; each gives new leases from its "
            "own half only, and no lease for longer than MCLT (1h) beyond what its partner has "
            "acked");
  EXPECT_TRUE(text.at_risk.starts_with("none: "));
  EXPECT_EQ(text.next,
            "NORMAL when the partner can be reached again; until then it stays so "
            "(auto-partner-down is off)");
  EXPECT_EQ(text.advice,
            "find out why the partner cannot be reached, and repair it. If it is really dead and "
            "stays so: `tandem6ctl failover partner-down west`; never while it may be running, or "
            "both could give one lease to two clients. `tandem6ctl failover plan west` says what "
            "it would mean");
}

TEST(RelationshipText, AutoPartnerDownIsAnnouncedWithItsTime) {
  RelationshipView view = view_in(kCommunicationsInterrupted, false, kNormal);
  view.auto_partner_down_at = WallTime{5600};
  const RelationshipText text = text_of(view, kNow);
  EXPECT_EQ(text.next,
            "NORMAL when the partner can be reached again; else PARTNER-DOWN at "
            "2000-01-01T01:33:20Z (auto-partner-down)");
  EXPECT_TRUE(has(text.advice, "before 2000-01-01T01:33:20Z, or stop it"));
}

TEST(RelationshipText, APartnerThatRecoversIsLetAlone) {  // 8.9.2: stay
  for (const EndpointState partner : {kRecover, kRecoverWait}) {
    const RelationshipText text = text_of(view_in(kCommunicationsInterrupted, true, partner), kNow);
    EXPECT_EQ(text.answers, "this server answers all clients; the partner answers nobody now");
    EXPECT_TRUE(has(text.next, "NORMAL when the partner has recovered"));
    EXPECT_TRUE(text.advice.starts_with("nothing"));
  }
}

TEST(RelationshipText, UnackedLeasesAreCounted) {
  RelationshipView view = view_in(kCommunicationsInterrupted, false, kNormal);
  view.unacked_count = 1;
  EXPECT_TRUE(has(text_of(view, kNow).at_risk, "has not acked the newest of 1 lease, "));
  view.unacked_count = 42;
  EXPECT_TRUE(has(text_of(view, kNow).at_risk, "has not acked the newest of 42 leases, "));
}

TEST(RelationshipText, PartnerDownBeforeAndAfterTheMclt) {  // 8.4.1
  RelationshipView view = view_in(kPartnerDown, false, kNormal);
  view.serving.is_bounded = false;
  view.other_half_opens = WallTime{5100};
  EXPECT_TRUE(
      text_of(view, kNow)
          .next.starts_with(
              "from 2000-01-01T01:25:00Z on this server may give prefixes of the partner's half"));
  EXPECT_TRUE(has(text_of(view, WallTime{5100}).next,
                  "Since 2000-01-01T01:25:00Z this server may give prefixes"));
  EXPECT_TRUE(has(text_of(view, kNow).at_risk, "Should it be running"));
  EXPECT_FALSE(has(text_of(view, kNow).advice, "partner-down"));  // it is said already
}

TEST(RelationshipText, PartnerDownAfterAVisitIsBoundedAgain) {
  RelationshipView view = view_in(kPartnerDown, false, kRecoverWait);
  view.serving.is_bounded = true;
  const RelationshipText text = text_of(view, kNow);
  EXPECT_TRUE(has(text.at_risk, "bounded by MCLT (1h) again"));
  EXPECT_TRUE(has(text.advice, "partner-down west` begins a new PARTNER-DOWN"));
}

TEST(RelationshipText, PartnerDownWhileThePartnerRecovers) {  // 8.4.2
  RelationshipView view = view_in(kPartnerDown, true, kRecover);
  EXPECT_TRUE(has(text_of(view, kNow).next, "NORMAL when the partner has all leases"));
  view.partner_state = kRecoverDone;
  EXPECT_TRUE(has(text_of(view, kNow).next, "NORMAL when each server has told the other"));
  view.is_partner_starting = true;
  EXPECT_TRUE(has(text_of(view, kNow).answers, "the partner is starting and answers nobody yet"));
}

TEST(RelationshipText, Recover) {  // 8.5
  RelationshipText text = text_of(view_in(kRecover, true, kPartnerDown), kNow);
  EXPECT_EQ(text.answers,
            "this server answers nobody until it has recovered; the partner answers all clients");
  EXPECT_TRUE(text.next.starts_with("RECOVER-WAIT when "));
  text = text_of(view_in(kRecover, false), kNow);
  EXPECT_TRUE(has(text.answers, "the partner cannot be heard"));
  EXPECT_TRUE(has(text.advice, "partner-down west --force`"));
}

TEST(RelationshipText, RecoverWaitSaysUntilWhen) {  // 8.6, R-44
  RelationshipView view = view_in(kRecoverWait, true, kPartnerDown);
  view.recover_wait_end = WallTime{3600};
  const RelationshipText text = text_of(view, kNow);
  EXPECT_TRUE(has(text.answers,
                  "answers nobody until 2000-01-01T01:00:00Z; the partner answers "
                  "all clients"));
  EXPECT_TRUE(text.next.starts_with("RECOVER-DONE at 2000-01-01T01:00:00Z"));
}

TEST(RelationshipText, RecoverDone) {  // 8.7.1, R-48
  const RelationshipText text = text_of(view_in(kRecoverDone, true, kPartnerDown), kNow);
  EXPECT_TRUE(text.answers.starts_with("this server answers only renewals"));
  EXPECT_TRUE(text.next.starts_with("NORMAL"));
}

TEST(RelationshipText, PotentialConflictByRole) {  // 8.10, figure 9
  RelationshipView view = view_in(kPotentialConflict, true, kPotentialConflict);
  EXPECT_TRUE(text_of(view, kNow).answers.starts_with("neither server answers anybody"));
  EXPECT_TRUE(text_of(view, kNow).next.starts_with("CONFLICT-DONE"));
  EXPECT_TRUE(text_of(view, kNow).at_risk.starts_with("perhaps"));
  view.role = Role::kSecondary;
  EXPECT_TRUE(has(text_of(view, kNow).next, "the primary is through first"));
  view.partner_state = kConflictDone;
  EXPECT_TRUE(text_of(view, kNow).answers.starts_with("the primary, the partner, answers all"));
}

TEST(RelationshipText, ResolutionInterrupted) {  // 8.11
  const RelationshipText text =
      text_of(view_in(kResolutionInterrupted, false, kPotentialConflict), kNow);
  EXPECT_TRUE(text.answers.starts_with("both servers may answer all clients"));
  EXPECT_TRUE(text.at_risk.starts_with("perhaps"));
  EXPECT_TRUE(text.next.starts_with("POTENTIAL-CONFLICT when the partner can be reached again"));
}

TEST(RelationshipText, ConflictDone) {  // 8.12
  RelationshipText text = text_of(view_in(kConflictDone, true, kPotentialConflict), kNow);
  EXPECT_TRUE(text.answers.starts_with("this server, the primary, answers all clients"));
  EXPECT_EQ(text.next, "NORMAL when the secondary is");
  text = text_of(view_in(kConflictDone, false, kPotentialConflict), kNow);
  EXPECT_TRUE(text.answers.starts_with("both servers may answer"));
}

TEST(RelationshipText, Startup) {  // 8.3.1
  const RelationshipText text = text_of(view_in(kStartup, false), kNow);
  EXPECT_TRUE(text.answers.starts_with("this server answers nobody yet"));
  EXPECT_EQ(text.advice, "nothing");
}

}  // namespace
}  // namespace tandem6
