#include "control/daemon/shard_asker.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <utility>
#include <vector>

namespace tandem6 {
namespace {

using std::chrono::steady_clock;

constexpr auto kPollTime = std::chrono::microseconds(200);
constexpr std::size_t kAnswersAtOnce = 64;

struct Awaited {
  ShardQuery query;
  ShardReplyCallback done;
  steady_clock::time_point deadline;
  bool sent = false;
  ShardReply reply;
};

}  // namespace

struct ShardAsker::Impl {
  Impl(boost::asio::io_context& context, unsigned worker_count, ShardLines lines_given,
       std::chrono::milliseconds patience_given)
      : timer(context),
        lines(std::move(lines_given)),
        patience(patience_given),
        awaited(worker_count),
        answers(kAnswersAtOnce) {}

  void poll_soon() {
    if (polling) return;
    polling = true;
    timer.expires_after(kPollTime);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      polling = false;
      poll();
    });
  }

  void poll() {
    bool any = false;
    for (unsigned worker = 0; worker < awaited.size(); ++worker) {
      send_waiting(worker);
      take_answers(worker);
      give_up_late(worker);
      any = any || !awaited[worker].empty();
    }
    if (any) poll_soon();
  }

  void send_waiting(unsigned worker) {
    for (Awaited& each : awaited[worker]) {
      if (each.sent) continue;
      if (!lines.ask(worker, each.query)) return;
      each.sent = true;
    }
  }

  void take_answers(unsigned worker) {
    for (;;) {
      const std::size_t count = lines.poll(worker, answers);
      for (std::size_t i = 0; i < count; ++i) take(worker, answers[i]);
      if (count < answers.size()) return;
    }
  }

  void take(unsigned worker, const ShardAnswer& answer) {
    auto& queue = awaited[worker];
    // An answer to a query that was given up belongs to nobody.
    if (queue.empty() || queue.front().query.id != answer.id) return;
    if (!answer.last) {
      queue.front().reply.records.push_back(answer.record);
      return;
    }
    Awaited ready = std::move(queue.front());
    queue.pop_front();
    ready.reply.next = answer.next;
    ready.done(std::move(ready.reply));
  }

  void give_up_late(unsigned worker) {
    auto& queue = awaited[worker];
    const auto now = steady_clock::now();
    while (!queue.empty() && queue.front().deadline <= now) {
      const Awaited late = std::move(queue.front());
      queue.pop_front();
      late.done(std::unexpected("worker " + std::to_string(worker) + " does not answer"));
    }
  }

  boost::asio::steady_timer timer;
  ShardLines lines;
  std::chrono::milliseconds patience;
  std::vector<std::deque<Awaited>> awaited;
  std::vector<ShardAnswer> answers;
  std::uint64_t next_id = 1;
  bool polling = false;
};

ShardAsker::ShardAsker(boost::asio::io_context& context, unsigned worker_count, ShardLines lines,
                       std::chrono::milliseconds patience)
    : impl_(std::make_unique<Impl>(context, worker_count, std::move(lines), patience)) {}

ShardAsker::~ShardAsker() = default;

void ShardAsker::ask(unsigned worker, ShardQuery query, ShardReplyCallback done) {
  query.id = impl_->next_id++;
  impl_->awaited[worker].push_back({.query = query,
                                    .done = std::move(done),
                                    .deadline = steady_clock::now() + impl_->patience,
                                    .sent = false,
                                    .reply = {}});
  impl_->poll_soon();
}

}  // namespace tandem6
