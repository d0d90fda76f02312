// Asks shards and gathers what they say: the control thread's end of the rings of queries and
// answers. Polls while something is awaited, and only then.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "control/api/server_view.h"
#include "dataplane/server/shard_query.h"

// Asio is slow to compile; its name is enough here.
namespace boost::asio {
class io_context;
}

namespace tandem6 {

/// The rings, by worker. Answers come in the order of the queries.
struct ShardLines {
  std::function<bool(unsigned worker, const ShardQuery& query)> ask;  // false: full now
  std::function<std::size_t(unsigned worker, std::span<ShardAnswer> answers)> poll;
};

/// Control thread.
class ShardAsker {
 public:
  /// A query that a worker does not answer in `patience` gets an error; what comes later is
  /// dropped.
  ShardAsker(boost::asio::io_context& context, unsigned worker_count, ShardLines lines,
             std::chrono::milliseconds patience = std::chrono::seconds(10));
  /// Forgets what is awaited; no callback comes any more.
  ~ShardAsker();
  ShardAsker(const ShardAsker&) = delete;
  ShardAsker& operator=(const ShardAsker&) = delete;

  /// The callback comes exactly once, never from inside this call.
  void ask(unsigned worker, ShardQuery query, ShardReplyCallback done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6
