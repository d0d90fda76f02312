// The connections of one failover relationship (RFC 8156 sections 5.1 and 6.1): messages in and
// out, as values. See README.md of this folder.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "control/failover/effects.h"
#include "control/failover/message.h"
#include "control/failover/partner_settings.h"
#include "control/partner/partner_counters.h"
#include "control/partner/partner_limits.h"

// Asio is slow to compile; its name is enough here.
namespace boost::asio {
class io_context;
}

namespace tandem6 {

class LinkCore;

/// Control thread. Callbacks never come from inside of a call of ours; they may call everything
/// here, but not destroy it.
class PartnerLink {
 public:
  struct Callbacks {
    /// Primary: the connection that `open` asked for is up, TLS included.
    std::function<void(ConnectionId)> connected;
    /// Secondary: a CONNECT for this relationship came first on a new connection. The link makes
    /// the id, 1 and ever growing.
    std::function<void(ConnectionId, FailoverMessage&&, WallTime read_at)> connect_received;
    /// Every message after that; at the primary every one. `read_at` is what its sent-time is to
    /// be compared with.
    std::function<void(ConnectionId, FailoverMessage&&, WallTime read_at)> received;
    /// Once for each id, last: also after `close`, and after an `open` that failed.
    std::function<void(ConnectionId, std::string why)> closed;
    /// Secondary, for the log; may be empty: a connection from the partner's address ended before
    /// it had an id, say for its certificate. With several relationships the first one hears it.
    std::function<void(std::string why)> refused;
  };

  /// TLS files are read here; when that fails every connection fails with its reason, until
  /// `reload_tls` succeeds. Borrows the context. `clock` is that of leases.
  PartnerLink(boost::asio::io_context& context, PartnerSettings settings,
              std::function<WallTime()> clock, Callbacks callbacks,
              const PartnerLimits& limits = {});
  ~PartnerLink();
  PartnerLink(const PartnerLink&) = delete;
  PartnerLink& operator=(const PartnerLink&) = delete;

  /// Primary: connects from settings.local to settings.partner, with STARTTLS and TLS if the
  /// settings have it. `connected` or `closed` comes back.
  void open(ConnectionId id);
  /// Queued; encoded and stamped when the socket takes it. Ignored for ids that are gone or
  /// closing.
  void send(ConnectionId id, FailoverMessage&& message);
  /// After what was sent before it, but given up on a reader that does not read.
  void close(ConnectionId id, std::string why);
  /// Nothing is read while true; for a partner that exceeds its window. Ends with the connection.
  void pause_reading(ConnectionId id, bool is_paused);
  /// Ends everything at once; no callback comes any more.
  void stop();

  [[nodiscard]] const PartnerCounters& counters() const;
  /// "TLSv1.3 with 2001:db8::2 (b.example) for 71 s", "no connection"; for people.
  [[nodiscard]] std::string describe() const;
  /// Reads the files again, for connections from now on. A fault keeps the old ones.
  [[nodiscard]] std::expected<void, std::string> reload_tls();

 private:
  friend class PartnerListener;
  std::shared_ptr<LinkCore> core_;
};

}  // namespace tandem6
