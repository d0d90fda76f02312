// A control socket over a fake server, in a folder of its own, run by a thread; and a plain client.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "control/api/control_socket.h"
#include "tests/api/fake_server_view.h"

namespace tandem6 {

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A stream of lines, written and read as plainly as can be.
class LineClient {
 public:
  explicit LineClient(const std::string& socket_path);
  ~LineClient();
  LineClient(const LineClient&) = delete;
  LineClient& operator=(const LineClient&) = delete;

  void send(const std::string& octets) const;
  /// Without its end; empty when the other side closed, or said nothing for ten seconds.
  [[nodiscard]] std::string receive_line();
  /// Sends one request and reads the whole answer.
  [[nodiscard]] boost::json::object call(const std::string& method,
                                         const boost::json::object& parameters = {});

 private:
  int descriptor_;
  std::string received_;
};

class ControlSocketTest : public ::testing::Test {
 protected:
  void open(const ControlSocketLimits& limits = {});
  void TearDown() override;

  /// Runs on the control thread and waits for it.
  template <typename Function>
  void on_control_thread(Function function);

  [[nodiscard]] boost::json::object call(const std::string& method,
                                         const boost::json::object& parameters = {}) {
    return LineClient(path_).call(method, parameters);
  }
  /// REQUIRES: the call succeeds.
  [[nodiscard]] boost::json::object result_of(const std::string& method,
                                              const boost::json::object& parameters = {});
  /// 0 when the call succeeds.
  [[nodiscard]] std::int64_t error_of(const std::string& method,
                                      const boost::json::object& parameters = {});

  TemporaryFolder folder_;
  const std::string path_ = folder_.path("control.sock");
  boost::asio::io_context context_{1};
  FakeServerView view_{context_};
  std::unique_ptr<ControlSocket> socket_;
  std::thread thread_;
};

template <typename Function>
void ControlSocketTest::on_control_thread(Function function) {
  std::promise<void> done;
  boost::asio::post(context_, [&] {
    function();
    done.set_value();
  });
  done.get_future().wait();
}

}  // namespace tandem6
