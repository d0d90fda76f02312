// The handlers of the command table, a file for each group. See command.h for their contract.
#pragma once

#include "control/api/command.h"

namespace tandem6 {

void command_status(ServerView& server, const boost::json::object& parameters,
                    const RpcReply& reply);
void command_stats(ServerView& server, const boost::json::object& parameters,
                   const RpcReply& reply);
void command_failover_show(ServerView& server, const boost::json::object& parameters,
                           const RpcReply& reply);
void command_failover_plan(ServerView& server, const boost::json::object& parameters,
                           const RpcReply& reply);
void command_failover_partner_down(ServerView& server, const boost::json::object& parameters,
                                   const RpcReply& reply);
void command_failover_conflicts(ServerView& server, const boost::json::object& parameters,
                                const RpcReply& reply);
void command_pool_show(ServerView& server, const boost::json::object& parameters,
                       const RpcReply& reply);
void command_lease_find(ServerView& server, const boost::json::object& parameters,
                        const RpcReply& reply);
void command_lease_list(ServerView& server, const boost::json::object& parameters,
                        const RpcReply& reply);
void command_storage_status(ServerView& server, const boost::json::object& parameters,
                            const RpcReply& reply);
void command_storage_checkpoint(ServerView& server, const boost::json::object& parameters,
                                const RpcReply& reply);
void command_storage_verify(ServerView& server, const boost::json::object& parameters,
                            const RpcReply& reply);
void command_config_check(ServerView& server, const boost::json::object& parameters,
                          const RpcReply& reply);
void command_log_level(ServerView& server, const boost::json::object& parameters,
                       const RpcReply& reply);
void command_shutdown(ServerView& server, const boost::json::object& parameters,
                      const RpcReply& reply);

}  // namespace tandem6
