// Signals as events of the control thread.
#pragma once

#include <functional>
#include <memory>

// Asio is slow to compile; its name is enough here.
namespace boost::asio {
class io_context;
}

namespace tandem6 {

/// Control thread. SIGTERM and SIGINT call `end` once; a second one kills, as by default. SIGHUP
/// calls `reload`. SIGPIPE is ignored from here on.
class Signals {
 public:
  Signals(boost::asio::io_context& context, std::function<void()> end,
          std::function<void()> reload);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6
