#include "control/daemon/signals.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <utility>

namespace tandem6 {

struct Signals::Impl {
  Impl(boost::asio::io_context& context, std::function<void()> end_given,
       std::function<void()> reload_given)
      : end_signals(context, SIGTERM, SIGINT),
        reload_signals(context, SIGHUP),
        end(std::move(end_given)),
        reload(std::move(reload_given)) {}

  void wait_for_end() {
    end_signals.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      boost::system::error_code ignored;
      end_signals.clear(ignored);
      end();
    });
  }
  void wait_for_reload() {
    reload_signals.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      reload();
      wait_for_reload();
    });
  }

  boost::asio::signal_set end_signals;
  boost::asio::signal_set reload_signals;
  std::function<void()> end;
  std::function<void()> reload;
};

Signals::Signals(boost::asio::io_context& context, std::function<void()> end,
                 std::function<void()> reload)
    : impl_(std::make_unique<Impl>(context, std::move(end), std::move(reload))) {
  std::signal(SIGPIPE, SIG_IGN);
  impl_->wait_for_end();
  impl_->wait_for_reload();
}

Signals::~Signals() = default;

}  // namespace tandem6
