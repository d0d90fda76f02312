// Binding updates on their way to the partner (RFC 8156 sections 5.3.5 to 5.3.7, 7.4, 7.7; rulings
// the window of BNDUPDs without a BNDREPLY, lazy updates, and
// the sweeps that answer UPDREQ and UPDREQALL.
//
// Invariants:
//  - never more BNDUPDs without reply than the partner allows (F-094, F-268);
//  - never two of one lease at a time: a later one waits until the earlier is answered, and none
//    overtakes another of its lease;
//  - UPDDONE leaves when the sweep has come to its end and everything it sent has been answered;
//  - nothing here grows with the number of leases: the window bounds all of it.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "control/failover/effects.h"
#include "control/failover/events.h"
#include "control/failover/transaction_ids.h"

namespace tandem6 {

/// Part of an Endpoint, one connection after the other.
class UpdateSender {
 public:
  explicit UpdateSender(TransactionIds& transaction_ids) : transaction_ids_(transaction_ids) {}

  /// A connection is up; the partner takes so many unanswered BNDUPDs. Everything unacked is
  /// unsent.
  void begin(ConnectionId connection, std::uint32_t window, Effects& effects);
  /// The connection is gone, and what it was asked or told with it.
  void end() noexcept;

  /// Whether lazy updates go out now; sweeps always do. What was taken and cannot go any
  /// more is given up, and taken again when it can.
  void allow_lazy(bool allowed, Effects& effects);
  void changes_waiting(Effects& effects);
  /// The partner asks for what is unacked, or for all. A second one starts the sweep again; the
  /// larger of the two kinds counts, and each is answered.
  void requested(std::uint32_t transaction_id, bool all, Effects& effects);
  /// Everything unacked, unasked, unless a pass over it has begun or come to its end on this
  /// connection.
  void tell_everything(Effects& effects);
  /// Such a pass, asked for or not, has come to its end on this connection.
  [[nodiscard]] bool has_told_everything() const noexcept { return has_told_everything_; }
  void taken(event::Taken&& taken, WallTime now, Effects& effects);
  /// The partner tells of these leases: what we were about to say of them was written before, and
  /// could undo what it says. It is not sent; the end of the sweep or a scan will say what is true
  /// then, if there still is anything.
  void partner_tells(const BindingUpdate& update, Effects& effects);
  /// A BNDUPD of one bare block, now or not at all: false.
  [[nodiscard]] bool send_block(const LeaseUpdate& block, WallTime now, Effects& effects);
  [[nodiscard]] bool awaits_reply_for(const Ipv6Prefix& block) const;
  /// `knows_promises`: the partner knows what it has promised. One that recovers may have lost a
  /// lease that it gave or renewed; when it agrees that one is over this counts for nothing until
  /// its RECOVER-WAIT is, and a scan asks again.
  void answered(std::uint32_t transaction_id, const BindingReply& reply, bool knows_promises,
                WallTime now, Effects& effects);
  /// The periodic scan: tells once more what the partner refused.
  void rescan(Effects& effects);

  [[nodiscard]] std::size_t unanswered() const noexcept { return outstanding_.size(); }
  /// Nothing is on its way and nothing was left at the last look.
  [[nodiscard]] bool is_idle() const noexcept;
  /// Since when the oldest update waits for its reply; kNoTime: none waits.
  [[nodiscard]] WallTime waiting_since() const noexcept;
  [[nodiscard]] std::uint64_t refused_count() const noexcept { return refused_count_; }
  [[nodiscard]] std::uint64_t acked_count() const noexcept { return acked_count_; }

 private:
  struct Group {
    std::vector<LeaseUpdate> leases;
    std::vector<std::string> keys;  // of its leases
    bool of_sweep = false;
  };
  struct Outstanding {
    std::vector<std::string> keys;
    bool of_sweep = false;
    WallTime sent_at;
  };

  [[nodiscard]] static Group group_of(std::vector<LeaseUpdate>&& leases, bool of_sweep);
  void take_more(Effects& effects);
  void give_up_lazy();
  [[nodiscard]] bool is_stale(const Group& group, std::size_t at) const;
  void forget_told() noexcept;
  void leave_out_stale(Group& group);
  void send_or_defer(Group&& group, WallTime now, Effects& effects);
  void send(Group&& group, WallTime now, Effects& effects);
  void send_deferred(WallTime now, Effects& effects);
  void begin_sweep(bool all, Effects& effects);
  void finish_sweep(Effects& effects);
  [[nodiscard]] bool left_out_blocks_can_go() const;
  [[nodiscard]] std::size_t room() const noexcept;
  [[nodiscard]] bool is_outstanding(const Group& group) const;
  [[nodiscard]] bool has_to_wait(const Group& group) const;

  TransactionIds& transaction_ids_;
  ConnectionId connection_ = 0;
  std::uint32_t window_ = 0;
  bool lazy_allowed_ = false;
  std::uint32_t last_ticket_ = 0;
  std::uint32_t ticket_ = 0;  // of the Take that has not come back; 0: none is out
  bool ticket_of_sweep_ = false;
  bool changes_waiting_ = false;
  bool has_given_up_ = false;  // something that the executor counts as sent

  std::unordered_map<std::uint32_t, Outstanding> outstanding_;  // by transaction-id
  std::unordered_set<std::string> outstanding_keys_;            // of every lease in it
  std::list<Group> deferred_;                                   // in their order
  std::unordered_multiset<std::string> deferred_keys_;          // of every lease in it
  std::set<std::string, std::less<>> told_since_take_;          // leases, while a Take is out
  std::set<std::string, std::less<>> blocks_told_since_take_;   // bare ones, likewise
  std::map<WallTime, std::size_t> sent_at_;  // how many of the unanswered were sent when

  // The sweep under way.
  std::vector<std::uint32_t> requests_;  // to be answered at its end
  bool sweep_all_ = false;
  bool sweep_running_ = false;
  bool sweep_at_end_ = false;
  std::size_t sweep_unanswered_ = 0;  // groups of it, deferred or sent
  // What it could not say as it was written is taken again at its end, if there still is anything.
  bool has_left_out_ = false;
  std::set<std::string> left_out_blocks_;  // as above, that wait for an earlier one to be answered
  bool has_told_everything_ = false;

  std::uint64_t refused_count_ = 0;
  std::uint64_t acked_count_ = 0;
};

}  // namespace tandem6
