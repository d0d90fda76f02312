// What a worker counts of frames, beside the WireCounters of the messages in them.
#pragma once

#include <array>
#include <utility>

#include "dataplane/wire/counters.h"

namespace tandem6 {

/// Every worker has one and alone writes it; control sums them, stale is fine.
struct NetCounters {
  Counter received;         // frames from the ports
  Counter sent;             // frames accepted by a port's transmit queue, replies and the kernel's
  Counter other_host;       // frames to a MAC address that is not ours
  Counter left_to_kernel;   // frames that are not for the server: the kernel gets its own copy
  Counter given_to_kernel;  // the same through a TAP device of ours
  Counter from_kernel;      // frames of the kernel, sent out on the port
  Counter no_kernel;        // frames not for the server on a port without a way to the kernel
  Counter handed_over;      // messages passed to the worker at home for the client
  Counter taken_over;       // messages got from other workers
  Counter held;             // replies that waited for their change to be committed
  Counter transmit_full;    // frames given up because a transmit queue had no room
  Counter sleeps;           // times that an idle worker slept
};

using NetCounterEntry = std::pair<const char*, Counter NetCounters::*>;
/// Name and place of each, for whoever prints them.
inline constexpr std::array<NetCounterEntry, 12> kNetCounterEntries{{
    {"received", &NetCounters::received},
    {"sent", &NetCounters::sent},
    {"other_host", &NetCounters::other_host},
    {"left_to_kernel", &NetCounters::left_to_kernel},
    {"given_to_kernel", &NetCounters::given_to_kernel},
    {"from_kernel", &NetCounters::from_kernel},
    {"no_kernel", &NetCounters::no_kernel},
    {"handed_over", &NetCounters::handed_over},
    {"taken_over", &NetCounters::taken_over},
    {"held", &NetCounters::held},
    {"transmit_full", &NetCounters::transmit_full},
    {"sleeps", &NetCounters::sleeps},
}};
static_assert(kNetCounterEntries.size() * sizeof(Counter) == sizeof(NetCounters));

}  // namespace tandem6
