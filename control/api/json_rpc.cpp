#include "control/api/json_rpc.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

namespace tandem6 {
namespace {

namespace json = boost::json;

constexpr std::size_t kDepthMax = 16;

std::unexpected<RpcFault> fault(RpcErrorCode code, std::string message, json::value id = nullptr) {
  return std::unexpected(
      RpcFault{.error = {.code = code, .message = std::move(message)}, .id = std::move(id)});
}

bool may_be_id(const json::value& id) { return id.is_null() || id.is_number() || id.is_string(); }

}  // namespace

std::expected<RpcRequest, RpcFault> read_rpc_request(std::string_view line) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  json::error_code error;
  json::value document =
      json::parse(json::string_view(line.data(), line.size()), error, {}, options);
  if (error) return fault(RpcErrorCode::kParse, "this line is not JSON: " + error.message());
  if (document.is_array()) {
    return fault(RpcErrorCode::kInvalidRequest, "batches are not served: send one object a line");
  }
  json::object* object = document.if_object();
  if (object == nullptr) return fault(RpcErrorCode::kInvalidRequest, "a request is an object");

  RpcRequest request;
  if (json::value* id = object->if_contains("id"); id != nullptr) {
    if (!may_be_id(*id)) {
      return fault(RpcErrorCode::kInvalidRequest, "`id` is a number, a string or null");
    }
    request.id = std::move(*id);
  } else {
    request.wants_answer = false;
  }
  const json::value* version = object->if_contains("jsonrpc");
  if (version == nullptr || !version->is_string() || version->get_string() != "2.0") {
    return fault(RpcErrorCode::kInvalidRequest, "`jsonrpc` must be \"2.0\"", request.id);
  }
  const json::value* method = object->if_contains("method");
  if (method == nullptr || !method->is_string()) {
    return fault(RpcErrorCode::kInvalidRequest, "`method` must be a string", request.id);
  }
  request.method = std::string(method->get_string());
  if (json::value* parameters = object->if_contains("params"); parameters != nullptr) {
    json::object* by_name = parameters->if_object();
    if (by_name == nullptr) {
      return fault(RpcErrorCode::kInvalidParameters, "`params` are given by name, as an object",
                   request.id);
    }
    request.parameters = std::move(*by_name);
  }
  return request;
}

std::string write_rpc_answer(const json::value& id, const RpcResult& result) {
  json::object answer;
  answer["jsonrpc"] = "2.0";
  answer["id"] = id;
  if (result.has_value()) {
    answer["result"] = *result;
  } else {
    answer["error"] = {{"code", static_cast<std::int32_t>(result.error().code)},
                       {"message", result.error().message}};
  }
  return json::serialize(answer) + '\n';
}

}  // namespace tandem6
