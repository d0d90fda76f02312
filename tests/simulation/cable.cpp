#include "tests/simulation/cable.h"

#include <gtest/gtest.h>

#include "control/failover/message_reader.h"
#include "control/failover/message_writer.h"

namespace tandem6::simulation {

namespace {

constexpr Milliseconds kNoAnswerMs = 2000;

}  // namespace

Cable::Cable(Agenda& agenda, CableEnds ends, RandomStream random, std::uint32_t delay_ms_max)
    : agenda_(agenda), ends_(std::move(ends)), random_(random), delay_ms_max_(delay_ms_max) {}

Cable::Connection* Cable::find(Role end, ConnectionId id) {
  for (const auto& each : connections_) {
    if (each->ids[at(end)] == id && each->is_open[at(end)]) return each.get();
  }
  return nullptr;
}

// --- What the ends do.

void Cable::open(ConnectionId id) {
  std::erase_if(connections_,
                [](const auto& each) { return !each->is_open[0] && !each->is_open[1]; });
  const auto connection = std::make_shared<Connection>();
  connection->ids[0] = id;
  connection->is_open[0] = true;
  connections_.push_back(connection);
  agenda_.in(delay(), [this, connection, id] {
    if (!connection->is_open[0]) return;
    if (is_cut_[0] || is_cut_[1] || !ends_.is_running(Role::kSecondary)) {
      agenda_.in(kNoAnswerMs, [this, connection] { end(connection, Role::kPrimary, "no answer"); });
      return;
    }
    connection->ids[1] = ++last_incoming_;
    connection->is_open[1] = true;
    ends_.tell(Role::kPrimary, event::Connected{id});
  });
}

void Cable::send(Role from, ConnectionId id, const FailoverMessage& message) {
  Connection* const connection = find(from, id);
  if (connection == nullptr) return;
  FailoverMessage stamped = message;
  stamped.sent_time = ends_.clock(from);
  ends_.sent(from, id, stamped);
  std::vector<std::uint8_t> frame;
  EXPECT_TRUE(write_message(stamped, stamped.sent_time, frame));
  const Role to = partner_of(from);
  put(*connection, to, std::move(frame));
  for (const auto& each : connections_) {
    if (each.get() == connection) pump(each, to);
  }
}

void Cable::close(Role from, ConnectionId id) {
  for (const auto& each : connections_) {
    if (each->ids[at(from)] != id || !each->is_open[at(from)]) continue;
    each->is_open[at(from)] = false;
    put(*each, partner_of(from), {});
    pump(each, partner_of(from));
  }
}

void Cable::end_died(Role end, bool silently) {
  const Role other = partner_of(end);
  for (const auto& each : connections_) {
    if (!each->is_open[at(end)]) continue;
    each->is_open[at(end)] = false;
    if (silently) {
      each->ways[at(other)].frames.clear();
    } else {
      put(*each, other, {});
      pump(each, other);
    }
  }
}

// --- What befalls it.

void Cable::cut(bool to_primary, bool to_secondary) {
  is_cut_[0] = is_cut_[0] || to_primary;
  is_cut_[1] = is_cut_[1] || to_secondary;
}

void Cable::mend() {
  is_cut_ = {};
  pump_all();
}

void Cable::hold(Role reader, bool is_held) {
  is_held_[at(reader)] = is_held;
  pump_all();
}

void Cable::reset() {
  for (const auto& each : connections_) {
    each->is_broken = true;
    for (const Role role : {Role::kPrimary, Role::kSecondary}) {
      each->ways[at(role)].frames.clear();
      agenda_.in(delay(), [this, each, role] { end(each, role, "the connection is broken"); });
    }
  }
}

// --- Octets.

void Cable::pump_all() {
  for (const auto& each : connections_) {
    pump(each, Role::kPrimary);
    pump(each, Role::kSecondary);
  }
}

/// Many frames are under way at once, in their order.
void Cable::put(Connection& connection, Role to, std::vector<std::uint8_t> octets) {
  if (connection.is_broken) return;  // else what comes later would, and what was before it not
  Way& way = connection.ways[at(to)];
  way.last_arrival = std::max(way.last_arrival, agenda_.now() + delay());
  way.frames.push_back({way.last_arrival, std::move(octets)});
}

void Cable::pump(const std::shared_ptr<Connection>& connection, Role to) {
  Way& way = connection->ways[at(to)];
  if (way.is_scheduled || way.frames.empty() || is_cut_[at(to)] || is_held_[at(to)]) return;
  way.is_scheduled = true;
  agenda_.at(way.frames.front().arrives, [this, connection, to] { deliver(connection, to); });
}

void Cable::deliver(const std::shared_ptr<Connection>& connection, Role to) {
  Way& way = connection->ways[at(to)];
  way.is_scheduled = false;
  while (!way.frames.empty() && way.frames.front().arrives <= agenda_.now()) {
    if (is_cut_[at(to)] || is_held_[at(to)]) break;
    const std::vector<std::uint8_t> frame = std::move(way.frames.front().octets);
    way.frames.pop_front();
    if (frame.empty()) {
      end(connection, to, "the partner has closed it");
    } else if (!connection->is_open[at(to)]) {
      // By who is there again and knows nothing of it; a dead machine says nothing.
      if (ends_.is_running(to)) end(connection, partner_of(to), "reset by the partner");
    } else if (!read(*connection, to, frame)) {
      break;
    }
  }
  pump(connection, to);
}

/// False: the reader is gone, so is the connection.
bool Cable::read(Connection& connection, Role to, const std::vector<std::uint8_t>& frame) {
  FrameReader& reader = connection.ways[at(to)].reader;
  // In two pieces, as TCP might.
  const std::size_t cut = random_.below(static_cast<std::uint32_t>(frame.size()));
  reader.append(std::span(frame).first(cut));
  reader.append(std::span(frame).subspan(cut));
  while (const auto octets = reader.next()) {
    auto message = read_message(*octets, ends_.clock(to));
    EXPECT_TRUE(message.has_value()) << text_of(message.error());
    if (!message) continue;
    const ConnectionId id = connection.ids[at(to)];
    ends_.arrives(to, id, *message);
    if (std::holds_alternative<Connect>(message->body)) {
      ends_.tell(to, event::ConnectReceived{id, std::move(*message)});
    } else {
      ends_.tell(to, event::Received{id, std::move(*message)});
    }
    if (!connection.is_open[at(to)]) return false;
  }
  return true;
}

void Cable::end(const std::shared_ptr<Connection>& connection, Role end, const std::string& why) {
  if (!connection->is_open[at(end)]) return;
  connection->is_open[at(end)] = false;
  ends_.tell(end, event::Closed{connection->ids[at(end)], why});
}

}  // namespace tandem6::simulation
