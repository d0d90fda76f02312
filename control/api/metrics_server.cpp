#include "control/api/metrics_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "control/api/metrics.h"
#include "control/api/server_view.h"

namespace tandem6 {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

constexpr auto kRequestTimeMax = std::chrono::seconds(10);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr std::uint32_t kHeaderSizeMax = 8 * 1024;
constexpr unsigned kConnectionCountMax = 16;

std::expected<Tcp::endpoint, std::string> parse_endpoint(const std::string& text) {
  const auto wrong = [&] {
    return std::unexpected("metrics address `" + text + "`: write [ADDRESS]:PORT");
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return wrong();
  std::string host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data() + colon + 1, end, port);
  ErrorCode error;
  const auto address = asio::ip::make_address(host, error);
  if (error || fault != std::errc() || stop != end) return wrong();
  return Tcp::endpoint(address, port);
}

Response answer_to(const Request& request, ServerView& server) {
  Response response(http::status::ok, request.version());
  response.keep_alive(request.keep_alive());
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET, HEAD");
  } else if (request.target() != "/metrics") {
    response.result(http::status::not_found);
    response.body() = "metrics are at /metrics\n";
  } else {
    response.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
    response.body() = write_metrics(server);
  }
  response.prepare_payload();
  if (request.method() == http::verb::head) response.body().clear();
  return response;
}

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Tcp::socket socket, ServerView& server, std::shared_ptr<unsigned> session_count)
      : stream_(std::move(socket)), server_(server), session_count_(std::move(session_count)) {
    ++*session_count_;
  }
  ~Session() { --*session_count_; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void read() {
    parser_.emplace();
    parser_->header_limit(kHeaderSizeMax);
    parser_->body_limit(0);
    stream_.expires_after(kRequestTimeMax);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                       if (!error) self->write();
                     });
  }

 private:
  void write() {
    response_ = answer_to(parser_->get(), server_);
    http::async_write(stream_, response_,
                      [self = shared_from_this()](const ErrorCode& error, std::size_t) {
                        if (!error && self->response_.keep_alive()) self->read();
                      });
  }

  beast::tcp_stream stream_;
  ServerView& server_;
  std::shared_ptr<unsigned> session_count_;
  beast::flat_buffer buffer_{kHeaderSizeMax};
  std::optional<http::request_parser<http::empty_body>> parser_;
  Response response_;
};

}  // namespace

struct MetricsServer::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& context, ServerView& server_given)
      : acceptor(context), pause(context), server(server_given) {}

  std::expected<void, std::string> listen(const Tcp::endpoint& endpoint) {
    ErrorCode error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return std::unexpected(error.message());
    return {};
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](const ErrorCode& error, Tcp::socket socket) {
      if (!self->acceptor.is_open()) return;
      if (error) return self->accept_later();
      if (*self->session_count < kConnectionCountMax) {
        std::make_shared<Session>(std::move(socket), self->server, self->session_count)->read();
      }
      self->accept();
    });
  }

  void accept_later() {
    pause.expires_after(kAcceptPause);
    pause.async_wait([self = shared_from_this()](const ErrorCode& error) {
      if (!error && self->acceptor.is_open()) self->accept();
    });
  }

  Tcp::acceptor acceptor;
  asio::steady_timer pause;
  ServerView& server;
  std::shared_ptr<unsigned> session_count = std::make_shared<unsigned>(0);
};

std::expected<std::unique_ptr<MetricsServer>, std::string> MetricsServer::open(
    asio::io_context& context, ServerView& server, const std::string& address) {
  const auto endpoint = parse_endpoint(address);
  if (!endpoint.has_value()) return std::unexpected(endpoint.error());
  auto impl = std::make_shared<Impl>(context, server);
  if (const auto listening = impl->listen(*endpoint); !listening.has_value()) {
    return std::unexpected("metrics at " + address + ": " + listening.error());
  }
  impl->accept();
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(impl)));
}

MetricsServer::MetricsServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

MetricsServer::~MetricsServer() {
  ErrorCode ignored;
  impl_->acceptor.close(ignored);
  impl_->pause.cancel();
}

std::uint16_t MetricsServer::port() const { return impl_->acceptor.local_endpoint().port(); }

}  // namespace tandem6
