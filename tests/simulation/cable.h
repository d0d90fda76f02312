// What lies between two partners: TCP connections as far as failover can tell them from none.
// Octets arrive in order or not at all; a cut delays them until it is mended or somebody gives up;
// an end that is gone answers with a reset.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/failover/events.h"
#include "control/failover/frame_reader.h"
#include "dataplane/lease/role.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/random_stream.h"

namespace tandem6::simulation {

/// The two ends, and who looks on.
struct CableEnds {
  std::function<void(Role, Event&&)> tell;
  std::function<bool(Role)> is_running;
  std::function<WallTime(Role)> clock;
  std::function<void(Role from, ConnectionId, const FailoverMessage&)> sent;
  std::function<void(Role to, ConnectionId, const FailoverMessage&)> arrives;
};

class Cable {
 public:
  Cable(Agenda& agenda, CableEnds ends, RandomStream random, std::uint32_t delay_ms_max);

  // --- What the ends do.
  void open(ConnectionId id);  // the primary
  void send(Role from, ConnectionId id, const FailoverMessage& message);
  void close(Role from, ConnectionId id);
  /// `silently`: its machine is gone, nothing says so.
  void end_died(Role end, bool silently);

  // --- What befalls it.
  void cut(bool to_primary, bool to_secondary);
  void mend();
  void hold(Role reader, bool is_held);
  void reset();

 private:
  struct Frame {
    Milliseconds arrives;
    std::vector<std::uint8_t> octets;  // none: the end of it
  };
  struct Way {
    std::deque<Frame> frames;
    FrameReader reader;
    Milliseconds last_arrival = 0;
    bool is_scheduled = false;
  };
  struct Connection {
    std::array<ConnectionId, 2> ids{};
    std::array<bool, 2> is_open{};
    bool is_broken = false;   // the ends will learn of it
    std::array<Way, 2> ways;  // by reader
  };

  static std::size_t at(Role role) { return role == Role::kPrimary ? 0 : 1; }
  [[nodiscard]] Milliseconds delay() { return 1 + random_.below(delay_ms_max_); }
  [[nodiscard]] Connection* find(Role end, ConnectionId id);
  void put(Connection& connection, Role to, std::vector<std::uint8_t> octets);
  void pump(const std::shared_ptr<Connection>& connection, Role to);
  void deliver(const std::shared_ptr<Connection>& connection, Role to);
  bool read(Connection& connection, Role to, const std::vector<std::uint8_t>& frame);
  void end(const std::shared_ptr<Connection>& connection, Role end, const std::string& why);
  void pump_all();

  Agenda& agenda_;
  const CableEnds ends_;
  RandomStream random_;
  const std::uint32_t delay_ms_max_;
  std::vector<std::shared_ptr<Connection>> connections_;
  ConnectionId last_incoming_ = 0;
  std::array<bool, 2> is_cut_{};   // by reader
  std::array<bool, 2> is_held_{};  // by reader
};

}  // namespace tandem6::simulation
