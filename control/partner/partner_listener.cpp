#include "control/partner/partner_listener.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <map>
#include <utility>
#include <vector>

#include "control/partner/link_core.h"
#include "control/partner/socket_setup.h"
#include "control/partner/standstill_watch.h"

namespace tandem6 {
namespace {

namespace asio = boost::asio;
namespace ip = asio::ip;
using ErrorCode = boost::system::error_code;
using Protocol = ip::tcp;

constexpr int kBacklog = 64;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

/// An address whose interface is not there (yet).
bool is_absence(const ErrorCode& error) noexcept {
  const int number = error.value();
  return number == EADDRNOTAVAIL || number == ENODEV || number == ENXIO || number == EINVAL;
}

}  // namespace

struct PartnerListener::Impl final : ConnectionOwner, std::enable_shared_from_this<Impl> {
  /// A connection whose CONNECT has not come.
  struct Arrival {
    std::shared_ptr<Connection> connection;
    ip::address from;
    std::shared_ptr<LinkCore> settings_of;  // whose TLS it speaks, and who counts
  };
  using Candidates = std::vector<std::shared_ptr<LinkCore>>;

  Impl(asio::io_context& context_given, std::string local_given, std::uint16_t port_given,
       const PartnerLimits& limits_given)
      : context(context_given),
        local(std::move(local_given)),
        port(port_given),
        limits(limits_given),
        acceptor(context),
        pause(context),
        watch(context, limits, [this](const std::string& why) { abort_all(why); }) {}

  // --- Listening.
  [[nodiscard]] ErrorCode bind();
  void bind_later();
  void accept();
  void accept_later();
  void close();

  // --- Arrivals.
  void serve(Protocol::socket socket, const ip::address& from);
  [[nodiscard]] Candidates candidates(const ip::address& from);
  [[nodiscard]] std::size_t starting_count(const ip::address& from) const;
  [[nodiscard]] std::shared_ptr<LinkCore> pick(const Arrival& arrival, const std::string& name);
  void abort_all(const std::string& why);

  void is_up(Connection&) override {}
  void has_message(Connection& connection, FailoverMessage&& message, WallTime read_at) override;
  void has_closed(Connection& connection, const std::string& why) override;
  bool stood_still() override { return watch.check(); }

  asio::io_context& context;
  std::string local;
  std::uint16_t port;
  PartnerLimits limits;
  PartnerCounters counters;
  Protocol::acceptor acceptor;
  asio::steady_timer pause;
  StandstillWatch watch;
  std::function<void(std::string)> unlisted;
  std::vector<std::weak_ptr<LinkCore>> links;
  std::map<Connection*, Arrival> arrivals;
  bool is_closed = false;
};

// --- Listening.

ErrorCode PartnerListener::Impl::bind() {
  ErrorCode error;
  const auto address = address_of(local);
  if (!address) return asio::error::invalid_argument;
  const Protocol::endpoint endpoint(*address, port);
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(Protocol::acceptor::reuse_address(true), error);
  if (address->is_v6()) acceptor.set_option(ip::v6_only(true), error);
  allow_absent_address(acceptor.native_handle(), address->is_v6());
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  ErrorCode ignored;
  if (error) acceptor.close(ignored);
  return error;
}

void PartnerListener::Impl::bind_later() {
  pause.expires_after(limits.bind_pause);
  pause.async_wait([weak = weak_from_this()](const ErrorCode& error) {
    const auto self = weak.lock();
    if (error || self == nullptr || self->is_closed) return;
    if (self->bind()) return self->bind_later();
    self->accept();
  });
}

void PartnerListener::Impl::accept() {
  const auto peer = std::make_shared<Protocol::endpoint>();
  acceptor.async_accept(
      *peer, [weak = weak_from_this(), peer](const ErrorCode& error, Protocol::socket socket) {
        const auto self = weak.lock();
        if (self == nullptr || self->is_closed) return;
        if (error) return self->accept_later();
        self->serve(std::move(socket), peer->address());
        self->accept();
      });
}

/// Out of file descriptors, most likely: trying again at once would burn the thread.
void PartnerListener::Impl::accept_later() {
  pause.expires_after(kAcceptPause);
  pause.async_wait([weak = weak_from_this()](const ErrorCode& error) {
    const auto self = weak.lock();
    if (!error && self != nullptr && !self->is_closed) self->accept();
  });
}

void PartnerListener::Impl::close() {
  is_closed = true;
  ErrorCode ignored;
  acceptor.close(ignored);
  pause.cancel();
  watch.stop();
  for (const auto& [connection, arrival] : std::exchange(arrivals, {})) connection->forget();
}

// --- Arrivals.

/// No octet is read from or sent to who is no partner (F-088).
void PartnerListener::Impl::serve(Protocol::socket socket, const ip::address& from) {
  counters.count(PartnerEvent::kAccept);
  const Candidates partners = candidates(from);
  if (partners.empty()) {
    counters.count(PartnerEvent::kUnlisted);
    if (unlisted) unlisted(from.to_string());
    return;
  }
  const std::shared_ptr<LinkCore>& first = partners.front();
  if (starting_count(from) >= partners.size()) {
    first->counters().count(PartnerEvent::kConnCap);
    return first->refused("a connection while another one is starting");
  }
  auto setup = first->setup();
  if (!setup) {
    first->counters().count(PartnerEvent::kTls);
    return first->refused(setup.error());
  }
  // What the kernel took for us while we stood still is as old as that.
  if (watch.check()) return first->refused("this server stood still");
  const auto connection =
      std::make_shared<Connection>(std::move(socket), std::move(*setup), *this, first->counters());
  arrivals.emplace(connection.get(),
                   Arrival{.connection = connection, .from = from, .settings_of = first});
  connection->accepted();
}

PartnerListener::Impl::Candidates PartnerListener::Impl::candidates(const ip::address& from) {
  std::erase_if(links, [](const auto& link) { return link.expired(); });
  Candidates found;
  for (const auto& weak : links) {
    if (const auto link = weak.lock(); link->is_partner(from)) found.push_back(link);
  }
  return found;
}

std::size_t PartnerListener::Impl::starting_count(const ip::address& from) const {
  return static_cast<std::size_t>(std::ranges::count_if(arrivals, [&](const auto& entry) {
    return entry.second.from == from && !entry.second.connection->is_gone();
  }));
}

/// By partner address, name and role, and nothing else (F-109). None: no such one, or several.
std::shared_ptr<LinkCore> PartnerListener::Impl::pick(const Arrival& arrival,
                                                      const std::string& name) {
  Candidates partners = candidates(arrival.from);
  if (!name.empty()) {
    std::erase_if(partners, [&](const auto& link) { return link->relationship_name() != name; });
  }
  if (partners.size() != 1) return nullptr;
  return partners.front()->has_tls_of(*arrival.settings_of) ? partners.front() : nullptr;
}

void PartnerListener::Impl::has_message(Connection& connection, FailoverMessage&& message,
                                        WallTime read_at) {
  const auto found = arrivals.find(&connection);
  const auto* connect = std::get_if<Connect>(&message.body);
  if (found == arrivals.end() || connect == nullptr) return connection.abort("no CONNECT");
  const auto link = pick(found->second, connect->parameters.relationship_name);
  if (link == nullptr) {
    connection.counters().count(PartnerEvent::kSequence);
    const StatusReport why{.code = StatusCode::kConfigurationConflict,
                           .text = "no relationship of this name, or one must be named"};
    connection.send({.transaction_id = message.transaction_id,
                     .sent_time = kNoTime,
                     .body = ConnectReply{.parameters = {}, .refusal = why}});
    return connection.close(why.text);
  }
  const std::shared_ptr<Connection> kept = found->second.connection;
  arrivals.erase(found);
  link->adopt(kept, std::move(message), read_at);
}

void PartnerListener::Impl::has_closed(Connection& connection, const std::string& why) {
  const auto found = arrivals.find(&connection);
  if (found == arrivals.end()) return;
  const std::shared_ptr<LinkCore> link = found->second.settings_of;
  arrivals.erase(found);
  link->refused(why);
}

void PartnerListener::Impl::abort_all(const std::string& why) {
  for (const auto& [connection, arrival] : arrivals) connection->abort(why);
}

// --- PartnerListener.

std::expected<std::unique_ptr<PartnerListener>, std::string> PartnerListener::open(
    asio::io_context& context, const std::string& local, std::uint16_t port,
    const PartnerLimits& limits) {
  auto impl = std::make_shared<Impl>(context, local, port, limits);
  std::unique_ptr<PartnerListener> listener(new PartnerListener(impl));
  const auto address = address_of(local);
  if (!address) return std::unexpected(address.error());
  if (address->is_v6() && address->to_v6().is_link_local() && !local.contains('%')) {
    return std::unexpected(local + " is link-local and needs its interface: " + local + "%eth0");
  }
  const ErrorCode error = impl->bind();
  if (!error) {
    impl->accept();
  } else if (is_absence(error)) {
    impl->bind_later();
  } else {
    return std::unexpected("cannot listen at " + local + " port " + std::to_string(port) + ": " +
                           error.message());
  }
  return listener;
}

PartnerListener::PartnerListener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
PartnerListener::~PartnerListener() { impl_->close(); }

void PartnerListener::add(PartnerLink& link) { impl_->links.push_back(link.core_); }
void PartnerListener::on_unlisted(std::function<void(std::string from)> callback) {
  impl_->unlisted = std::move(callback);
}
const PartnerCounters& PartnerListener::counters() const { return impl_->counters; }

std::uint16_t PartnerListener::port() const {
  ErrorCode error;
  const auto endpoint = impl_->acceptor.local_endpoint(error);
  return error ? 0 : endpoint.port();
}

}  // namespace tandem6
