#include "tests/simulation/conflict_cell.h"

#include <algorithm>

#include "dataplane/server/partner_updates.h"
#include "tests/server/restart.h"
#include "tests/server/server_bench.h"
#include "tests/simulation/pair.h"

namespace tandem6::simulation {

namespace {

std::optional<BindingStatus> status_named(const std::string& name) {
  for (unsigned number = 1; number <= 8; ++number) {
    const auto status = static_cast<BindingStatus>(number);
    if (name == name_of(status)) return status;
  }
  return std::nullopt;
}

std::optional<std::int64_t> shift_named(const std::string& name) {
  if (name == "earlier") return -100;
  if (name == "same") return 0;
  if (name == "later") return 100;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> verdict_of_cell(const std::vector<std::string>& words) {
  const auto here = status_named(words[1]);
  const auto said = status_named(words[2]);
  const auto shift = shift_named(words[3]);
  if (!here || !said || !shift) return std::nullopt;
  const auto has = [&](const char* word) {
    return std::find(words.begin() + 4, words.end(), word) != words.end();
  };

  const PairSettings settings = Pair::default_settings();
  ServerBench bench(settings.servers);
  ServingRules rules;
  rules.has_partner = true;
  rules.role = has("secondary") ? Role::kSecondary : Role::kPrimary;
  rules.is_in_contact = true;
  rules.mclt = rules.mclt_max = Lifetime{3600};
  bench.set_rules(rules);

  const WallTime then{bench.now.seconds - 1000};
  LeaseRecord record;
  record.binding.address = address_of("2001:db8:7::1235");
  record.binding.status = *here;
  record.binding.iaid = Iaid{1};
  record.binding.start_time_of_state = then;
  record.binding.client_last_transaction_time = then;
  record.binding.preferred_lifetime = record.binding.valid_lifetime = Lifetime{6000};
  if (*here == BindingStatus::kActive) {
    record.binding.state_expiration_time = then + Lifetime{has("over") ? 900U : 6000U};
  }
  record.duid = ServerBench::client_duid(1);
  EXPECT_EQ(restore_one(bench, record), Restored::kServed);

  LeaseUpdate update;
  update.duid = ServerBench::client_duid(has("other") ? 2 : 1);
  update.iaid = Iaid{1};
  update.lease = record.binding.lease();
  update.status = *said;
  update.preferred_lifetime = update.valid_lifetime = Lifetime{6000};
  update.client_time = WallTime{then.seconds + *shift};
  update.start_time_of_state = update.client_time;
  if (*said == BindingStatus::kActive) {
    update.state_expiration_time = update.client_time + Lifetime{6000};
    update.partner_lifetime = update.client_time + Lifetime{9000};
  }
  const PartnerContext context{.service = *bench.service,
                               .shard = bench.shard(),
                               .relationship = 0,
                               .rules = rules,
                               .now = bench.now};
  const UpdateOutcome outcome = apply_update(context, update);
  if (outcome.verdict.status == StatusCode::kSuccess) return "taken";
  return std::string("refused ") + name_of(outcome.verdict.status);
}

}  // namespace tandem6::simulation
