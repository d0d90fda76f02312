#include "control/failover/message.h"

namespace tandem6 {
namespace {

struct TypeOf {
  MessageType operator()(const Connect&) const noexcept { return MessageType::kConnect; }
  MessageType operator()(const ConnectReply&) const noexcept { return MessageType::kConnectReply; }
  MessageType operator()(const Disconnect&) const noexcept { return MessageType::kDisconnect; }
  MessageType operator()(const State&) const noexcept { return MessageType::kState; }
  MessageType operator()(const Contact&) const noexcept { return MessageType::kContact; }
  MessageType operator()(const PoolRequest&) const noexcept { return MessageType::kPoolReq; }
  MessageType operator()(const PoolResponse&) const noexcept { return MessageType::kPoolResp; }
  MessageType operator()(const UpdateRequest& request) const noexcept {
    return request.all ? MessageType::kUpdReqAll : MessageType::kUpdReq;
  }
  MessageType operator()(const UpdateDone&) const noexcept { return MessageType::kUpdDone; }
  MessageType operator()(const BindingUpdate&) const noexcept { return MessageType::kBndUpd; }
  MessageType operator()(const BindingReply&) const noexcept { return MessageType::kBndReply; }
};

}  // namespace

MessageType FailoverMessage::type() const noexcept { return std::visit(TypeOf{}, body); }

}  // namespace tandem6
