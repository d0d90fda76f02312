// Watches one endpoint from outside and fails the test at once where it breaks what its headers
// promise whatever happens: one connection at a time, nothing on a closed one, no STATE before the
// exchange or before it is on disk, and never more service than the state on disk allows.
// F-094, F-100, F-103, F-111, F-114, F-121, F-288
#pragma once

#include <map>
#include <optional>
#include <string>

#include "control/failover/endpoint_settings.h"
#include "control/failover/events.h"

namespace tandem6 {

class EffectChecker {
 public:
  explicit EffectChecker(const EndpointSettings& settings) : settings_(settings) {}

  /// Before the step that takes the event.
  void happens(const Event& event);
  /// After it, for each effect in its order.
  void check(const EndpointEffect& effect);

  [[nodiscard]] const std::optional<EndpointRecord>& on_disk() const noexcept { return disk_; }

 private:
  /// What has been said on a connection that is up.
  struct Connection {
    bool has_connected = false;  // CONNECT was sent, or an accepting CONNECTREPLY
    bool is_exchanged = false;   // the CONNECTREPLY was sent or received
    bool has_state = false;      // STATE was sent
  };

  void check_sent(const effect::Send& send);
  void check_state(const State& state) const;
  void check_serving(const Serving& serving) const;

  const EndpointSettings settings_;
  std::optional<ConnectionId> opening_;
  std::map<ConnectionId, Connection> up_;
  std::optional<EndpointRecord> disk_;
};

}  // namespace tandem6
