// Metrics over HTTP at /metrics, for Prometheus.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

// Asio is slow to compile; its name is enough here.
namespace boost::asio {
class io_context;
}

namespace tandem6 {

class ServerView;

/// GET and HEAD of /metrics, no body, bounded headers, bounded connections, 10 seconds for each
/// request. Control thread.
class MetricsServer {
 public:
  /// `address` is "[::1]:9547" or "127.0.0.1:9547"; port 0 takes any free one. Borrows both
  /// references.
  [[nodiscard]] static std::expected<std::unique_ptr<MetricsServer>, std::string> open(
      boost::asio::io_context& context, ServerView& server, const std::string& address);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  struct Impl;
  explicit MetricsServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace tandem6
