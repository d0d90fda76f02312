#include "control/partner/partner_link.h"

#include <utility>

#include "control/partner/link_core.h"

namespace tandem6 {

PartnerLink::PartnerLink(boost::asio::io_context& context, PartnerSettings settings,
                         std::function<WallTime()> clock, Callbacks callbacks,
                         const PartnerLimits& limits)
    : core_(std::make_shared<LinkCore>(context, std::move(settings), std::move(clock),
                                       std::move(callbacks), limits)) {}
PartnerLink::~PartnerLink() { core_->stop(); }

void PartnerLink::open(ConnectionId id) { core_->open(id); }
void PartnerLink::send(ConnectionId id, FailoverMessage&& message) {
  core_->send(id, std::move(message));
}
void PartnerLink::close(ConnectionId id, std::string why) { core_->close(id, std::move(why)); }
void PartnerLink::pause_reading(ConnectionId id, bool is_paused) {
  core_->pause_reading(id, is_paused);
}
void PartnerLink::stop() { core_->stop(); }

const PartnerCounters& PartnerLink::counters() const { return core_->counters(); }
std::string PartnerLink::describe() const { return core_->describe(); }
std::expected<void, std::string> PartnerLink::reload_tls() { return core_->reload_tls(); }

}  // namespace tandem6
