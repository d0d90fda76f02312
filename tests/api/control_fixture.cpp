#include "tests/api/control_fixture.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace tandem6 {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "tandem6-test-XXXXXX";
  path_ = mkdtemp(pattern.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

LineClient::LineClient(const std::string& socket_path)
    : descriptor_(socket(AF_UNIX, SOCK_STREAM, 0)) {
  constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, socket_path.data(), socket_path.size());
  EXPECT_EQ(connect(descriptor_, reinterpret_cast<const sockaddr*>(&name), sizeof(name)), 0)
      << socket_path << ": " << std::strerror(errno);
}

LineClient::~LineClient() { close(descriptor_); }

void LineClient::send(const std::string& octets) const {
  for (std::size_t sent = 0; sent < octets.size();) {
    const ssize_t count =
        ::send(descriptor_, octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

std::string LineClient::receive_line() {
  std::array<char, 4096> part;
  for (;;) {
    if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    const ssize_t count = recv(descriptor_, part.data(), part.size(), 0);
    if (count <= 0) return {};
    received_.append(part.data(), static_cast<std::size_t>(count));
  }
}

boost::json::object LineClient::call(const std::string& method,
                                     const boost::json::object& parameters) {
  const boost::json::object request = {
      {"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", parameters}};
  send(boost::json::serialize(request) + "\n");
  return boost::json::parse(receive_line()).as_object();
}

void ControlSocketTest::open(const ControlSocketLimits& limits) {
  auto opened = ControlSocket::open(context_, path_, limits);
  ASSERT_TRUE(opened.has_value()) << opened.error();
  socket_ = std::move(*opened);
  socket_->serve(view_);
  thread_ = std::thread([this] {
    const auto work = boost::asio::make_work_guard(context_);
    context_.run();
  });
}

void ControlSocketTest::TearDown() {
  if (!thread_.joinable()) return;
  on_control_thread([this] { socket_.reset(); });
  context_.stop();
  thread_.join();
}

boost::json::object ControlSocketTest::result_of(const std::string& method,
                                                 const boost::json::object& parameters) {
  const boost::json::object answer = call(method, parameters);
  EXPECT_TRUE(answer.contains("result")) << boost::json::serialize(answer);
  return answer.at("result").as_object();
}

std::int64_t ControlSocketTest::error_of(const std::string& method,
                                         const boost::json::object& parameters) {
  const boost::json::object answer = call(method, parameters);
  const boost::json::value* error = answer.if_contains("error");
  return error == nullptr ? 0 : error->as_object().at("code").as_int64();
}

}  // namespace tandem6
