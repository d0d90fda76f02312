// The messages that failover partners exchange (RFC 8156 section 5.3), as values: what the endpoint
// takes in and gives out. The codec (message_reader.h, message_writer.h) turns them into octets and
// back; times are wall times here and 32 bits on the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "control/failover/endpoint_state.h"
#include "dataplane/lease/lease_update.h"
#include "dataplane/lease/wall_time.h"
#include "dataplane/wire/message_type.h"
#include "dataplane/wire/status_code.h"

namespace tandem6 {

struct StatusReport {
  StatusCode code = StatusCode::kSuccess;
  std::string text;
};

struct ProtocolVersion {
  std::uint16_t major = 1;
  std::uint16_t minor = 0;
  friend bool operator==(const ProtocolVersion&, const ProtocolVersion&) = default;
};

/// What CONNECT and an accepting CONNECTREPLY say (sections 6.1.1, 6.1.2). What was not there is
/// nullopt; the endpoint judges.
struct ConnectionParameters {
  static constexpr std::uint16_t kFixedPdLength = 1;

  std::optional<ProtocolVersion> version;           // 127
  std::optional<Lifetime> mclt;                     // 122
  std::optional<Lifetime> keepalive;                // 128
  std::optional<std::uint32_t> max_unacked_bndupd;  // 121
  std::optional<std::uint16_t> flags;               // 115
  std::string relationship_name;                    // 130; empty: not there
  /// Option 17 of our enterprise number: the digest of the shared configuration, which others
  /// ignore. Empty: not there.
  std::vector<std::uint8_t> fingerprint;
};

struct Connect {
  ConnectionParameters parameters;
};
struct ConnectReply {
  ConnectionParameters parameters;
  std::optional<StatusReport> refusal;  // an error status: the connection is refused
};
struct Disconnect {
  std::optional<StatusReport> status;
};
struct State {
  EndpointState state = EndpointState::kNone;  // 132
  ServerFlags flags;                           // 131
  WallTime start_time_of_state;                // 133
  WallTime partner_down_time;                  // 125; kNoTime: not there
};
struct Contact {};
struct PoolRequest {};
struct PoolResponse {};
/// UPDREQ, or UPDREQALL when `all`.
struct UpdateRequest {
  bool all = false;
};
struct UpdateDone {};

/// BNDUPD: one CLIENT_DATA with the leases of one client, or one bare IAPREFIX (then exactly one
/// lease, whose duid is empty, whose ia_type is that of prefixes and whose iaid is 0). What stands
/// once for a client (relay data, reconfigure key) is written as of the lease heard of last, and
/// read into all. Without leases: a CLIENT_DATA that named no client, or no container at all.
struct BindingUpdate {
  /// A lease as it was received. When the verdict is no success the update lacks what is needed to
  /// judge it and must not be applied; the verdict is the answer.
  struct Lease {
    LeaseUpdate update;
    LeaseVerdict verdict;
    bool has_status = true;  // option 114 was there: only then is it echoed
    bool in_ia_ta = false;   // it stood in an IA_TA: refused, and echoed in one
  };
  /// OPTION_VSS (68) as received, to be echoed (F-252). No VPN but the global one is known here, so
  /// any other is refused.
  std::optional<std::vector<std::uint8_t>> vss;
  /// The whole is refused: no lease of it is judged.
  LeaseVerdict verdict;
  std::vector<Lease> leases;
};

/// BNDREPLY: the same shape with the verdicts. `status` of a lease is the error that covers it,
/// from whichever level it stood at, the outermost first (F-259); kSuccess: accepted. A lease that
/// is not listed is not acked.
struct BindingReply {
  struct Lease {
    LeaseAck ack;
    StatusReport status;
    bool has_status = true;  // option 114 was there
    bool in_ia_ta = false;   // as in the BNDUPD; none is ever read, since none is ever sent
  };
  std::optional<std::vector<std::uint8_t>> vss;
  StatusReport status;  // of the whole
  std::vector<Lease> leases;
};

struct FailoverMessage {
  using Body = std::variant<Connect, ConnectReply, Disconnect, State, Contact, PoolRequest,
                            PoolResponse, UpdateRequest, UpdateDone, BindingUpdate, BindingReply>;

  std::uint32_t transaction_id = 0;  // 24 bits
  WallTime sent_time;                // stamped when it is written
  Body body;

  [[nodiscard]] MessageType type() const noexcept;
};

}  // namespace tandem6
