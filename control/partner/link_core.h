// What a PartnerLink is made of: its connections by id. Private to this folder: it has Asio's
// types. The listener knows it too, and gives it the connections whose CONNECT names it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "control/partner/connection.h"
#include "control/partner/partner_link.h"
#include "control/partner/standstill_watch.h"

namespace tandem6 {

class LinkCore final : public ConnectionOwner, public std::enable_shared_from_this<LinkCore> {
 public:
  LinkCore(boost::asio::io_context& context, PartnerSettings settings,
           std::function<WallTime()> clock, PartnerLink::Callbacks callbacks,
           const PartnerLimits& limits);

  // --- As PartnerLink has them.
  void open(ConnectionId id);
  void send(ConnectionId id, FailoverMessage&& message);
  void close(ConnectionId id, std::string why);
  void pause_reading(ConnectionId id, bool is_paused);
  void stop();
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] std::expected<void, std::string> reload_tls();

  // --- For the listener.
  [[nodiscard]] bool is_partner(const boost::asio::ip::address& address) const;
  [[nodiscard]] const std::string& relationship_name() const noexcept {
    return settings_.endpoint.relationship_name;
  }
  [[nodiscard]] bool has_tls_of(const LinkCore& other) const;
  /// The error: certificates that cannot be used.
  [[nodiscard]] std::expected<ConnectionSetup, std::string> setup() const;
  /// From the listener, with the CONNECT that came first on it.
  void adopt(const std::shared_ptr<Connection>& connection, FailoverMessage&& message,
             WallTime read_at);
  [[nodiscard]] PartnerCounters& counters() noexcept { return counters_; }
  /// A connection that may have been for this link is none. From the event loop.
  void refused(const std::string& why) const {
    if (!is_stopped_ && callbacks_.refused) callbacks_.refused(why);
  }

  // --- As ConnectionOwner.
  void is_up(Connection& connection) override;
  void has_message(Connection& connection, FailoverMessage&& message, WallTime read_at) override;
  void has_closed(Connection& connection, const std::string& why) override;
  bool stood_still() override { return watch_.check(); }

 private:
  [[nodiscard]] Connection* find(ConnectionId id) const;
  void end_oldest_closing();
  void abort_all(const std::string& why);

  boost::asio::io_context& context_;
  PartnerSettings settings_;
  std::function<WallTime()> clock_;
  PartnerLink::Callbacks callbacks_;
  PartnerLimits limits_;
  PartnerCounters counters_;
  std::expected<std::shared_ptr<const TlsContext>, std::string> tls_;  // none: in clear
  std::map<ConnectionId, std::shared_ptr<Connection>> connections_;
  ConnectionId last_id_ = 0;  // of those made here
  bool is_stopped_ = false;
  StandstillWatch watch_;
};

}  // namespace tandem6
