// The socket itself: lines, limits, files. What the methods say is in commands_test.cpp.
#include "control/api/control_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "tests/api/control_fixture.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

const std::string kStatusLine = R"({"jsonrpc":"2.0","id":7,"method":"status"})"
                                "\n";

std::int64_t error_code(const std::string& line) {
  return json::parse(line).at("error").at("code").as_int64();
}

/// Leaves a socket file that nobody listens at, as a killed daemon does.
void leave_stale_socket(const std::string& path) {
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  ASSERT_EQ(bind(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof(name)), 0);
  close(descriptor);
}

TEST_F(ControlSocketTest, AnswersARequestWithItsId) {
  open();
  LineClient client(path_);
  client.send(kStatusLine);
  const json::value answer = json::parse(client.receive_line());
  EXPECT_EQ(answer.at("jsonrpc").as_string(), "2.0");
  EXPECT_EQ(answer.at("id").as_int64(), 7);
  EXPECT_EQ(answer.at("result").at("version").as_string(), "0.1.0");
}

TEST_F(ControlSocketTest, ServesOneRequestAfterTheOtherOnOneConnection) {
  open();
  LineClient client(path_);
  client.send(kStatusLine + kStatusLine + kStatusLine);
  for (int i = 0; i < 3; ++i) EXPECT_NE(client.receive_line(), "");
}

TEST_F(ControlSocketTest, ALineInPiecesIsOneRequest) {
  open();
  LineClient client(path_);
  for (const char c : kStatusLine) client.send(std::string(1, c));
  EXPECT_NE(client.receive_line(), "");
}

TEST_F(ControlSocketTest, BrokenJsonIsAnErrorAndTheConnectionGoesOn) {
  open();
  LineClient client(path_);
  client.send("{\"jsonrpc\": \n");
  EXPECT_EQ(error_code(client.receive_line()), -32700);
  client.send("\n");
  EXPECT_EQ(error_code(client.receive_line()), -32700);
  client.send(std::string("\xff\x00\x01", 3) + "\n");
  EXPECT_EQ(error_code(client.receive_line()), -32700);
  client.send(std::string(200, '[') + "\n");  // deeper than any request
  EXPECT_EQ(error_code(client.receive_line()), -32700);
  client.send(kStatusLine);
  EXPECT_TRUE(json::parse(client.receive_line()).as_object().contains("result"));
}

TEST_F(ControlSocketTest, WhatIsNoRequestIsAnInvalidRequest) {
  open();
  LineClient client(path_);
  for (const char* line :
       {"7", "[]", R"([{"jsonrpc":"2.0","id":1,"method":"status"}])",
        R"({"id":1,"method":"status"})", R"({"jsonrpc":"1.0","id":1,"method":"status"})",
        R"({"jsonrpc":"2.0","id":1})", R"({"jsonrpc":"2.0","id":1,"method":5})",
        R"({"jsonrpc":"2.0","id":{},"method":"status"})"}) {
    client.send(std::string(line) + "\n");
    EXPECT_EQ(error_code(client.receive_line()), -32600) << line;
  }
}

TEST_F(ControlSocketTest, AnUnknownMethodIsNotFound) {
  open();
  EXPECT_EQ(error_of("failover.conquer"), -32601);
}

TEST_F(ControlSocketTest, ParametersAreGivenByName) {
  open();
  LineClient client(path_);
  client.send(R"({"jsonrpc":"2.0","id":1,"method":"status","params":[1]})"
              "\n");
  EXPECT_EQ(error_code(client.receive_line()), -32602);
}

TEST_F(ControlSocketTest, ANotificationGetsNoAnswer) {
  open();
  LineClient client(path_);
  client.send(R"({"jsonrpc":"2.0","method":"log.level","params":{"level":"debug"}})"
              "\n" +
              kStatusLine);
  EXPECT_EQ(json::parse(client.receive_line()).at("id").as_int64(), 7);  // that of the second line
  on_control_thread([this] { EXPECT_EQ(view_.log_level, "debug"); });
}

TEST_F(ControlSocketTest, AnOverLongLineIsRefusedAndTheConnectionClosed) {
  open({.line_size_max = 1024});
  LineClient client(path_);
  client.send(std::string(5000, 'x'));
  EXPECT_EQ(error_code(client.receive_line()), -32000);
  EXPECT_EQ(client.receive_line(), "");
  EXPECT_TRUE(call("status").contains("result"));  // others do not notice
}

TEST_F(ControlSocketTest, TheLongestLineIsServed) {
  open({.line_size_max = 1024});
  LineClient client(path_);
  std::string line = kStatusLine;
  line.insert(line.size() - 1, std::string(1024 - line.size(), ' '));
  client.send(line);
  EXPECT_TRUE(json::parse(client.receive_line()).as_object().contains("result"));
}

TEST_F(ControlSocketTest, ConnectionsPastTheLimitAreToldSo) {
  open({.connection_count_max = 3});
  std::vector<std::unique_ptr<LineClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<LineClient>(path_));
    clients.back()->send(kStatusLine);
    EXPECT_NE(clients.back()->receive_line(), "");
  }
  {
    LineClient one_too_many(path_);
    EXPECT_EQ(error_code(one_too_many.receive_line()), -32000);
    EXPECT_EQ(one_too_many.receive_line(), "");
  }
  clients.pop_back();
  // The place is free again as soon as the server has seen the end.
  bool served = false;
  for (int i = 0; i < 1000 && !served; ++i) {
    LineClient again(path_);
    again.send(kStatusLine);
    served = json::parse(again.receive_line()).as_object().contains("result");
  }
  EXPECT_TRUE(served);
}

TEST_F(ControlSocketTest, ManyConnectionsOneAfterTheOther) {
  open();
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(call("status").contains("result")) << i;
}

TEST_F(ControlSocketTest, AReaderThatDoesNotReadHoldsUpNobody) {
  for (unsigned i = 0; i < 200; ++i) {
    view_.shards[0].push_back(
        lease_of(static_cast<std::uint8_t>(i), prefix_of("2001:db8:7::1/128")));
  }
  open();
  const std::string list = R"({"jsonrpc":"2.0","id":1,"method":"lease.list"})"
                           "\n";
  std::string many;
  for (int i = 0; i < 200; ++i) many += list;
  const LineClient slow(path_);
  slow.send(many);  // far more answers than the socket's buffers hold
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(call("status").contains("result"));
}

TEST_F(ControlSocketTest, AReaderThatDoesNotReadIsClosedInTheEnd) {
  for (unsigned i = 0; i < 200; ++i) {
    view_.shards[0].push_back(
        lease_of(static_cast<std::uint8_t>(i), prefix_of("2001:db8:7::1/128")));
  }
  open({.connection_count_max = 1, .reading_time_max = std::chrono::seconds(1)});
  std::string many;
  for (int i = 0; i < 200; ++i) {
    many += R"({"jsonrpc":"2.0","id":1,"method":"lease.list"})"
            "\n";
  }
  const LineClient slow(path_);
  slow.send(many);
  bool served = false;
  for (int i = 0; i < 50 && !served; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    served = call("status").contains("result");
  }
  EXPECT_TRUE(served);
}

TEST_F(ControlSocketTest, AClientThatLeavesInTheMiddleIsForgotten) {
  open();
  for (int i = 0; i < 100; ++i) {
    const LineClient client(path_);
    client.send(kStatusLine + "{\"half");
  }
  EXPECT_TRUE(call("status").contains("result"));
}

TEST_F(ControlSocketTest, TheFileIsForOwnerAndGroupOnly) {
  const mode_t before = umask(0);
  open();
  umask(before);
  struct stat facts{};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0660u);
}

TEST_F(ControlSocketTest, TheFileGoesWithTheSocket) {
  open();
  EXPECT_TRUE(std::filesystem::exists(path_));
  TearDown();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ControlSocketTest, AStaleFileIsReplaced) {
  leave_stale_socket(path_);
  open();
  EXPECT_TRUE(call("status").contains("result"));
}

TEST_F(ControlSocketTest, ALiveSocketIsAnErrorAndStaysAlive) {
  open();
  boost::asio::io_context other_context;
  const auto second = ControlSocket::open(other_context, path_);
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().find("another server answers there"), std::string::npos);
  EXPECT_TRUE(call("status").contains("result"));
}

TEST_F(ControlSocketTest, AnotherKindOfFileIsLeftAlone) {
  std::ofstream(path_) << "precious";
  const auto opened = ControlSocket::open(context_, path_);
  ASSERT_FALSE(opened.has_value());
  EXPECT_NE(opened.error().find("no socket"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(ControlSocketTest, AMissingFolderIsMade) {
  const auto opened = ControlSocket::open(context_, folder_.path("run/tandem6/control.sock"));
  EXPECT_TRUE(opened.has_value());
}

TEST_F(ControlSocketTest, APathThatNoSocketCanHaveIsAnError) {
  EXPECT_FALSE(ControlSocket::open(context_, "").has_value());
  EXPECT_FALSE(ControlSocket::open(context_, folder_.path(std::string(200, 'x'))).has_value());
}

}  // namespace
}  // namespace tandem6
