#include "control/api/metrics.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <set>
#include <sstream>
#include <thread>

#include "control/api/metrics_server.h"
#include "tests/api/fake_server_view.h"

namespace tandem6 {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, CountersHaveTheirFamilyLabelAndWorker) {
  boost::asio::io_context context;
  FakeServerView view(context);
  const std::string text = write_metrics(view);
  EXPECT_TRUE(has_line(text, "# TYPE tandem6_received_messages_total counter"));
  EXPECT_TRUE(has_line(text, R"(tandem6_received_messages_total{type="solicit",worker="0"} 3)"));
  EXPECT_TRUE(has_line(text, R"(tandem6_received_messages_total{type="solicit",worker="1"} 4)"));
  EXPECT_TRUE(has_line(text, R"(tandem6_dropped_messages_total{reason="no_link",worker="0"} 1)"));
  EXPECT_TRUE(
      has_line(text, R"(tandem6_status_codes_sent_total{status="no_addrs_avail",worker="1"} 2)"));
  EXPECT_TRUE(has_line(text, R"(tandem6_net_held_total{worker="1"} 6)"));
}

TEST(Metrics, Storage) {
  boost::asio::io_context context;
  FakeServerView view(context);
  view.storage_view.set_aside_count = 4;
  const std::string text = write_metrics(view);
  EXPECT_TRUE(has_line(text, "tandem6_storage_serving 1"));
  EXPECT_TRUE(has_line(text, "# TYPE tandem6_storage_changes_total counter"));
  EXPECT_TRUE(has_line(text, "tandem6_storage_changes_total 1000"));
  EXPECT_TRUE(has_line(text, "tandem6_storage_writes_total 400"));
  EXPECT_TRUE(has_line(text, "tandem6_storage_written_bytes_total 125000"));
  EXPECT_TRUE(has_line(text, "tandem6_storage_write_failures_total 0"));
  EXPECT_TRUE(has_line(text, "# TYPE tandem6_storage_write_seconds summary"));
  EXPECT_TRUE(has_line(text, R"(tandem6_storage_write_seconds{quantile="0.99"} 0.0031)"));
  EXPECT_TRUE(has_line(text, R"(tandem6_storage_write_seconds{quantile="1"} 1.25)"));
  EXPECT_TRUE(has_line(text, "tandem6_storage_file_bytes 4200000"));
  EXPECT_TRUE(has_line(text, "tandem6_storage_set_aside_records 4"));
  EXPECT_TRUE(has_line(text, "tandem6_storage_loaded_leases 700"));
  view.storage_view.serving = false;
  EXPECT_TRUE(has_line(write_metrics(view), "tandem6_storage_serving 0"));
}

TEST(Metrics, PoolsAndPorts) {
  boost::asio::io_context context;
  FakeServerView view(context);
  const std::string text = write_metrics(view);
  EXPECT_TRUE(has_line(
      text, R"(tandem6_pool_used_leases{link="olt-7",pool="2001:db8:7::/112",kind="address"} 3)"));
  EXPECT_TRUE(has_line(
      text,
      R"(tandem6_pool_size_leases{link="olt-8",pool="2001:db8:8000::/40",kind="prefix"} 65536)"));
  EXPECT_TRUE(has_line(text, R"(tandem6_port_up{port="access"} 1)"));
  EXPECT_TRUE(has_line(text, "tandem6_uptime_seconds 7384.400"));
}

TEST(Metrics, LabelsAreEscaped) {
  boost::asio::io_context context;
  FakeServerView view(context);
  view.pool_views[0].link = "a\"b\\c\nd";
  EXPECT_NE(write_metrics(view).find(R"(link="a\"b\\c\nd")"), std::string::npos);
}

TEST(Metrics, EachFamilyIsDeclaredOnceBeforeItsSamples) {
  boost::asio::io_context context;
  FakeServerView view(context);
  std::istringstream lines(write_metrics(view));
  std::set<std::string> declared;
  std::string current;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      current = line.substr(7, line.find(' ', 7) - 7);
      EXPECT_TRUE(declared.insert(current).second) << current;
      EXPECT_TRUE(current.starts_with("tandem6_")) << current;
    } else if (!line.starts_with("# TYPE ")) {
      EXPECT_EQ(line.substr(0, line.find_first_of("{ ")), current);
    }
  }
  EXPECT_GE(declared.size(), 10u);
}

/// A metrics server on any free port of the loopback, and a client that says what it likes.
class MetricsServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = MetricsServer::open(context_, view_, "127.0.0.1:0");
    ASSERT_TRUE(opened.has_value()) << opened.error();
    server_ = std::move(*opened);
    thread_ = std::thread([this] { context_.run(); });
  }
  void TearDown() override {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }
  /// All that comes back until the server closes, or says nothing for five seconds.
  [[nodiscard]] std::string exchange(const std::string& request) const {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(server_->port());
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof(name)), 0);
    EXPECT_EQ(send(descriptor, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string answer;
    std::array<char, 4096> part;
    for (ssize_t count = 0; (count = recv(descriptor, part.data(), part.size(), 0)) > 0;) {
      answer.append(part.data(), static_cast<std::size_t>(count));
    }
    close(descriptor);
    return answer;
  }

  boost::asio::io_context context_{1};
  FakeServerView view_{context_};
  std::unique_ptr<MetricsServer> server_;
  std::thread thread_;
};

TEST_F(MetricsServerTest, GetOfMetrics) {
  const std::string answer =
      exchange("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer.substr(0, 200);
  EXPECT_NE(answer.find("Content-Type: text/plain; version=0.0.4"), std::string::npos);
  EXPECT_NE(answer.find("\ntandem6_workers 2\n"), std::string::npos);
}

TEST_F(MetricsServerTest, HeadHasNoBody) {
  const std::string answer =
      exchange("HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(MetricsServerTest, TwoRequestsOnOneConnection) {
  const std::string answer = exchange(
      "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(answer.find("HTTP/1.1 404 Not Found\r\n"), std::string::npos);
}

TEST_F(MetricsServerTest, OtherMethodsAreNotAllowed) {
  const std::string answer =
      exchange("DELETE /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 405 "));
  EXPECT_NE(answer.find("Allow: GET, HEAD"), std::string::npos);
}

TEST_F(MetricsServerTest, GarbageAndHugeHeadersEndTheConnectionOnly) {
  EXPECT_EQ(exchange("\x16\x03\x01 no HTTP at all\r\n\r\n"), "");
  EXPECT_EQ(exchange("GET /metrics HTTP/1.1\r\nX: " + std::string(20000, 'x') + "\r\n\r\n"), "");
  EXPECT_TRUE(exchange("GET /metrics HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200 OK"));
}

TEST(MetricsServerAddress, WrongAddressesAreErrors) {
  boost::asio::io_context context;
  FakeServerView view(context);
  for (const char* address : {"", "9547", "[::1]", "[::1]:x", "[::1]:70000", "nowhere:9547"}) {
    EXPECT_FALSE(MetricsServer::open(context, view, address).has_value()) << address;
  }
  const auto first = MetricsServer::open(context, view, "127.0.0.1:0");
  ASSERT_TRUE(first.has_value());
  const auto taken =
      MetricsServer::open(context, view, "127.0.0.1:" + std::to_string((*first)->port()));
  ASSERT_FALSE(taken.has_value());
  EXPECT_NE(taken.error().find("127.0.0.1:"), std::string::npos);
}

}  // namespace
}  // namespace tandem6
