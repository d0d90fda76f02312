#include "tests/simulation/plan.h"

#include <algorithm>

#include "control/failover/effects.h"
#include "tests/simulation/random_stream.h"

namespace tandem6::simulation {

namespace {

// The purposes of streams; clients, cables and disks have theirs from 100 on.
constexpr std::uint64_t kSettingsPurpose = 1;
constexpr std::uint64_t kActionsPurpose = 2;
constexpr std::uint64_t kComboPurpose = 3;

/// Small ones, so that what is rare in a network is common here.
LifeSettings draw_settings(std::uint64_t seed) {
  RandomStream random(seed, kSettingsPurpose);
  LifeSettings settings{.seed = seed};
  settings.has_third_server = random.percent(15);
  settings.partner_down_may_be_wrong = random.percent(15);
  settings.shard_count = random.percent(30) ? 3 : 1;
  const auto seconds = [&](std::uint32_t least, std::uint32_t most) {
    return Lifetime{random.between(least, most)};
  };
  settings.mclt = random.percent(50) ? Lifetime{30} : seconds(30, 120);
  settings.other_mclt = settings.secondary_mclt = settings.mclt;
  settings.valid = random.percent(50) ? seconds(30, 80) : seconds(60, 400);
  settings.keepalive = seconds(4, 20);
  settings.startup = seconds(6, 12);
  settings.stall = seconds(10, 40);
  settings.rescan = seconds(5, 40);
  settings.decline_hold = seconds(30, 200);
  if (settings.partner_down_may_be_wrong && random.percent(50)) {
    settings.auto_partner_down = Lifetime{settings.mclt.seconds + random.below(60)};
  }
  for (std::uint32_t& window : settings.windows) {
    window = random.percent(40) ? random.between(1, 4) : 64;
  }
  if (random.percent(20)) settings.secondary_mclt = seconds(30, 200);
  settings.secondary_share_percent = random.percent(70) ? 50 : random.between(0, 100);
  settings.client_count = random.between(3, 12);
  settings.is_roomy = random.percent(40);
  // In NORMAL only the primary serves new clients.
  if (settings.is_roomy) settings.secondary_share_percent = 50;
  // Three leases of each kind for a client in each half, else about one for two.
  settings.address_bits = settings.is_roomy ? 7 : random.between(2, 4);
  settings.prefix_bits = settings.is_roomy ? 7 : random.between(1, 4);
  // Where somebody errs about the partner, clients are short of leases and meet on the same ones.
  if (settings.partner_down_may_be_wrong && random.percent(50)) {
    settings.is_roomy = false;
    settings.client_count = 12;
    settings.address_bits = settings.prefix_bits = 2;
  }
  settings.rapid_commit = random.percent(20);
  settings.client_delay_ms_max = random.percent(70) ? 30 : random.between(1, 1500);
  settings.client_loss_percent = random.percent(50) ? 0 : random.between(1, 40);
  settings.client_repeat_percent = random.percent(70) ? 0 : random.between(1, 30);
  settings.cable_delay_ms_max = random.percent(70) ? 20 : random.between(1, 1500);
  settings.sync_ms_max = random.percent(70) ? 10 : random.between(1, 800);
  for (Milliseconds& offset : settings.clock_offset_ms) {
    offset = random.percent(60) ? 0 : static_cast<Milliseconds>(random.below(4500)) - 2250;
  }
  // One that yields an infinite lease would hear of it never.
  if (!settings.partner_down_may_be_wrong && random.percent(2)) settings.valid = kInfiniteLifetime;
  settings.active_ms = 1000 * static_cast<Milliseconds>(random.between(100, 700));
  return settings;
}

/// Disks that are lost or put back while clients come and go: what two servers know of one lease
/// differs in every way.
constexpr std::pair<Trouble, std::uint32_t> kForgetfulLife[] = {
    {Trouble::kReplaceDisk, 3},
    {Trouble::kOldCopy, 6},
    {Trouble::kCopyDisk, 12},
    {Trouble::kKill, 2},
    {Trouble::kCut, 4},
    {Trouble::kIsolate, 4},
    {Trouble::kPartnerDown, 2},
    {Trouble::kClientReleases, 7},
    {Trouble::kClientDeclines, 4},
    {Trouble::kClientForgets, 3},
    {Trouble::kClientComes, 8},
};

/// How often each trouble comes: half of them or most do not come at all in this life, so that
/// lives differ in kind and not only in detail.
std::array<std::uint32_t, kTroubleCount> draw_weights(RandomStream& random,
                                                      const LifeSettings& settings) {
  std::array<std::uint32_t, kTroubleCount> weights{};
  const std::uint32_t absent_percent = random.percent(30) ? 80 : 50;
  for (std::uint32_t& weight : weights) {
    weight = random.percent(absent_percent) ? 0 : random.between(1, 10);
  }
  weights[static_cast<std::size_t>(Trouble::kClientComes)] = 3;
  if (random.percent(10)) {
    weights.fill(0);
    for (const auto& [trouble, often] : kForgetfulLife) {
      weights[static_cast<std::size_t>(trouble)] = often;
    }
  }
  // README.md: what a partner could not tell because its pools of that day lacked it is lost with a
  // disk.
  const auto weight = [&](Trouble trouble) -> std::uint32_t& {
    return weights[static_cast<std::size_t>(trouble)];
  };
  if (weight(Trouble::kReplaceDisk) + weight(Trouble::kOldCopy) != 0) {
    weight(Trouble::kChangePools) = 0;
    // Nor does anybody know by which MCLT promises were made that are lost.
    weight(Trouble::kChangeMclt) = 0;
  }
  // Where somebody errs there is something to err about.
  if (settings.partner_down_may_be_wrong && random.percent(50)) {
    weight(Trouble::kCut) += 5;
    weight(Trouble::kPartnerDown) += 5;
    weight(Trouble::kClientReleases) += 3;
  }
  // Without a copy there is no old one.
  if (weight(Trouble::kOldCopy) != 0 && weight(Trouble::kCopyDisk) == 0) {
    weight(Trouble::kCopyDisk) = 2 * weight(Trouble::kOldCopy);
  }
  return weights;
}

Trouble draw_trouble(RandomStream& random,
                     const std::array<std::uint32_t, kTroubleCount>& weights) {
  std::uint32_t sum = 0;
  for (const std::uint32_t weight : weights) sum += weight;
  std::uint32_t at = random.below(sum);
  for (std::size_t i = 0;; ++i) {
    if (at < weights[i]) return static_cast<Trouble>(i);
    at -= weights[i];
  }
}

Action draw_action(RandomStream& random, const LifeSettings& settings, Trouble trouble) {
  Action action{.at = 2000 + random.below(static_cast<std::uint32_t>(settings.active_ms)),
                .trouble = trouble};
  const unsigned servers = settings.has_third_server ? 3 : 2;
  if (is_of_client(trouble)) {
    action.subject = random.below(settings.client_count);
  } else {
    action.subject = random.below(is_of_cable(trouble) ? servers - 1 : servers);
  }
  // Short ones that nobody notices, and some beyond every timer.
  action.lasts = random.percent(60) ? random.between(50, 20'000) : random.between(1000, 200'000);
  action.choice = random.below(trouble == Trouble::kCut ? 3 : 2);
  action.detail = static_cast<int>(random.below(101));
  if (trouble == Trouble::kKillBefore) {
    action.choice = random.below(std::variant_size_v<EndpointEffect>);
    action.detail = static_cast<int>(random.percent(50) ? 1 : random.between(1, 30));
  } else if (trouble == Trouble::kStepClock) {
    const std::uint32_t most = random.percent(70) ? 2400 : 9000;
    action.detail = static_cast<int>(random.below(2 * most)) - static_cast<int>(most);
  }
  return action;
}

Action of_client(const LifeSettings& settings, RandomStream& random, Trouble trouble,
                 Milliseconds at) {
  return {.at = at, .trouble = trouble, .subject = random.below(settings.client_count)};
}

/// Somebody errs about a partner that goes on serving, for so long that both give the same leases;
/// and before they meet the first clients give them back.
void err_at_length(RandomStream& random, const LifeSettings& settings,
                   std::vector<Action>& actions) {
  const Milliseconds at = 20'000 + random.below(static_cast<std::uint32_t>(settings.active_ms));
  const Milliseconds lasts = random.between(80'000, 200'000);
  actions.push_back({.at = at, .trouble = Trouble::kCut, .lasts = lasts});
  actions.push_back({.at = at + random.between(2000, 10'000),
                     .trouble = Trouble::kPartnerDown,
                     .choice = random.below(2)});
  for (unsigned i = 0; i < settings.client_count; ++i) {
    actions.push_back(of_client(settings, random, Trouble::kClientReleases,
                                at + lasts - random.between(100, 30'000)));
  }
}

/// Leases are given back, a clock is set back, and others are given them. Those who give back stay
/// away: what they say twice may come late.
void set_back_between_clients(RandomStream& random, const LifeSettings& settings,
                              std::vector<Action>& actions) {
  const Milliseconds at = 10'000 + random.below(static_cast<std::uint32_t>(settings.active_ms));
  const unsigned first = random.below(settings.client_count);
  const unsigned half = std::min(settings.client_count / 2, 3U);
  for (unsigned i = 0; i < 2 * half; ++i) {
    const bool gives_back = i < half;
    actions.push_back({.at = at + (gives_back ? random.below(300) : random.between(600, 2500)),
                       .trouble = gives_back ? Trouble::kClientReleases : Trouble::kClientForgets,
                       .subject = (first + i) % settings.client_count});
  }
  actions.push_back({.at = at + random.between(300, 1000),
                     .trouble = Trouble::kStepClock,
                     .subject = random.below(2),
                     .detail = -static_cast<int>(random.between(2000, 4500))});
}

/// A primary is back with an old copy and hears everything, slowly; meanwhile clients come and get
/// prefixes of blocks of which it has heard already.
void give_while_all_is_told(RandomStream& random, Plan& plan) {
  LifeSettings& settings = plan.settings;
  settings.windows.fill(1);
  settings.cable_delay_ms_max = 400;
  settings.prefix_bits = std::max(settings.prefix_bits, 4U);
  settings.secondary_share_percent = 90;
  const Milliseconds at = 70'000 + random.below(static_cast<std::uint32_t>(settings.active_ms));
  const Milliseconds copied_at = at - random.between(30'000, 60'000);
  const Milliseconds lasts = random.between(500, 3000);
  plan.actions.push_back({.at = copied_at, .trouble = Trouble::kCopyDisk});
  plan.actions.push_back({.at = at, .trouble = Trouble::kOldCopy, .lasts = lasts});
  // What they give back becomes a part of blocks that the secondary is given.
  for (unsigned i = 0; i < settings.client_count; ++i) {
    plan.actions.push_back({.at = copied_at + random.below(10'000),
                            .trouble = Trouble::kClientReleases,
                            .subject = i});
    plan.actions.push_back(
        {.at = at + lasts + random.below(15'000), .trouble = Trouble::kClientComes, .subject = i});
  }
}

bool changes_configuration(const Action& action) {
  return action.trouble == Trouble::kChangePools || action.trouble == Trouble::kChangeMclt;
}

}  // namespace

bool is_of_client(Trouble trouble) { return trouble >= Trouble::kClientReleases; }
bool is_of_cable(Trouble trouble) {
  return trouble == Trouble::kCut || trouble == Trouble::kBreak || trouble == Trouble::kHold ||
         trouble == Trouble::kPartnerDown;
}

const char* name_of(Trouble trouble) noexcept {
  constexpr std::array<const char*, kTroubleCount> kNames{"kill",
                                                          "kill-before",
                                                          "shut-down",
                                                          "replace-disk",
                                                          "old-copy",
                                                          "copy-disk",
                                                          "cut",
                                                          "break",
                                                          "hold",
                                                          "isolate",
                                                          "stall-disk",
                                                          "step-clock",
                                                          "partner-down",
                                                          "change-pools",
                                                          "change-mclt",
                                                          "client-releases",
                                                          "client-declines",
                                                          "client-leaves",
                                                          "client-comes",
                                                          "client-roams",
                                                          "client-forgets"};
  return kNames[static_cast<std::size_t>(trouble)];
}

std::string text_of(const Action& action) {
  std::string text = std::string(name_of(action.trouble)) + ' ' + std::to_string(action.subject);
  if (!is_of_client(action.trouble)) {
    text += " (" + std::to_string(action.choice) + ", " + std::to_string(action.detail) + ") for " +
            std::to_string(action.lasts) + " ms";
  }
  return text;
}

Plan plan_of(std::uint64_t seed) {
  Plan plan{.settings = draw_settings(seed), .actions = {}};
  RandomStream random(seed, kActionsPurpose);
  const auto weights = draw_weights(random, plan.settings);
  if (weights[static_cast<std::size_t>(Trouble::kChangeMclt)] != 0) {
    plan.settings.other_mclt = Lifetime{random.between(30, 120)};
  }
  const std::uint32_t count = random.between(2, 50);
  for (std::uint32_t i = 0; i < count; ++i) {
    plan.actions.push_back(draw_action(random, plan.settings, draw_trouble(random, weights)));
  }
  RandomStream combos(seed, kComboPurpose);
  if (plan.settings.partner_down_may_be_wrong && combos.percent(50)) {
    err_at_length(combos, plan.settings, plan.actions);
  }
  if (combos.percent(10)) set_back_between_clients(combos, plan.settings, plan.actions);
  if (combos.percent(5) && std::ranges::none_of(plan.actions, changes_configuration)) {
    give_while_all_is_told(combos, plan);
  }
  std::ranges::stable_sort(plan.actions, {}, &Action::at);
  return plan;
}

}  // namespace tandem6::simulation
