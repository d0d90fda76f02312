// One connection to the control socket of a daemon.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <expected>
#include <string>

#include "tools/tandem6ctl/exit_code.h"

namespace tandem6 {

/// One thread. Connects at the first call.
class RpcClient {
 public:
  explicit RpcClient(std::string socket_path) : path_(std::move(socket_path)) {}
  ~RpcClient();
  RpcClient(const RpcClient&) = delete;
  RpcClient& operator=(const RpcClient&) = delete;

  /// Again does nothing.
  [[nodiscard]] std::expected<void, Failure> connect_once();
  /// For work that takes minutes: answers are awaited as long as the daemon lives. Before the first
  /// call.
  void wait_for_ever() { waits_for_ever_ = true; }
  /// Waits for the answer, 60 seconds at most. The result, or why there is none.
  [[nodiscard]] std::expected<boost::json::value, Failure> call(
      const std::string& method, const boost::json::object& parameters = {});

 private:
  [[nodiscard]] std::expected<void, Failure> send_line(const std::string& line) const;
  [[nodiscard]] std::expected<std::string, Failure> receive_line();

  std::string path_;
  int descriptor_ = -1;
  bool waits_for_ever_ = false;
  std::uint64_t next_id_ = 1;
  std::string received_;
};

}  // namespace tandem6
