// The server as a whole: every part, built in the order of need and torn down in reverse.
//
//     store -> identity -> pools -> service -> shards -> leases -> committer -> DPDK -> datapath ->
//     failover -> view -> sockets
//
// Why this order: whoever borrows stands behind whom it borrows from. The control socket is bound
// first of all, since holding it is what makes this process the only server of its kind here.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "control/config/configuration.h"

// Asio is slow to compile; its name is enough here.
namespace boost::asio {
class io_context;
}

namespace tandem6 {

/// Control thread.
class Daemon {
 public:
  /// Builds and starts everything; when it returns, ports are up and the control socket listens
  /// (and is answered once the context runs). The error is one line for the operator.
  [[nodiscard]] static std::expected<std::unique_ptr<Daemon>, std::string> start(
      Configuration configuration, boost::asio::io_context& context);
  /// Ends as `stop` does.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Takes no more requests, lets held replies out, ends the threads, removes the socket.
  void stop();
  /// SIGHUP: certificates anew.
  void reload();

 private:
  struct Parts;
  explicit Daemon(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tandem6
