#include "control/daemon/housekeeping.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "control/daemon/alarms.h"
#include "control/daemon/daemon_view.h"
#include "control/daemon/drop_reporter.h"
#include "control/daemon/log.h"
#include "control/daemon/service_manager.h"
#include "dataplane/net/datapath.h"

namespace tandem6 {

struct Housekeeping::Impl {
  Impl(boost::asio::io_context& context, DaemonView& view_given, Datapath& datapath_given)
      : timer(context), view(view_given), datapath(datapath_given) {}

  void wait() {
    timer.expires_after(std::chrono::seconds(1));
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      keep_house();
      wait();
    });
  }

  void keep_house() {
    view.take_sample();
    for (const std::string& text : datapath.tend()) log_warning(text);
    for (const std::string& line : reporter.look(view.drops(), std::chrono::steady_clock::now())) {
      log_warning(line);
    }
    const StatusView status = view.status();
    tell_storage_trouble(status.storage);
    std::vector<std::string> now = status.alarms;
    const AlarmChange change = compare_alarms(alarms, now);
    for (const std::string& alarm : change.raised) log_warning("alarm: " + alarm);
    for (const std::string& alarm : change.gone) log_info("no more: " + alarm);
    alarms = std::move(now);
  }

  /// The alarm's beginning and end are logged with the others; a new reason is news too.
  void tell_storage_trouble(const StorageView& storage) {
    if (storage.trouble == trouble) return;
    if (!storage.trouble.empty() && !trouble.empty()) log_error("storage: " + storage.trouble);
    trouble = storage.trouble;
    const std::string line =
        trouble.empty() ? "serving" : "storage does not take changes: " + trouble;
    tell_status(line.c_str());
  }

  boost::asio::steady_timer timer;
  DaemonView& view;
  Datapath& datapath;
  DropReporter reporter;
  std::vector<std::string> alarms;
  std::string trouble;  // of storage, as last told
};

Housekeeping::Housekeeping(boost::asio::io_context& context, DaemonView& view, Datapath& datapath)
    : impl_(std::make_unique<Impl>(context, view, datapath)) {
  impl_->wait();
}

Housekeeping::~Housekeeping() = default;

}  // namespace tandem6
