#include "dataplane/wire/message_type.h"

namespace tandem6 {

const char* name_of(MessageType type) noexcept {
  switch (type) {
    case MessageType::kSolicit:
      return "SOLICIT";
    case MessageType::kAdvertise:
      return "ADVERTISE";
    case MessageType::kRequest:
      return "REQUEST";
    case MessageType::kConfirm:
      return "CONFIRM";
    case MessageType::kRenew:
      return "RENEW";
    case MessageType::kRebind:
      return "REBIND";
    case MessageType::kReply:
      return "REPLY";
    case MessageType::kRelease:
      return "RELEASE";
    case MessageType::kDecline:
      return "DECLINE";
    case MessageType::kReconfigure:
      return "RECONFIGURE";
    case MessageType::kInformationRequest:
      return "INFORMATION-REQUEST";
    case MessageType::kRelayForward:
      return "RELAY-FORW";
    case MessageType::kRelayReply:
      return "RELAY-REPL";
    case MessageType::kLeasequery:
      return "LEASEQUERY";
    case MessageType::kLeasequeryReply:
      return "LEASEQUERY-REPLY";
    case MessageType::kLeasequeryDone:
      return "LEASEQUERY-DONE";
    case MessageType::kLeasequeryData:
      return "LEASEQUERY-DATA";
    case MessageType::kActiveLeasequery:
      return "ACTIVELEASEQUERY";
    case MessageType::kStartTls:
      return "STARTTLS";
    case MessageType::kBndUpd:
      return "BNDUPD";
    case MessageType::kBndReply:
      return "BNDREPLY";
    case MessageType::kPoolReq:
      return "POOLREQ";
    case MessageType::kPoolResp:
      return "POOLRESP";
    case MessageType::kUpdReq:
      return "UPDREQ";
    case MessageType::kUpdReqAll:
      return "UPDREQALL";
    case MessageType::kUpdDone:
      return "UPDDONE";
    case MessageType::kConnect:
      return "CONNECT";
    case MessageType::kConnectReply:
      return "CONNECTREPLY";
    case MessageType::kDisconnect:
      return "DISCONNECT";
    case MessageType::kState:
      return "STATE";
    case MessageType::kContact:
      return "CONTACT";
  }
  return "UNKNOWN";
}

}  // namespace tandem6
