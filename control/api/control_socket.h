// The control socket: JSON-RPC 2.0 over a UNIX stream socket, one object a line.
//
// Each connection has one request under way at most: the next line is read when the answer to the
// last one has left. So a slow reader costs one answer of memory and holds up nobody, and nothing
// in here queues.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>

// Asio is slow to compile; its name is enough here.
namespace boost::asio {
class io_context;
}

namespace tandem6 {

class ServerView;

struct ControlSocketLimits {
  std::size_t line_size_max = 64 * 1024;
  unsigned connection_count_max = 32;
  std::chrono::seconds idle_time_max{600};      // without a request
  std::chrono::seconds answer_time_max{30};     // for the server to answer
  std::chrono::hours disk_answer_time_max{24};  // likewise, where it works on the disk
  std::chrono::seconds reading_time_max{30};    // for the client to take the answer
};

/// Control thread, the one that runs the io_context. Closes every connection and removes the socket
/// file at destruction.
class ControlSocket {
 public:
  /// Listens at `path` with mode 0660. The file that a killed server left is replaced; one that
  /// somebody answers at, or that is no socket, is an error. So whoever holds it is the only server
  /// here. Who connects waits until `serve`. Borrows the context.
  [[nodiscard]] static std::expected<std::unique_ptr<ControlSocket>, std::string> open(
      boost::asio::io_context& context, const std::string& path,
      const ControlSocketLimits& limits = {});
  /// Answers from now on. Call once; `server` outlives this object.
  void serve(ServerView& server);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

 private:
  struct Impl;
  explicit ControlSocket(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tandem6
