#include "control/api/control_socket.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "control/api/command.h"
#include "control/api/json_rpc.h"
#include "control/api/server_view.h"
#include "control/api/socket_file.h"

namespace tandem6 {
namespace {

namespace asio = boost::asio;
using Protocol = asio::local::stream_protocol;
using ErrorCode = boost::system::error_code;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);

std::string busy_line(std::string message) {
  return write_rpc_answer(nullptr, std::unexpected(RpcError{.code = RpcErrorCode::kServerBusy,
                                                            .message = std::move(message)}));
}

class Session;

/// What the sessions share; outlives the ControlSocket while one of them is still being closed.
struct Shared {
  ServerView* server;
  ControlSocketLimits limits;
  std::set<Session*> sessions;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Protocol::socket socket, std::shared_ptr<Shared> shared)
      : socket_(std::move(socket)), deadline_(socket_.get_executor()), shared_(std::move(shared)) {
    shared_->sessions.insert(this);
  }
  ~Session() { shared_->sessions.erase(this); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void read_line() {
    arm(shared_->limits.idle_time_max);
    asio::async_read_until(socket_, asio::dynamic_buffer(input_, shared_->limits.line_size_max),
                           '\n',
                           [self = shared_from_this()](const ErrorCode& error, std::size_t size) {
                             if (error == asio::error::not_found) return self->refuse_line();
                             if (error) return self->close();
                             self->run_line(size);
                           });
  }

  /// Its handlers then end with errors and let go of it.
  void close() {
    ErrorCode ignored;
    socket_.close(ignored);
    deadline_.cancel();
  }

 private:
  void run_line(std::size_t size) {
    arm(shared_->limits.answer_time_max);
    const std::string line = input_.substr(0, size - 1);
    input_.erase(0, size);
    awaits_answer_ = true;
    const auto take = [self = shared_from_this()](std::string answer) {
      self->awaits_answer_ = false;
      if (answer.empty()) return self->read_line();
      self->write(std::move(answer), [self] { self->read_line(); });
    };
    const CommandReach reach = run_command_line(*shared_->server, line, take);
    if (awaits_answer_ && reach == CommandReach::kDisk) arm(shared_->limits.disk_answer_time_max);
  }

  void refuse_line() {
    write(busy_line("a line has " + std::to_string(shared_->limits.line_size_max) +
                    " octets at most"),
          [self = shared_from_this()] { self->close(); });
  }

  template <typename Next>
  void write(std::string answer, Next next) {
    arm(shared_->limits.reading_time_max);
    output_ = std::move(answer);
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this(), next](const ErrorCode& error, std::size_t) {
                        if (error) return self->close();
                        std::string().swap(self->output_);
                        next();
                      });
  }

  void arm(std::chrono::seconds time) {
    deadline_.expires_after(time);
    deadline_.async_wait([weak = weak_from_this()](const ErrorCode& error) {
      const auto self = weak.lock();
      if (!error && self != nullptr) self->close();
    });
  }

  Protocol::socket socket_;
  asio::steady_timer deadline_;
  std::shared_ptr<Shared> shared_;
  std::string input_;
  std::string output_;
  bool awaits_answer_ = false;
};

}  // namespace

struct ControlSocket::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& context, std::string path_given, std::shared_ptr<Shared> shared_given)
      : acceptor(context),
        pause(context),
        path(std::move(path_given)),
        shared(std::move(shared_given)) {}

  void accept() {
    acceptor.async_accept(
        [self = shared_from_this()](const ErrorCode& error, Protocol::socket socket) {
          if (!self->acceptor.is_open()) return;
          if (error) return self->accept_later();
          self->serve(std::move(socket));
          self->accept();
        });
  }

  /// Out of file descriptors, most likely: trying again at once would burn the thread.
  void accept_later() {
    pause.expires_after(kAcceptPause);
    pause.async_wait([self = shared_from_this()](const ErrorCode& error) {
      if (!error && self->acceptor.is_open()) self->accept();
    });
  }

  void serve(Protocol::socket socket) const {
    if (shared->sessions.size() >= shared->limits.connection_count_max) {
      ErrorCode ignored;
      socket.non_blocking(true, ignored);
      const std::string line = busy_line("too many connections");
      socket.write_some(asio::buffer(line), ignored);
      return;
    }
    std::make_shared<Session>(std::move(socket), shared)->read_line();
  }

  void close() {
    ErrorCode ignored;
    acceptor.close(ignored);
    pause.cancel();
    const std::set<Session*> sessions = shared->sessions;
    for (Session* session : sessions) session->close();
    unlink(path.c_str());
  }

  Protocol::acceptor acceptor;
  asio::steady_timer pause;
  std::string path;
  std::shared_ptr<Shared> shared;
};

std::expected<std::unique_ptr<ControlSocket>, std::string> ControlSocket::open(
    asio::io_context& context, const std::string& path, const ControlSocketLimits& limits) {
  const auto descriptor = listen_at_socket_file(path);
  if (!descriptor.has_value()) return std::unexpected(descriptor.error());
  auto shared =
      std::make_shared<Shared>(Shared{.server = nullptr, .limits = limits, .sessions = {}});
  auto impl = std::make_shared<Impl>(context, path, std::move(shared));
  impl->acceptor.assign(Protocol(), *descriptor);
  return std::unique_ptr<ControlSocket>(new ControlSocket(std::move(impl)));
}

void ControlSocket::serve(ServerView& server) {
  impl_->shared->server = &server;
  impl_->accept();
}

ControlSocket::ControlSocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlSocket::~ControlSocket() { impl_->close(); }

}  // namespace tandem6
