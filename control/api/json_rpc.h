// JSON-RPC 2.0 as the control socket speaks it: one object a line, parameters by name, no batches.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace tandem6 {

enum class RpcErrorCode : std::int32_t {
  kParse = -32700,
  kInvalidRequest = -32600,
  kMethodNotFound = -32601,
  kInvalidParameters = -32602,
  kServerBusy = -32000,  // too many connections, or a line too long
  kRefused = 1,          // understood and not done; the message says why
};

struct RpcError {
  RpcErrorCode code = RpcErrorCode::kRefused;
  std::string message;
};

struct RpcRequest {
  std::string method;
  boost::json::object parameters;
  boost::json::value id;     // null, a number or a string
  bool wants_answer = true;  // false: a notification
};

/// A request that could not be read: its id is what could be found of it, else null.
struct RpcFault {
  RpcError error;
  boost::json::value id;
};

using RpcResult = std::expected<boost::json::value, RpcError>;

/// Bounded nesting; any thread.
[[nodiscard]] std::expected<RpcRequest, RpcFault> read_rpc_request(std::string_view line);

/// The answer as a line, newline included.
[[nodiscard]] std::string write_rpc_answer(const boost::json::value& id, const RpcResult& result);

}  // namespace tandem6
