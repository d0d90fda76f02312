// lease.find, lease.list: copies of bindings, asked of the workers that own them.
#include <strings.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <memory>
#include <utility>

#include "control/api/commands.h"
#include "control/api/lease_row.h"
#include "control/api/lease_scan.h"
#include "control/api/octet_text.h"
#include "control/api/parameters.h"
#include "control/api/server_view.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

std::unexpected<RpcError> invalid(std::string message) {
  return std::unexpected(
      RpcError{.code = RpcErrorCode::kInvalidParameters, .message = std::move(message)});
}

ShardQuery query_for(const Ipv6Prefix& lease) {
  ShardQuery query;
  query.kind = ShardQueryKind::kFindLease;
  query.lease = lease;
  return query;
}

/// The address itself, and the delegated prefixes that it may lie in.
void add_address_queries(ServerView& server, const Ipv6Address& address,
                         std::vector<ShardQuery>& queries) {
  std::vector<Ipv6Prefix> leases = {{address, 128}};
  for (const PoolView& pool : server.pools()) {
    if (!pool.is_prefix_pool || !pool.range.contains(address)) continue;
    leases.push_back(Ipv6Prefix{address, pool.delegated_length}.masked());
  }
  std::sort(leases.begin(), leases.end());
  leases.erase(std::unique(leases.begin(), leases.end()), leases.end());
  for (const Ipv6Prefix& lease : leases) queries.push_back(query_for(lease));
}

/// Everything that `what` may name: eight groups of two digits are an address and a DUID.
std::vector<ShardQuery> queries_for(ServerView& server, const std::string& what) {
  std::vector<ShardQuery> queries;
  if (const auto address = Ipv6Address::parse(what)) {
    add_address_queries(server, *address, queries);
  }
  if (const auto prefix = Ipv6Prefix::parse(what)) queries.push_back(query_for(*prefix));
  if (const auto duid = Duid::parse(what)) {
    ShardQuery query;
    query.kind = ShardQueryKind::kFindClient;
    query.duid = *duid;
    queries.push_back(query);
  }
  return queries;
}

/// Asks every worker every query at once (only one of them is home, but a handful of questions is
/// cheaper than knowing which) and answers when all have answered.
class LeaseGathering : public std::enable_shared_from_this<LeaseGathering> {
 public:
  LeaseGathering(ServerView& server, RpcReply reply) : server_(server), reply_(std::move(reply)) {}

  void ask(const std::vector<ShardQuery>& queries) {
    const unsigned worker_count = server_.worker_count();
    awaited_ = queries.size() * worker_count;
    for (const ShardQuery& query : queries) {
      for (unsigned worker = 0; worker < worker_count; ++worker) {
        server_.ask(
            worker, query,
            [self = shared_from_this(), worker](std::expected<ShardReply, std::string> answer) {
              self->take(worker, answer);
            });
      }
    }
  }

 private:
  void take(unsigned worker, const std::expected<ShardReply, std::string>& answer) {
    if (!answer.has_value()) {
      fault_ = answer.error();
    } else {
      for (const LeaseRecord& record : answer->records) {
        leases_.push_back(lease_row(record, worker, server_));
      }
    }
    if (--awaited_ != 0) return;
    if (fault_.has_value()) return reply_(std::unexpected(RpcError{.message = *fault_}));
    reply_(json::object{{"leases", std::move(leases_)}, {"next", nullptr}});
  }

  ServerView& server_;
  RpcReply reply_;
  json::array leases_;
  std::size_t awaited_ = 0;
  std::optional<std::string> fault_;
};

/// `text` may be the value as text or in hexadecimal digits, or the whole option (enterprise number
/// and value, RFC 4649) in hexadecimal digits.
bool is_remote_id(std::span<const std::uint8_t> remote_id, const std::string& text) {
  constexpr std::size_t kEnterpriseNumberSize = 4;
  if (remote_id.size() < kEnterpriseNumberSize) return false;
  const auto value = remote_id.subspan(kEnterpriseNumberSize);
  return to_escaped_text(value) == text ||
         std::equal(value.begin(), value.end(), text.begin(), text.end(),
                    [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }) ||
         strcasecmp(to_hex(value).c_str(), text.c_str()) == 0 ||
         strcasecmp(to_hex(remote_id).c_str(), text.c_str()) == 0;
}

std::optional<BindingStatus> status_called(const std::string& name) {
  for (int value = 1; value <= 8; ++value) {
    const auto status = static_cast<BindingStatus>(value);
    if (strcasecmp(name_of(status), name.c_str()) == 0) return status;
  }
  return std::nullopt;
}

std::string all_status_names() {
  std::string names;
  for (int value = 1; value <= 8; ++value) {
    names += (names.empty() ? "" : ", ") + std::string(name_of(static_cast<BindingStatus>(value)));
  }
  return names;
}

std::expected<LeaseCursor, RpcError> cursor_of(const std::optional<std::string>& text) {
  if (!text.has_value()) return LeaseCursor{};
  const auto cursor = LeaseCursor::parse(*text);
  if (!cursor.has_value()) return invalid("`cursor` must be a `next` of an earlier page");
  return *cursor;
}

}  // namespace

void command_lease_find(ServerView& server, const json::object& parameters, const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto what = reader.text("what");
  const auto remote_id = reader.text("remote_id");
  const auto cursor_text = reader.text("cursor");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  if (what.has_value() == remote_id.has_value()) {
    return reply(invalid("give either `what` (an address, a prefix or a DUID) or `remote_id`"));
  }
  const auto cursor = cursor_of(cursor_text);
  if (!cursor.has_value()) return reply(std::unexpected(cursor.error()));
  if (remote_id.has_value()) {
    const auto filter = [wanted = *remote_id](const LeaseRecord& record) {
      return is_remote_id(record.remote_id.bytes(), wanted);
    };
    return scan_leases(server, *cursor, kPageSizeDefault, filter, reply);
  }
  const auto queries = queries_for(server, *what);
  if (queries.empty()) {
    return reply(std::unexpected(
        RpcError{.message = "`" + *what +
                            "` is no address, no prefix (bits past its length must be 0) and "
                            "no DUID (3 to 130 octets in hexadecimal digits)"}));
  }
  std::make_shared<LeaseGathering>(server, reply)->ask(queries);
}

void command_lease_list(ServerView& server, const json::object& parameters, const RpcReply& reply) {
  ParameterReader reader(parameters);
  const auto link = reader.text("link");
  const auto status_name = reader.text("status");
  const auto page_size = reader.number("page_size", kPageSizeMin, kPageSizeMax);
  const auto cursor_text = reader.text("cursor");
  if (const auto fault = reader.fault()) return reply(std::unexpected(*fault));
  const auto cursor = cursor_of(cursor_text);
  if (!cursor.has_value()) return reply(std::unexpected(cursor.error()));

  std::optional<PoolIndex> link_index;
  if (link.has_value()) {
    const auto& names = server.link_names();
    const auto found = std::find(names.begin(), names.end(), *link);
    if (found == names.end()) {
      return reply(std::unexpected(RpcError{.message = "no link is called `" + *link + "`"}));
    }
    link_index = static_cast<PoolIndex>(found - names.begin());
  }
  std::optional<BindingStatus> status;
  if (status_name.has_value()) {
    status = status_called(*status_name);
    if (!status.has_value()) {
      return reply(std::unexpected(RpcError{.message = "no status `" + *status_name +
                                                       "`; there are " + all_status_names()}));
    }
  }
  const auto filter = [link_index, status](const LeaseRecord& record) {
    return (!link_index.has_value() || record.binding.link == *link_index) &&
           (!status.has_value() || record.binding.status == *status);
  };
  scan_leases(server, *cursor, static_cast<unsigned>(page_size.value_or(kPageSizeDefault)), filter,
              reply);
}

}  // namespace tandem6
