// What control does each second: rates, alarms, log lines about drops, the ports' presence at the
// kernel.
#pragma once

#include <memory>

// Asio is slow to compile; its name is enough here.
namespace boost::asio {
class io_context;
}

namespace tandem6 {

class DaemonView;
class Datapath;

/// Control thread. Borrows all three; works until it is destroyed.
class Housekeeping {
 public:
  Housekeeping(boost::asio::io_context& context, DaemonView& view, Datapath& datapath);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6
