// What control asks of a shard, by message, and what the shard's worker answers (nobody else may
// read a shard). Bounded work per turn of the worker's loop.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "dataplane/lease/lease_record.h"
#include "dataplane/lease/shard.h"

namespace tandem6 {

enum class ShardQueryKind : std::uint8_t {
  kFindLease,   // the bindings of `lease`
  kFindClient,  // all bindings of `duid`
  kList,        // bindings in slab order from `from`, at most `count_max`
};

struct ShardQuery {
  std::uint64_t id = 0;  // chosen by the asker, copied into the answers
  ShardQueryKind kind = ShardQueryKind::kList;
  Ipv6Prefix lease;  // an address is a prefix of length 128
  Duid duid;
  BindingIndex from = 0;
  std::uint16_t count_max = 64;
};

/// Each query gets its records, then exactly one answer with `last` set and no record.
struct ShardAnswer {
  std::uint64_t id = 0;
  bool last = false;
  BindingIndex next = kNoBinding;  // with `last`, of kList: where to go on; kNoBinding: at the end
  LeaseRecord record;
};

/// A copy of the binding with everything that the shard keeps beside it.
[[nodiscard]] inline LeaseRecord record_of(const Shard& shard, BindingIndex index) {
  LeaseRecord record;
  record.binding = shard.at(index);
  record.duid = shard.duid_of(record.binding);
  record.set_attributes(shard.attributes_of(record.binding));
  return record;
}

/// Answers `query` by calling `answer(const ShardAnswer&)` for each record and once for the end: at
/// most count_max + 1 times. The worker's thread only. `client` is the key of the query's DUID.
template <typename Sink>
void answer_shard_query(const ShardQuery& query, const ClientKey& client, const Shard& shard,
                        Sink&& answer) {
  ShardAnswer reply;
  reply.id = query.id;
  const auto send_record = [&](BindingIndex index) {
    reply.record = record_of(shard, index);
    answer(reply);
  };
  switch (query.kind) {
    case ShardQueryKind::kFindLease: {
      const BindingIndex index = shard.find_lease(query.lease.address, query.lease.length);
      if (index != kNoBinding) send_record(index);
      break;
    }
    case ShardQueryKind::kFindClient: {
      std::array<BindingIndex, 64> found;
      const std::size_t count = std::min(shard.find_client(client, found), found.size());
      for (std::size_t i = 0; i < std::min<std::size_t>(count, query.count_max); ++i) {
        send_record(found[i]);
      }
      break;
    }
    case ShardQueryKind::kList: {
      BindingIndex index = shard.first_from(query.from);
      for (unsigned n = 0; n < query.count_max && index != kNoBinding; ++n) {
        send_record(index);
        index = shard.first_from(index + 1);
      }
      reply.next = index;
      break;
    }
  }
  reply.last = true;
  reply.record = LeaseRecord();
  answer(reply);
}

}  // namespace tandem6
