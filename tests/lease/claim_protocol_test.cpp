// Runs the steps of claim_protocol.h in every order that two, three or four shards can take them,
// on a small memory, and looks at each state that can be reached: nowhere do two hold one lease.
//
// A shard's next step is found by running its action from the start with the results of the steps
// that it has done already; the first step without a result is done on the memory, and the next one
// ends the run. So the code that is checked is the code that ships.
#include "dataplane/lease/claim_protocol.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

namespace tandem6 {
namespace {

using claim_protocol::Key;
using claim_protocol::kStateFree;
using claim_protocol::kStatePending;
using claim_protocol::kStateTaken;

constexpr unsigned kSlots = 3;
constexpr Key kLease{.home = 0, .fingerprint = 7ULL << claim_protocol::kFingerprintShift};
constexpr Key kOther{.home = 0, .fingerprint = 8ULL << claim_protocol::kFingerprintShift};

enum class Action : std::uint8_t { kClaim, kRelease, kReleaseOther, kAskHolder };

struct Shard {
  std::vector<Action> actions;
  std::size_t done = 0;              // of the actions
  std::vector<std::uint64_t> log{};  // results of the steps of the action under way
  bool holds = false;
  std::vector<ClaimResult> results{};
  std::vector<ShardId> answers{};
};

struct State {
  std::array<std::uint64_t, kSlots> slots{};
  std::uint64_t reach = 0;
  std::vector<Shard> shards{};
};

// Ways to break the rules, to see that the search sees it.
enum class Fault : std::uint8_t { kNone, kReachNotRaised, kReachReadTooEarly, kKnockOutLost };

struct NextStep {};  // thrown where the run of one step ends

template <Fault kFault>
class SteppedMemory {
 public:
  static constexpr unsigned kWindow = kSlots;

  SteppedMemory(State& state, std::vector<std::uint64_t>& log) : state_(state), log_(log) {}

  std::uint64_t load(std::uint64_t slot) {
    return step([&] { return state_.slots.at(slot); });
  }
  bool exchange_if(std::uint64_t slot, std::uint64_t expected, std::uint64_t desired) {
    return step([&]() -> std::uint64_t {
             if (state_.slots.at(slot) != expected) return 0;
             const bool lost = kFault == Fault::kKnockOutLost && desired == kStateFree &&
                               claim_protocol::state_of(expected) == kStatePending;
             if (!lost) state_.slots.at(slot) = desired;
             return 1;
           }) != 0;
  }
  unsigned reach(std::uint64_t) {
    if (kFault == Fault::kReachReadTooEarly && reach_read_) return first_reach_;
    reach_read_ = true;
    first_reach_ = static_cast<unsigned>(step([&] { return state_.reach; }));
    return first_reach_;
  }
  void raise_reach(std::uint64_t, unsigned displacement) {
    (void)step([&] {
      if (kFault != Fault::kReachNotRaised) {
        state_.reach = std::max<std::uint64_t>(state_.reach, displacement);
      }
      return std::uint64_t{0};
    });
  }

 private:
  template <typename Operation>
  std::uint64_t step(const Operation& operation) {
    if (at_ < log_.size()) return log_[at_++];
    if (stepped_) throw NextStep();
    stepped_ = true;
    log_.push_back(operation());
    return log_[at_++];
  }

  State& state_;
  std::vector<std::uint64_t>& log_;
  std::size_t at_ = 0;
  bool stepped_ = false;
  bool reach_read_ = false;
  unsigned first_reach_ = 0;
};

template <Fault kFault>
void run_action(State& state, Shard& shard, ShardId id) {
  SteppedMemory<kFault> memory(state, shard.log);
  switch (shard.actions[shard.done]) {
    case Action::kClaim: {
      const ClaimResult result = claim_protocol::claim(memory, kLease, id);
      shard.results.push_back(result);
      if (result == ClaimResult::kClaimed) shard.holds = true;
      break;
    }
    case Action::kRelease:
      if (shard.holds) {
        shard.holds = false;  // from its first step on it relies on nothing
        try {
          claim_protocol::release(memory, kLease, id);
        } catch (const NextStep&) {
          shard.holds = true;
          throw;
        }
      }
      break;
    case Action::kReleaseOther:
      claim_protocol::release(memory, kOther, id);
      break;
    case Action::kAskHolder:
      shard.answers.push_back(claim_protocol::holder(memory, kLease));
      break;
  }
}

// One step of one shard.
template <Fault kFault>
void advance(State& state, std::size_t number) {
  Shard& shard = state.shards[number];
  try {
    run_action<kFault>(state, shard, static_cast<ShardId>(number));
  } catch (const NextStep&) {
    return;
  }
  ++shard.done;
  shard.log.clear();
}

std::string image_of(const State& state) {
  std::string image(reinterpret_cast<const char*>(state.slots.data()), sizeof(state.slots));
  image += static_cast<char>(state.reach);
  for (const Shard& shard : state.shards) {
    image += static_cast<char>(shard.done);
    image += static_cast<char>(shard.holds);
    for (const std::uint64_t result : shard.log) {
      image.append(reinterpret_cast<const char*>(&result), 8);
    }
    image += '/';
    for (const ClaimResult result : shard.results) image += static_cast<char>(result);
    image += '/';
    for (const ShardId answer : shard.answers) image += static_cast<char>(answer);
    image += '/';
  }
  return image;
}

bool is_safe(const State& state) {
  const auto is_taken = [](std::uint64_t word) {
    return kLease.names(word) && claim_protocol::state_of(word) == kStateTaken;
  };
  return std::ranges::count_if(state.slots, is_taken) <= 1 &&
         std::ranges::count_if(state.shards, &Shard::holds) <= 1;
}

struct Findings {
  std::size_t state_count = 0;
  bool safe = true;
  std::vector<State> ends{};  // all that can be, each once
};

template <Fault kFault = Fault::kNone>
Findings explore(const State& start) {
  Findings findings;
  std::unordered_set<std::string> seen{image_of(start)};
  std::vector<State> open{start};
  while (!open.empty() && findings.safe) {
    const State state = std::move(open.back());
    open.pop_back();
    findings.safe = is_safe(state);
    bool ended = true;
    for (std::size_t i = 0; i < state.shards.size(); ++i) {
      if (state.shards[i].done == state.shards[i].actions.size()) continue;
      ended = false;
      State next = state;
      advance<kFault>(next, i);
      if (seen.insert(image_of(next)).second) open.push_back(std::move(next));
    }
    if (ended) findings.ends.push_back(state);
  }
  findings.state_count = seen.size();
  return findings;
}

constexpr Action kClaim = Action::kClaim;
constexpr Action kRelease = Action::kRelease;

Shard shard_that(std::vector<Action> actions) { return Shard{.actions = std::move(actions)}; }

// The first slot is taken for another lease by the last shard, who gives it back meanwhile: so
// claimants find different slots, in either order.
State with_a_slot_that_comes_free(std::vector<Shard> shards) {
  shards.push_back(shard_that({Action::kReleaseOther}));
  State state{.shards = std::move(shards)};
  const auto last = static_cast<ShardId>(state.shards.size() - 1);
  state.slots[0] = kOther.word(kStateTaken, last);
  return state;
}

bool any_end(const Findings& findings, const std::function<bool(const State&)>& predicate) {
  return std::ranges::any_of(findings.ends, predicate);
}

void expect_nothing_left_over(const Findings& findings) {
  for (const State& end : findings.ends) {
    const auto holders = std::ranges::count_if(end.shards, &Shard::holds);
    const auto words =
        std::ranges::count_if(end.slots, [](std::uint64_t word) { return word != kStateFree; });
    EXPECT_EQ(words, holders) << "a word stays if and only if somebody holds it";
  }
}

// S-071, the pool's side, in every order of steps.
TEST(ClaimProtocol, TwoShardsNeverHoldOneLease) {
  const Findings findings = explore(State{.shards = {shard_that({kClaim}), shard_that({kClaim})}});
  EXPECT_TRUE(findings.safe);
  expect_nothing_left_over(findings);
  const auto won = [](std::size_t shard) {
    return [shard](const State& end) { return end.shards[shard].holds; };
  };
  EXPECT_TRUE(any_end(findings, won(0)));
  EXPECT_TRUE(any_end(findings, won(1)));
}

TEST(ClaimProtocol, TwoShardsInDifferentSlotsNeverHoldOneLease) {
  const Findings findings =
      explore(with_a_slot_that_comes_free({shard_that({kClaim, kRelease}), shard_that({kClaim})}));
  EXPECT_TRUE(findings.safe);
  expect_nothing_left_over(findings);
  EXPECT_TRUE(any_end(findings, [](const State& end) {
    return end.shards[0].results[0] == ClaimResult::kContended;
  })) << "the hard case was not met";
}

TEST(ClaimProtocol, ThreeShardsNeverHoldOneLease) {
  const Findings findings =
      explore(State{.shards = {shard_that({kClaim}), shard_that({kClaim}), shard_that({kClaim})}});
  EXPECT_TRUE(findings.safe);
  expect_nothing_left_over(findings);
  EXPECT_GT(findings.state_count, 1000U);
}

TEST(ClaimProtocol, AClaimReleasedAndMadeAgainIsOneLeaseStill) {
  const Findings findings = explore(with_a_slot_that_comes_free(
      {shard_that({kClaim, kRelease, kClaim}), shard_that({kClaim, kRelease})}));
  EXPECT_TRUE(findings.safe);
  expect_nothing_left_over(findings);
}

TEST(ClaimProtocol, AHeldLeaseIsSeenInEveryOrder) {
  State state = with_a_slot_that_comes_free(
      {shard_that({}), shard_that({kClaim}), shard_that({Action::kAskHolder})});
  state.slots[1] = kLease.word(kStateTaken, 0);
  state.reach = 1;
  state.shards[0].holds = true;
  const Findings findings = explore(state);
  EXPECT_TRUE(findings.safe);
  ASSERT_FALSE(findings.ends.empty());
  for (const State& end : findings.ends) {
    EXPECT_EQ(end.shards[1].results[0], ClaimResult::kTaken);
    EXPECT_EQ(end.shards[2].answers[0], 0);
  }
}

TEST(ClaimProtocol, WithoutAnotherClaimantAClaimSucceeds) {
  const Findings findings = explore(with_a_slot_that_comes_free({shard_that({kClaim})}));
  for (const State& end : findings.ends) {
    EXPECT_EQ(end.shards[0].results[0], ClaimResult::kClaimed);
  }
}

// Each rule of the essay is needed: without it the search finds two holders.
TEST(ClaimProtocol, TheSearchSeesABrokenRule) {
  const State state = with_a_slot_that_comes_free({shard_that({kClaim}), shard_that({kClaim})});
  EXPECT_TRUE(explore(state).safe);
  EXPECT_FALSE(explore<Fault::kReachNotRaised>(state).safe);
  EXPECT_FALSE(explore<Fault::kReachReadTooEarly>(state).safe);
  EXPECT_FALSE(explore<Fault::kKnockOutLost>(state).safe);
}

}  // namespace
}  // namespace tandem6
