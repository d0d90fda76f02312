#include "control/partner/link_core.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "control/partner/socket_setup.h"

namespace tandem6 {
namespace {

namespace asio = boost::asio;
using LoadedTls = std::expected<std::shared_ptr<const TlsContext>, std::string>;

constexpr std::size_t kOpenConnectionsMax = 2;     // the live one, and one that takes its place
constexpr std::size_t kClosingConnectionsMax = 2;  // each for some seconds

LoadedTls load_tls(const PartnerSettings& settings) {
  if (!settings.tls) return nullptr;
  return TlsContext::load(*settings.tls);
}

}  // namespace

LinkCore::LinkCore(asio::io_context& context, PartnerSettings settings,
                   std::function<WallTime()> clock, PartnerLink::Callbacks callbacks,
                   const PartnerLimits& limits)
    : context_(context),
      settings_(std::move(settings)),
      clock_(std::move(clock)),
      callbacks_(std::move(callbacks)),
      limits_(limits),
      tls_(load_tls(settings_)),
      watch_(context, limits, [this](const std::string& why) { abort_all(why); }) {}

void LinkCore::open(ConnectionId id) {
  if (is_stopped_ || connections_.contains(id)) return;
  auto ready = setup();
  if (!ready) {
    counters_.count(PartnerEvent::kTls);
    asio::post(context_, [self = shared_from_this(), id, why = ready.error()] {
      if (!self->is_stopped_) self->callbacks_.closed(id, why);
    });
    return;
  }
  end_oldest_closing();
  const auto connection = std::make_shared<Connection>(Connection::Socket(context_),
                                                       std::move(*ready), *this, counters_);
  connection->set_id(id);
  connections_.emplace(id, connection);
  connection->connect(settings_.local, settings_.partner, settings_.port);
}

void LinkCore::send(ConnectionId id, FailoverMessage&& message) {
  if (Connection* connection = find(id)) connection->send(std::move(message));
}

void LinkCore::close(ConnectionId id, std::string why) {
  if (Connection* connection = find(id)) connection->close(std::move(why));
}

void LinkCore::pause_reading(ConnectionId id, bool is_paused) {
  if (Connection* connection = find(id)) connection->pause_reading(is_paused);
}

void LinkCore::stop() {
  is_stopped_ = true;
  watch_.stop();
  for (const auto& [id, connection] : std::exchange(connections_, {})) connection->forget();
}

std::string LinkCore::describe() const {
  for (auto at = connections_.rbegin(); at != connections_.rend(); ++at) {
    if (!at->second->is_up()) continue;
    std::string text = at->second->describe();
    if (settings_.tls) text += ", whose certificate is for " + settings_.tls->partner_name;
    return text;
  }
  return tls_ ? "no connection" : "no connection: " + tls_.error();
}

std::expected<void, std::string> LinkCore::reload_tls() {
  LoadedTls loaded = load_tls(settings_);
  if (!loaded) return std::unexpected(loaded.error());
  tls_ = std::move(loaded);
  return {};
}

bool LinkCore::is_partner(const asio::ip::address& address) const {
  return !is_stopped_ && settings_.endpoint.role == Role::kSecondary &&
         is_address_of(settings_.partner, address);
}

bool LinkCore::has_tls_of(const LinkCore& other) const {
  const auto& [ours, theirs] = std::pair(settings_.tls, other.settings_.tls);
  if (!ours || !theirs) return !ours && !theirs;
  return ours->certificate == theirs->certificate && ours->key == theirs->key &&
         ours->ca == theirs->ca && ours->partner_name == theirs->partner_name;
}

std::expected<ConnectionSetup, std::string> LinkCore::setup() const {
  if (!tls_) return std::unexpected(tls_.error());
  return ConnectionSetup{
      .role = settings_.endpoint.role, .tls = *tls_, .limits = limits_, .clock = clock_};
}

void LinkCore::adopt(const std::shared_ptr<Connection>& connection, FailoverMessage&& message,
                     WallTime read_at) {
  const auto open_count = std::ranges::count_if(
      connections_, [](const auto& entry) { return !entry.second->is_closing(); });
  if (static_cast<std::size_t>(open_count) >= kOpenConnectionsMax) {
    counters_.count(PartnerEvent::kConnCap);
    connection->forget();
    return refused("a connection more than the relationship needs");
  }
  const ConnectionId id = ++last_id_;
  connection->hand_over(*this, counters_, id);
  end_oldest_closing();
  connections_.emplace(id, connection);
  callbacks_.connect_received(id, std::move(message), read_at);
}

void LinkCore::is_up(Connection& connection) { callbacks_.connected(connection.id()); }

void LinkCore::has_message(Connection& connection, FailoverMessage&& message, WallTime read_at) {
  callbacks_.received(connection.id(), std::move(message), read_at);
}

void LinkCore::has_closed(Connection& connection, const std::string& why) {
  const ConnectionId id = connection.id();
  connections_.erase(id);
  callbacks_.closed(id, why);
}

Connection* LinkCore::find(ConnectionId id) const {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

/// So that a partner that connects again and again cannot pile them up.
void LinkCore::end_oldest_closing() {
  const auto is_closing = [](const auto& entry) { return entry.second->is_closing(); };
  if (static_cast<std::size_t>(std::ranges::count_if(connections_, is_closing)) <
      kClosingConnectionsMax) {
    return;
  }
  std::ranges::find_if(connections_, is_closing)->second->abort("others are closing as well");
}

void LinkCore::abort_all(const std::string& why) {
  for (const auto& [id, connection] : connections_) connection->abort(why);
}

}  // namespace tandem6
