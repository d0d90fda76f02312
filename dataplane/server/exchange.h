// One message on its way through the server: what came in, what is known of its client, what is
// planned. Lives on the worker's stack for the time of one `respond`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "dataplane/lease/shard.h"
#include "dataplane/server/lease_times.h"
#include "dataplane/server/plan.h"
#include "dataplane/server/responder.h"
#include "dataplane/server/service.h"
#include "dataplane/server/serving_rules.h"
#include "dataplane/wire/counters.h"
#include "dataplane/wire/parsed_message.h"

namespace tandem6 {

struct Exchange {
  Exchange(const Service& its_service, Shard& its_shard, WireCounters& its_counters,
           const Envelope& its_envelope, const ParsedMessage& its_message, WallTime its_now,
           Plan& its_plan) noexcept;

  const Service& service;
  Shard& shard;
  WireCounters& counters;
  const Envelope& envelope;
  const ParsedMessage& message;
  WallTime now;
  Plan& plan;  // the worker's, cleared for this message

  const Link* link = nullptr;
  ServingRules rules = ServingRules::alone();  // of the link, read once
  RenewalTimes times{};                        // of the whole reply, known once the plan is made
  bool changes_allowed = false;                // the changes of one message can be stored
  ClientKey client{};
  bool memory_exhausted = false;  // a lease could not be given for want of a binding
  std::size_t client_binding_count = 0;
  /// Past and present, oldest first; a shard keeps no more of one client.
  std::array<BindingIndex, Shard::kClientBindingCountMax> client_bindings;

  [[nodiscard]] const LinkSettings& link_settings() const noexcept { return *link->settings; }
  [[nodiscard]] std::span<const BindingIndex> bindings() const noexcept {
    return {client_bindings.data(), client_binding_count};
  }
  [[nodiscard]] bool is_of(const Binding& binding, const IaView& ia) const noexcept {
    return binding.ia_type == ia.type && binding.iaid == ia.iaid;
  }
  /// What is excluded from a delegated prefix of this pool of the link (RFC 6603); none: nothing.
  [[nodiscard]] std::optional<Ipv6Prefix> excluded_from(const Ipv6Prefix& lease,
                                                        PoolIndex pool) const noexcept;
  /// Sets `client` and finds its bindings; call once.
  void find_bindings() noexcept;
  /// True when the binding was given on the link that the client is on now.
  [[nodiscard]] bool fits_link(const Binding& binding) const noexcept {
    return binding.link == link->index;
  }
};

}  // namespace tandem6
