#include "control/api/lease_scan.h"

#include <boost/json/array.hpp>
#include <charconv>
#include <memory>
#include <utility>

#include "control/api/lease_row.h"

namespace tandem6 {
namespace {

namespace json = boost::json;

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// Lives as long as an answer of a shard is on its way to it.
class LeaseScan : public std::enable_shared_from_this<LeaseScan> {
 public:
  LeaseScan(ServerView& server, LeaseCursor from, unsigned page_size, LeaseFilter filter,
            RpcReply reply)
      : server_(server),
        at_(from),
        page_size_(page_size),
        filter_(std::move(filter)),
        reply_(std::move(reply)) {}

  void step() {
    if (at_.worker >= server_.worker_count()) return finish();
    ShardQuery query;
    query.kind = ShardQueryKind::kList;
    query.from = at_.from;
    query.count_max = kLeasesPerQuery;
    server_.ask(at_.worker, query,
                [self = shared_from_this()](std::expected<ShardReply, std::string> answer) {
                  self->take(answer);
                });
  }

 private:
  void take(const std::expected<ShardReply, std::string>& answer) {
    if (!answer.has_value()) {
      return reply_(std::unexpected(RpcError{.message = answer.error()}));
    }
    for (const LeaseRecord& record : answer->records) {
      if (filter_(record)) leases_.push_back(lease_row(record, at_.worker, server_));
    }
    scanned_ += static_cast<unsigned>(answer->records.size());
    at_ = answer->next == kNoBinding ? LeaseCursor{.worker = at_.worker + 1, .from = 0}
                                     : LeaseCursor{.worker = at_.worker, .from = answer->next};
    const bool page_is_full = leases_.size() + kLeasesPerQuery > page_size_;
    if (page_is_full || scanned_ >= kScannedPerPageMax) return finish();
    step();
  }

  void finish() {
    json::object page;
    page["leases"] = std::move(leases_);
    page["next"] =
        at_.worker < server_.worker_count() ? json::value(at_.to_string()) : json::value(nullptr);
    reply_(std::move(page));
  }

  ServerView& server_;
  LeaseCursor at_;
  unsigned page_size_;
  LeaseFilter filter_;
  RpcReply reply_;
  json::array leases_;
  unsigned scanned_ = 0;
};

}  // namespace

std::string LeaseCursor::to_string() const {
  return std::to_string(worker) + ":" + std::to_string(from);
}

std::optional<LeaseCursor> LeaseCursor::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  LeaseCursor cursor;
  if (!read_number(text.substr(0, colon), cursor.worker)) return std::nullopt;
  if (!read_number(text.substr(colon + 1), cursor.from)) return std::nullopt;
  return cursor;
}

void scan_leases(ServerView& server, LeaseCursor from, unsigned page_size, LeaseFilter filter,
                 RpcReply reply) {
  std::make_shared<LeaseScan>(server, from, page_size, std::move(filter), std::move(reply))->step();
}

}  // namespace tandem6
