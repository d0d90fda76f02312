// Ticks on the event loop and says when it stood still (standstill.h). Private to this folder: it
// has Asio's types.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "control/partner/partner_limits.h"
#include "control/partner/standstill.h"

namespace tandem6 {

/// Control thread. Nothing comes after destruction or `stop`.
class StandstillWatch {
 public:
  StandstillWatch(boost::asio::io_context& context, const PartnerLimits& limits,
                  std::function<void(const std::string& why)> stood_still)
      : timer_(context),
        tick_(limits.tick),
        standstill_(limits.standstill_max),
        stood_still_(std::move(stood_still)) {
    arm();
  }

  /// True when it stood still, which was said before.
  bool check() {
    const auto gap = standstill_.check();
    if (!gap) return false;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*gap);
    stood_still_("this server stood still for " + std::to_string(seconds.count()) + " s");
    return true;
  }
  void stop() {
    life_.reset();
    timer_.cancel();
  }

 private:
  void arm() {
    timer_.expires_after(tick_);
    timer_.async_wait([this, alive = std::weak_ptr<char>(life_)](const auto& error) {
      if (error || alive.expired()) return;
      if (!check()) standstill_.tick();
      if (alive.expired()) return;
      arm();
    });
  }

  boost::asio::steady_timer timer_;
  std::chrono::milliseconds tick_;
  Standstill standstill_;
  std::function<void(const std::string&)> stood_still_;
  std::shared_ptr<char> life_ = std::make_shared<char>();
};

}  // namespace tandem6
