#include "control/daemon/failover_set.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <set>
#include <utility>

#include "control/daemon/endpoint_runner.h"
#include "control/daemon/log.h"
#include "control/daemon/relationship_view.h"
#include "control/partner/partner_link.h"
#include "control/partner/partner_listener.h"
#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

/// How late a deadline may be seen: a partner's silence, which keeps clients waiting.
constexpr auto kTickInterval = std::chrono::milliseconds(100);
constexpr auto kCountInterval = std::chrono::seconds(1);
/// How soon after a client has its lease the partner hears of it.
constexpr auto kLookInterval = std::chrono::milliseconds(5);

constexpr std::size_t kConflictCountMax = 1000;
constexpr std::size_t kFaultCountMax = 16;

std::string claim_text(BindingStatus status, const Duid& client) {
  return std::string(name_of(status)) + ' ' + client.to_string();
}

/// By the rule that decided (R-50, F-231, Figure 4).
ConflictView conflict_of(const std::string& relationship, Role role,
                         const ApplyOperation& operation, WallTime now) {
  const bool is_taken = operation.outcome.verdict.status == StatusCode::kSuccess;
  ConflictView conflict{
      .at = now,
      .relationship = relationship,
      .lease = operation.content->lease,
      .claim_here = claim_text(operation.other_status, operation.other_client),
      .claim_there = claim_text(operation.content->status, operation.content->duid),
      .verdict = is_taken ? "theirs counts" : "ours stays",
      .rule = {}};
  if (operation.other_status != BindingStatus::kActive) {
    conflict.rule = "Figure 4: what has ended here yields to who was heard later";
  } else if (is_taken) {
    conflict.rule = role == Role::kSecondary ? "R-50: the secondary yields"
                                             : "R-50: the primary yields to who was heard later";
  } else {
    conflict.rule = operation.outcome.verdict.status == StatusCode::kAddressInUse
                        ? "R-50: the primary keeps the client that it heard last"
                        : "R-29: what has run out takes no lease away";
  }
  return conflict;
}

void log_report(Severity severity, const std::string& text) {
  switch (severity) {
    case Severity::kNotice:
      return log_info("failover " + text);
    case Severity::kWarning:
      return log_warning("failover " + text);
    case Severity::kAlarm:
      return log_error("failover " + text);
  }
}

}  // namespace

struct FailoverSet::Impl {
  /// One relationship.
  struct Side {
    std::unique_ptr<PartnerLink> link;
    std::unique_ptr<EndpointRunner> runner;
    std::set<ConnectionId> connections;  // that are up
    std::vector<std::string> faults;     // reported as alarms since it connected
    bool has_whole_leases = false;

    [[nodiscard]] const std::string& name() const {
      return runner->endpoint().settings().relationship_name;
    }
  };

  Impl(asio::io_context& context_given, Parts parts_given)
      : context(context_given),
        parts(std::move(parts_given)),
        tasks(context, static_cast<unsigned>(parts.workers->size()), parts.lines),
        tick_timer(context),
        look_timer(context) {}

  std::expected<void, std::string> open() {
    for (const PartnerSettings& settings : parts.configuration->failover) {
      if (const auto opened = open_side(settings); !opened.has_value()) return opened;
    }
    return {};
  }

  std::expected<void, std::string> open_side(const PartnerSettings& settings) {
    const auto index = static_cast<RelationshipIndex>(sides.size());
    auto& side = *sides.emplace_back(std::make_unique<Side>());
    side.link = std::make_unique<PartnerLink>(context, settings, parts.clock, callbacks_of(side));
    // Clients are served without a partner; that there is none, the status says.
    if (const auto read = side.link->reload_tls(); !read.has_value()) {
      log_error("failover " + settings.endpoint.relationship_name + ": " + read.error());
    }
    side.runner = std::make_unique<EndpointRunner>(settings.endpoint, index, surroundings_of(side));
    if (settings.endpoint.role == Role::kPrimary) return {};
    auto listener = listener_of(settings);
    if (!listener.has_value()) return std::unexpected(listener.error());
    (*listener)->add(*side.link);
    return {};
  }

  /// One for all relationships that listen in the same place.
  std::expected<PartnerListener*, std::string> listener_of(const PartnerSettings& settings) {
    for (const auto& each : listeners) {
      if (each.local == settings.local && each.port == settings.port) return each.listener.get();
    }
    auto opened = PartnerListener::open(context, settings.local, settings.port);
    if (!opened.has_value()) return std::unexpected(opened.error());
    listeners.push_back({settings.local, settings.port, std::move(*opened)});
    return listeners.back().listener.get();
  }

  PartnerLink::Callbacks callbacks_of(Side& side) {
    return {.connected =
                [&side](ConnectionId id) {
                  side.connections.insert(id);
                  side.faults.clear();
                  side.runner->happen(event::Connected{id});
                },
            .connect_received =
                [&side](ConnectionId id, FailoverMessage&& message, WallTime read_at) {
                  side.connections.insert(id);
                  side.faults.clear();
                  side.runner->happen(event::ConnectReceived{id, std::move(message)}, read_at);
                },
            .received =
                [&side](ConnectionId id, FailoverMessage&& message, WallTime read_at) {
                  side.runner->happen(event::Received{id, std::move(message)}, read_at);
                },
            .closed =
                [&side](ConnectionId id, std::string why) {
                  side.connections.erase(id);
                  side.runner->happen(event::Closed{id, std::move(why)});
                },
            .refused =
                [&side](const std::string& why) {
                  const std::string text = side.name() + ": a connection was refused: " + why;
                  log_warning("failover " + text);
                  note_fault(side, Severity::kAlarm, text);
                }};
  }

  EndpointRunner::Surroundings surroundings_of(Side& side) {
    PartnerLink* const link = side.link.get();
    return {
        .service = parts.service,
        .relationships = parts.relationships,
        .tasks = &tasks,
        .committer = parts.committer,
        .post = [this](std::function<void()> work) { asio::post(context, std::move(work)); },
        .clock = parts.clock,
        .open = [link](ConnectionId id) { link->open(id); },
        .send = [link](ConnectionId id,
                       FailoverMessage&& message) { link->send(id, std::move(message)); },
        .close = [link](ConnectionId id, std::string why) { link->close(id, std::move(why)); },
        .report =
            [&side](Severity severity, const std::string& text) {
              log_report(severity, text);
              note_fault(side, severity, text);
            },
        .disputed = [this, &side](const ApplyOperation& operation) { dispute(side, operation); },
        .leases_are_whole =
            [this, &side](std::function<void()> done) {
              note_whole_leases(side, std::move(done));
            }};
  }

  /// What is wrong between the two until they connect anew.
  static void note_fault(Side& side, Severity severity, const std::string& text) {
    if (severity != Severity::kAlarm || side.faults.size() >= kFaultCountMax) return;
    const std::string fault = text.substr(text.find(": ") + 2);  // without the relationship's name
    if (std::ranges::find(side.faults, fault) == side.faults.end()) side.faults.push_back(fault);
  }

  void dispute(const Side& side, const ApplyOperation& operation) {
    const EndpointSettings& settings = side.runner->endpoint().settings();
    conflicts.push_front(
        conflict_of(settings.relationship_name, settings.role, operation, parts.clock()));
    if (conflicts.size() > kConflictCountMax) conflicts.pop_back();
    const ConflictView& newest = conflicts.front();
    log_warning("failover " + newest.relationship + ": two clients have " +
                newest.lease.to_string() + ": here " + newest.claim_here + ", there " +
                newest.claim_there + "; " + newest.verdict + " (" + newest.rule + ")");
  }

  /// The database is as good as new when the last endpoint has heard everything. A start before
  /// that begins again with all of them.
  void note_whole_leases(Side& side, std::function<void()> done) {
    side.has_whole_leases = true;
    if (!std::ranges::all_of(sides, [](const auto& each) { return each->has_whole_leases; })) {
      return done();
    }
    parts.committer->put([](WriteSet& set) { set.put_origin(LeasesOrigin::kKept); },
                         std::move(done));
  }

  std::expected<void, std::string> read_records() {
    for (const auto& side : sides) {
      auto record = parts.store->endpoint(side->name());
      if (!record.has_value()) return std::unexpected(record.error());
      records.push_back(*record);
    }
    return {};
  }

  void start() {
    if (sides.empty()) return keep_own_leases();
    for (std::size_t i = 0; i < sides.size(); ++i) {
      sides[i]->has_whole_leases = is_whole(records[i]);
      sides[i]->runner->start({.record = records[i],
                               .origin = parts.loaded.origin,
                               .last_client_contact = parts.loaded.last_client_contact});
    }
    wait_for_tick();
    wait_for_look();
  }

  /// Of a made database one endpoint may have heard everything before another has.
  [[nodiscard]] bool is_whole(const std::optional<EndpointRecord>& record) const {
    if (parts.loaded.origin != LeasesOrigin::kMade) {
      return parts.loaded.origin == LeasesOrigin::kKept;
    }
    return record.has_value() && record->has_communicated;
  }

  /// A server that never had a partner knows all that there is to know of its leases, wherever its
  /// database is from: the first partner that it gets has nothing to tell.
  void keep_own_leases() {
    if (parts.loaded.origin == LeasesOrigin::kKept) return;
    const auto had_partner = parts.store->has_endpoints();
    if (!had_partner.has_value()) return log_error(had_partner.error());
    if (*had_partner) return;
    parts.committer->put([](WriteSet& set) { set.put_origin(LeasesOrigin::kKept); }, {});
  }

  void wait_for_tick() {
    tick_timer.expires_after(kTickInterval);
    tick_timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      for (const auto& side : sides) side->runner->happen(event::Tick{});
      if (steady_clock::now() >= next_count) count_unacked();
      wait_for_tick();
    });
  }

  /// For operators; nobody waits for it, and the next count begins when this one is through.
  void count_unacked() {
    if (std::exchange(is_counting, true)) return;
    next_count = steady_clock::now() + kCountInterval;
    tasks.give_to_all<CountUnackedTask>([] { return std::make_unique<CountUnackedTask>(); },
                                        [this](const auto& counted) {
                                          is_counting = false;
                                          unacked = {};
                                          for (const auto& each : counted) add(each->counts);
                                        });
  }
  void add(const decltype(CountUnackedTask::counts)& counts) {
    for (std::size_t i = 0; i < counts.size(); ++i) unacked[i] += counts[i];
  }

  void wait_for_look() {
    look_timer.expires_after(kLookInterval);
    look_timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      look_for_changes();
      wait_for_look();
    });
  }

  /// Every change that the partner has to know passes the rings to the committer.
  void look_for_changes() {
    std::uint64_t changes = 0;
    for (std::size_t i = 0; i < parts.workers->size(); ++i) {
      changes += parts.workers->shard(i).changes().published();
    }
    if (std::exchange(changes_seen, changes) == changes) return;
    for (const auto& side : sides) side->runner->happen(event::ChangesWaiting{});
  }

  [[nodiscard]] bool has_told_everything() const {
    return std::ranges::all_of(sides, [](const auto& side) {
      const Endpoint& endpoint = side->runner->endpoint();
      return !endpoint.communications_ok() || endpoint.updates().is_idle();
    });
  }
  [[nodiscard]] bool is_idle() const {
    return std::ranges::all_of(sides, [](const auto& side) {
      return side->runner->is_idle() && side->connections.empty();
    });
  }

  asio::io_context& context;
  const Parts parts;
  ShardTasks tasks;
  struct Listening {
    std::string local;
    std::uint16_t port;
    std::unique_ptr<PartnerListener> listener;
  };
  std::vector<Listening> listeners;
  std::vector<std::unique_ptr<Side>> sides;
  std::vector<std::optional<EndpointRecord>> records;  // as they were on disk
  asio::steady_timer tick_timer;
  asio::steady_timer look_timer;
  std::uint64_t changes_seen = 0;
  std::deque<ConflictView> conflicts;            // the newest first
  decltype(CountUnackedTask::counts) unacked{};  // by relationship, when counted last
  bool is_counting = false;
  steady_clock::time_point next_count{};
};

std::expected<std::unique_ptr<FailoverSet>, std::string> FailoverSet::open(
    asio::io_context& context, Parts parts) {
  auto impl = std::make_unique<Impl>(context, std::move(parts));
  if (const auto opened = impl->open(); !opened.has_value()) {
    return std::unexpected(opened.error());
  }
  if (const auto read = impl->read_records(); !read.has_value()) {
    return std::unexpected(read.error());
  }
  return std::unique_ptr<FailoverSet>(new FailoverSet(std::move(impl)));
}

FailoverSet::FailoverSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FailoverSet::~FailoverSet() = default;

void FailoverSet::start() { impl_->start(); }

void FailoverSet::hand_over(asio::io_context& context, std::chrono::milliseconds limit) {
  const auto end = steady_clock::now() + limit;
  const auto run_until = [&](steady_clock::time_point until, const auto& is_reached) {
    constexpr auto kStep = std::chrono::milliseconds(5);
    while (!is_reached() && steady_clock::now() < until) {
      context.restart();
      context.run_one_for(kStep);
    }
  };
  // Under load there is always something new; what is left is told at the next start.
  run_until(steady_clock::now() + limit / 4, [this] { return impl_->has_told_everything(); });
  for (const auto& side : impl_->sides) side->runner->happen(event::Shutdown{});
  run_until(end, [this] { return impl_->is_idle(); });
  impl_->tick_timer.cancel();
  impl_->look_timer.cancel();
}

std::expected<void, std::string> FailoverSet::reload_certificates() {
  std::string faults;
  for (const auto& side : impl_->sides) {
    const auto reloaded = side->link->reload_tls();
    if (reloaded.has_value()) continue;
    faults += (faults.empty() ? "" : "; ") + side->name() + ": " + reloaded.error();
  }
  if (faults.empty()) return {};
  return std::unexpected(faults);
}

std::vector<RelationshipView> FailoverSet::views() const {
  std::vector<RelationshipView> views;
  for (std::size_t i = 0; i < impl_->sides.size(); ++i) {
    const Impl::Side& side = *impl_->sides[i];
    views.push_back(relationship_view(side.runner->endpoint(),
                                      impl_->parts.configuration->failover[i], *side.link,
                                      impl_->parts.clock()));
    views.back().unacked_count = impl_->unacked[i];
    views.back().faults = side.faults;
  }
  return views;
}

std::vector<ConflictView> FailoverSet::conflicts() const {
  return {impl_->conflicts.begin(), impl_->conflicts.end()};
}

void FailoverSet::declare_partner_down(const std::string& name, bool is_forced,
                                       std::function<void(bool taken, std::string text)> answer) {
  const auto side =
      std::ranges::find_if(impl_->sides, [&](const auto& each) { return each->name() == name; });
  T6_CHECK(side != impl_->sides.end());
  (*side)->runner->command({.is_forced = is_forced}, std::move(answer));
}

}  // namespace tandem6
