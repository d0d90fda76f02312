// UpdateSender against a simple model of the leases it tells of: random changes, replies, sweeps,
// states and connections in any order. F-026, F-094, F-265 to F-268.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "control/failover/update_sender.h"
#include "tests/failover/endpoint_bench.h"

namespace tandem6 {
namespace {

constexpr std::uint32_t kLeases = 12;

/// The executor and the partner. A handed group carries a number in its first T1, so that a message
/// can be told from another of the same leases.
class Life {
 public:
  void act(std::uint32_t choice) {
    const std::uint32_t what = choice % 100;
    const std::uint32_t detail = choice / 100;
    if (what < 30) {
      change(detail);
    } else if (what < 55) {
      answer_take(detail);
    } else if (what < 85) {
      reply(detail);
    } else if (what < 91) {
      request(detail);
    } else if (what < 94) {
      lazy_ = detail % 2 == 0;
      sender_.allow_lazy(lazy_, effects_);
    } else if (what < 96) {
      sender_.rescan(effects_);
    } else if (what < 98) {
      lose();
    } else {
      lose();
      begin(1 + detail % 4);
    }
    look();
  }

 private:
  struct Handed {
    bool of_sweep = false;
    bool is_current = false;  // somebody still waited for it
  };
  struct Lease {
    std::uint32_t version = 0;
    std::uint32_t acked = 0;
    bool is_unsent = true;
    std::uint32_t last_sent = 0;  // version, on this connection
  };
  struct OpenTake {
    effect::Take take;
    std::uint32_t connection = 0;
    std::uint32_t sweep = 0;
  };

  void begin(std::uint32_t window) {
    window_ = window;
    lazy_ = true;
    ++connection_;
    is_up_ = true;
    sender_.begin(connection_, window, effects_);
    sender_.allow_lazy(true, effects_);
  }
  void lose() {
    sender_.end();
    is_up_ = false;
    out_.clear();
    requests_.clear();
    unanswered_of_sweep_ = 0;
    sweep_is_at_end_ = false;
    for (auto& [number, lease] : leases_) lease.last_sent = 0;
  }

  void change(std::uint32_t detail) {
    Lease& lease = leases_[detail % kLeases];
    ++lease.version;
    lease.is_unsent = true;
    sender_.changes_waiting(effects_);
  }

  void request(std::uint32_t detail) {
    if (!is_up_ || requests_.size() >= 8) return;
    const std::uint32_t id = 0x800000 + ++last_request_;
    requests_.insert(id);
    sender_.requested(id, detail % 2 == 0, effects_);
  }

  /// Any Take, also one that nobody waits for any more.
  void answer_take(std::uint32_t detail) {
    if (takes_.empty()) return;
    const std::size_t place = detail % takes_.size();
    const OpenTake open = takes_[place];
    takes_.erase(takes_.begin() + static_cast<std::ptrdiff_t>(place));
    const bool is_current =
        is_up_ && open.connection == connection_ && (!open.take.of_sweep || open.sweep == sweep_);
    event::Taken taken{.ticket = open.take.ticket, .is_end = false, .groups = {}};
    if (!is_current) hand(open, {detail % kLeases}, false, taken);
    std::uint32_t left = is_current ? open.take.count : 0;
    while (left != 0) {
      const std::vector<std::uint32_t> group = next_group(open, detail % 3 == 0);
      taken.is_end = group.empty();
      if (group.empty()) break;
      left -= std::min<std::uint32_t>(left, static_cast<std::uint32_t>(group.size()));
      hand(open, group, true, taken);
    }
    if (is_current && open.take.of_sweep) sweep_is_at_end_ = sweep_is_at_end_ || taken.is_end;
    sender_.taken(std::move(taken), now_, effects_);
  }

  /// The next lease or pair of leases; none: that was all.
  std::vector<std::uint32_t> next_group(const OpenTake& open, bool in_pairs) {
    std::vector<std::uint32_t> group;
    std::uint32_t& place = open.take.of_sweep ? sweep_place_ : lazy_place_;
    if (!open.take.of_sweep) place = 0;
    while (place < kLeases && group.size() < (in_pairs ? 2U : 1U)) {
      Lease& lease = leases_[place];
      const bool is_due = open.take.of_sweep ? sweep_all_ || lease.version != lease.acked
                                             : lease.is_unsent && lease.version != lease.acked;
      if (is_due) {
        group.push_back(place);
        lease.is_unsent = false;
      }
      ++place;
    }
    return group;
  }

  void hand(const OpenTake& open, const std::vector<std::uint32_t>& group, bool is_current,
            event::Taken& taken) {
    const std::uint32_t number = ++last_handed_;
    std::vector<LeaseUpdate> updates;
    for (const std::uint32_t lease : group) {
      LeaseUpdate update = update_of(lease);
      update.t1 = Lifetime{number};
      update.t2 = Lifetime{leases_[lease].version};
      updates.push_back(update);
    }
    if (is_current && open.take.of_sweep) ++unanswered_of_sweep_;
    handed_[number] = {.of_sweep = open.take.of_sweep, .is_current = is_current};
    taken.groups.push_back(std::move(updates));
  }

  void reply(std::uint32_t detail) {
    if (out_.empty()) return;
    auto found = out_.begin();
    std::advance(found, detail % out_.size());
    const auto [id, sent] = *found;
    out_.erase(found);
    if (handed_of(sent).of_sweep) --unanswered_of_sweep_;
    BindingReply answer = reply_with(sent);
    for (BindingReply::Lease& lease : answer.leases) {
      if (detail / 7 % 3 == 0) lease.status.code = StatusCode::kOutdatedBindingInformation;
    }
    if (detail / 21 % 5 == 0) answer.leases.clear();
    now_.seconds += detail % 2;
    sender_.answered(id, answer, true, now_, effects_);
  }

  const Handed& handed_of(const BindingUpdate& update) {
    return handed_.at(update.leases.at(0).update.t1.seconds);
  }

  /// Carries out what the sender wants and checks it.
  void look() {
    for (const EndpointEffect& effect : effects_) {
      if (const auto* take = std::get_if<effect::Take>(&effect)) {
        RC_ASSERT(take->count != 0U);
        RC_ASSERT(is_up_);
        takes_.push_back({*take, connection_, sweep_});
      } else if (const auto* begin = std::get_if<effect::BeginSweep>(&effect)) {
        ++sweep_;
        sweep_all_ = begin->all;
        sweep_place_ = 0;
        sweep_is_at_end_ = false;
      } else if (std::holds_alternative<effect::ForgetSent>(effect)) {
        for (auto& [number, lease] : leases_) lease.is_unsent = lease.version != lease.acked;
      } else if (const auto* acknowledge = std::get_if<effect::Acknowledge>(&effect)) {
        Lease& lease = leases_[acknowledge->ack.iaid.value];
        lease.acked = std::max(lease.acked, lease.last_sent);
      } else if (const auto* send = std::get_if<effect::Send>(&effect)) {
        look_at(*send);
      }
    }
    effects_.clear();
    const auto current = std::ranges::count_if(takes_, [&](const OpenTake& open) {
      return is_up_ && open.connection == connection_ &&
             (!open.take.of_sweep || open.sweep == sweep_);
    });
    RC_ASSERT(current <= 1);
    RC_ASSERT(out_.size() <= window_);  // F-094, F-268
    RC_ASSERT(out_.size() == sender_.unanswered());
    // F-026, F-267: exactly when it is due.
    if (sweep_is_at_end_ && unanswered_of_sweep_ == 0) RC_ASSERT(requests_.empty());
  }

  void look_at(const effect::Send& send) {
    RC_ASSERT(is_up_);
    RC_ASSERT(send.id == connection_);
    if (std::holds_alternative<UpdateDone>(send.message.body)) {
      RC_ASSERT(requests_.erase(send.message.transaction_id) == 1U);  // each once
      RC_ASSERT(sweep_is_at_end_);
      RC_ASSERT(unanswered_of_sweep_ == 0);
      return;
    }
    const auto& update = std::get<BindingUpdate>(send.message.body);
    const Handed& handed = handed_of(update);
    RC_ASSERT(handed.is_current);
    RC_ASSERT(handed.of_sweep || lazy_);
    for (const BindingUpdate::Lease& sent : update.leases) {
      const std::uint32_t lease = sent.update.iaid.value;
      for (const auto& [id, other] : out_) {
        for (const auto& out : other.leases) RC_ASSERT(out.update.iaid.value != lease);
      }
      RC_ASSERT(sent.update.t2.seconds >= leases_[lease].last_sent);  // none overtakes
      leases_[lease].last_sent = sent.update.t2.seconds;
    }
    RC_ASSERT(out_.emplace(send.message.transaction_id, update).second);  // F-034
  }

  TransactionIds ids_;
  UpdateSender sender_{ids_};
  Effects effects_;
  WallTime now_{800'000'000};

  std::map<std::uint32_t, Lease> leases_;
  bool is_up_ = false;
  bool lazy_ = false;
  std::uint32_t window_ = 0;
  ConnectionId connection_ = 0;
  std::vector<OpenTake> takes_;
  std::uint32_t last_handed_ = 0;
  std::map<std::uint32_t, Handed> handed_;
  std::map<std::uint32_t, BindingUpdate> out_;
  std::set<std::uint32_t> requests_;
  std::uint32_t last_request_ = 0;
  std::uint32_t sweep_ = 0;
  bool sweep_all_ = false;
  bool sweep_is_at_end_ = false;
  std::uint32_t sweep_place_ = 0;
  std::uint32_t lazy_place_ = 0;
  std::size_t unanswered_of_sweep_ = 0;
};

RC_GTEST_PROP(UpdateSenderProperty, KeepsItsPromises, ()) {
  const auto choices = *rc::gen::resize(400, rc::gen::arbitrary<std::vector<std::uint32_t>>());
  Life life;
  life.act(98);
  for (const std::uint32_t choice : choices) life.act(choice);
}

}  // namespace
}  // namespace tandem6
