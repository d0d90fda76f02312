// An UpdateSender on a bench, with the effects that it has made and short ways to what a test asks
// of them.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "control/failover/update_sender.h"
#include "tests/failover/endpoint_bench.h"

namespace tandem6 {

inline constexpr StatusCode kRefusals[] = {
    StatusCode::kAddressInUse, StatusCode::kConfigurationConflict,
    StatusCode::kOutdatedBindingInformation, StatusCode::kMissingBindingInformation,
    StatusCode::kUnspecFail};

class SenderBench {
 public:
  struct Sent {
    std::uint32_t id;
    BindingUpdate update;
  };

  /// A connection whose partner takes `window` updates; lazy ones go.
  void begin(std::uint32_t window, bool lazy = true) {
    sender.begin(++connection, window, effects);
    sender.allow_lazy(lazy, effects);
  }
  /// The last Take that was asked for and is not answered yet.
  [[nodiscard]] effect::Take take() {
    const auto takes = all<effect::Take>();
    if (takes.size() <= answered_takes_) {
      ADD_FAILURE() << "nothing is asked for";
      return {};
    }
    answered_takes_ = takes.size();
    return takes.back();
  }
  [[nodiscard]] bool has_take() const { return all<effect::Take>().size() > answered_takes_; }
  void give(const effect::Take& take, std::vector<std::vector<LeaseUpdate>> groups, bool is_end) {
    sender.taken({.ticket = take.ticket, .is_end = is_end, .groups = std::move(groups)}, now,
                 effects);
  }
  /// One change, by way of ChangesWaiting and Take.
  void change(std::vector<LeaseUpdate> group) {
    sender.changes_waiting(effects);
    give(take(), {std::move(group)}, true);
  }
  void answer(const Sent& sent, StatusCode code = StatusCode::kSuccess) {
    sender.answered(sent.id, reply_with(sent.update, code), true, now, effects);
  }

  template <typename Kind>
  [[nodiscard]] std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const EndpointEffect& effect : effects) {
      if (const auto* kind = std::get_if<Kind>(&effect)) found.push_back(*kind);
    }
    return found;
  }
  [[nodiscard]] std::vector<Sent> sent() const {
    std::vector<Sent> found;
    for (const auto& send : all<effect::Send>()) {
      if (const auto* update = std::get_if<BindingUpdate>(&send.message.body)) {
        found.push_back({send.message.transaction_id, *update});
      }
    }
    return found;
  }
  /// The ids of the requests that were answered with UPDDONE.
  [[nodiscard]] std::vector<std::uint32_t> done() const {
    std::vector<std::uint32_t> ids;
    for (const auto& send : all<effect::Send>()) {
      if (std::holds_alternative<UpdateDone>(send.message.body)) {
        ids.push_back(send.message.transaction_id);
      }
    }
    return ids;
  }

  TransactionIds ids;
  UpdateSender sender{ids};
  Effects effects;
  WallTime now{800'000'000};
  ConnectionId connection = 0;

 private:
  std::size_t answered_takes_ = 0;
};

inline std::vector<std::vector<LeaseUpdate>> groups_of(std::uint32_t from, std::uint32_t count) {
  std::vector<std::vector<LeaseUpdate>> groups;
  for (std::uint32_t i = 0; i < count; ++i) groups.push_back({update_of(from + i)});
  return groups;
}

inline LeaseUpdate version(std::uint32_t number, std::int64_t start) {
  LeaseUpdate update = update_of(number);
  update.start_time_of_state = {start};
  return update;
}

inline std::int64_t version_of(const SenderBench::Sent& sent, std::size_t lease = 0) {
  return sent.update.leases.at(lease).update.start_time_of_state.seconds;
}

}  // namespace tandem6
