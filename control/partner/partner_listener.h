// Listens for the primaries of all secondaries at one local address and port (RFC 8156 section
// 6.1), and gives each connection to the relationship that its CONNECT names (F-109).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "control/partner/partner_counters.h"
#include "control/partner/partner_limits.h"

namespace boost::asio {
class io_context;
}

namespace tandem6 {

class PartnerLink;

/// Control thread. Closes what has not reached its link yet at destruction.
class PartnerListener {
 public:
  /// Listens at once, also at an address that is not there yet. The error is for people: no
  /// address, a port that another program has, no permission. Borrows the context.
  [[nodiscard]] static std::expected<std::unique_ptr<PartnerListener>, std::string> open(
      boost::asio::io_context& context, const std::string& local, std::uint16_t port,
      const PartnerLimits& limits = {});
  ~PartnerListener();
  PartnerListener(const PartnerListener&) = delete;
  PartnerListener& operator=(const PartnerListener&) = delete;

  /// A secondary's. Not owned, and forgotten when it is gone. Links to the same partner should
  /// have the same TLS settings: up to the CONNECT those of the first one added hold.
  void add(PartnerLink& link);
  /// For the log: somebody who is no partner has connected. From the event loop.
  void on_unlisted(std::function<void(std::string from)> callback);
  /// What belongs to no link: connections taken, and those from no partner. The rest is counted
  /// by the (first) link of the partner's address.
  [[nodiscard]] const PartnerCounters& counters() const;
  /// Where it listens, which tells the port when 0 was asked for; 0 until it could be bound.
  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Impl;
  explicit PartnerListener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tandem6
