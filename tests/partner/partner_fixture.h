// Two ends of a relationship in one event loop, and what each of them heard.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "control/partner/partner_link.h"
#include "control/partner/partner_listener.h"
#include "tests/failover/golden.h"
#include "tests/partner/raw_peer.h"

namespace tandem6 {

/// A link and all its callbacks, in order.
struct End {
  struct Message {
    ConnectionId id;
    FailoverMessage message;
    WallTime read_at;
  };
  std::unique_ptr<PartnerLink> link;
  std::vector<ConnectionId> connected;
  std::vector<Message> connects;
  std::vector<Message> received;
  std::vector<std::pair<ConnectionId, std::string>> closed;
  std::vector<std::string> refused;
  std::int64_t clock_offset = 0;                  // of its clock, to the test's
  std::function<void(ConnectionId)> on_received;  // besides
  std::atomic<unsigned> connect_count = 0;        // for scripts on another thread
  std::atomic<unsigned> received_count = 0;

  /// "" when nothing was closed.
  [[nodiscard]] std::string last_why() const { return closed.empty() ? "" : closed.back().second; }
  [[nodiscard]] std::uint64_t count_of(PartnerEvent event) const {
    return link->counters().of(event);
  }
};

class PartnerTest : public ::testing::Test {
 protected:
  static constexpr const char* kHere = "::1";
  static constexpr const char* kName = "west";

  PartnerTest();
  ~PartnerTest() override;

  [[nodiscard]] PartnerSettings settings(Role role) const;
  void make_link(End& end, const PartnerSettings& settings);
  /// The listener at kHere with one link of the secondary.
  void listen();
  void listen(const PartnerSettings& settings);
  /// The primary's link, to the listener.
  void make_primary();
  void make_primary(PartnerSettings settings);
  /// Both ends of a connection that is up, CONNECT included; it has id 1 at both.
  void bring_up();

  /// The event loop, until it is so; a failure after 20 s.
  void run_until(const std::function<bool()>& is_so);
  void run_for(std::chrono::milliseconds time);
  /// The event loop, while the script runs on a thread of its own.
  /// `meanwhile` is called again and again.
  void play(const std::function<void()>& script, const std::function<void()>& meanwhile = {});

  /// Plays against the secondary's listener.
  void play_primary(const std::function<void(RawPeer&)>& script,
                    const std::function<void()>& meanwhile = {});

  PartnerLimits limits_;
  WallTime now_ = kGoldenNow;
  boost::asio::io_context context_{1};
  std::unique_ptr<PartnerListener> listener_;
  End primary_;
  End secondary_;
};

/// A frame of some size with a number in it.
[[nodiscard]] FailoverMessage binding_reply(std::uint32_t transaction_id,
                                            std::size_t text_size = 0);
[[nodiscard]] inline FailoverMessage contact(std::uint32_t transaction_id) {
  return {.transaction_id = transaction_id, .sent_time = kNoTime, .body = Contact{}};
}

}  // namespace tandem6
