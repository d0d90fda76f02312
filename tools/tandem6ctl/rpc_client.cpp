#include "tools/tandem6ctl/rpc_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tandem6 {
namespace {

namespace json = boost::json;

constexpr timeval kPatience{.tv_sec = 60, .tv_usec = 0};

std::unexpected<Failure> no_daemon(const std::string& path, const std::string& why) {
  return std::unexpected(
      Failure{.code = ExitCode::kNoDaemon, .reason = "no daemon at " + path + ": " + why});
}

std::unexpected<Failure> refused(std::string why) {
  return std::unexpected(Failure{.code = ExitCode::kRefused, .reason = std::move(why)});
}

std::expected<json::value, Failure> result_of(const std::string& line) {
  json::error_code error;
  const json::value answer = json::parse(line, error);
  const json::object* object = error ? nullptr : answer.if_object();
  if (object == nullptr) return refused("the daemon sent no JSON-RPC answer");
  if (const json::value* result = object->if_contains("result")) return *result;
  const json::value* fault = object->if_contains("error");
  const json::object* fault_object = fault == nullptr ? nullptr : fault->if_object();
  const json::value* message =
      fault_object == nullptr ? nullptr : fault_object->if_contains("message");
  if (message == nullptr || !message->is_string()) {
    return refused("the daemon sent an answer with neither result nor error");
  }
  return refused(std::string(message->get_string()));
}

}  // namespace

RpcClient::~RpcClient() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::expected<json::value, Failure> RpcClient::call(const std::string& method,
                                                    const json::object& parameters) {
  if (const auto connected = connect_once(); !connected.has_value()) {
    return std::unexpected(connected.error());
  }
  const json::object request = {
      {"jsonrpc", "2.0"}, {"id", next_id_++}, {"method", method}, {"params", parameters}};
  if (const auto sent = send_line(json::serialize(request) + '\n'); !sent.has_value()) {
    return std::unexpected(sent.error());
  }
  const auto line = receive_line();
  if (!line.has_value()) return std::unexpected(line.error());
  return result_of(*line);
}

std::expected<void, Failure> RpcClient::connect_once() {
  if (descriptor_ >= 0) return {};
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path_.empty() || path_.size() >= sizeof(name.sun_path)) {
    return no_daemon(path_, "the path must have 1 to 107 octets");
  }
  std::memcpy(name.sun_path, path_.data(), path_.size());
  const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return refused(std::strerror(errno));
  if (!waits_for_ever_) {
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  }
  setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0) {
    const int error = errno;
    close(descriptor);
    if (error == EACCES || error == EPERM) {
      return refused("no permission for " + path_ + ": be root or in the group of the socket");
    }
    return no_daemon(path_, std::strerror(error));
  }
  descriptor_ = descriptor;
  return {};
}

std::expected<void, Failure> RpcClient::send_line(const std::string& line) const {
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t count = send(descriptor_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return no_daemon(path_, std::strerror(errno));
    sent += static_cast<std::size_t>(count);
  }
  return {};
}

std::expected<std::string, Failure> RpcClient::receive_line() {
  std::array<char, 16384> part;
  for (;;) {
    if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    const ssize_t count = recv(descriptor_, part.data(), part.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return no_daemon(path_, "it does not answer");
    if (count < 0) return no_daemon(path_, std::strerror(errno));
    if (count == 0) return no_daemon(path_, "it closed the connection");
    received_.append(part.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace tandem6
