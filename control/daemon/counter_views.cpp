#include "control/daemon/counter_views.h"

#include <cctype>
#include <string>
#include <string_view>
#include <utility>

#include "dataplane/wire/message_type.h"
#include "dataplane/wire/status_code.h"

namespace tandem6 {
namespace {

constexpr std::string_view kNoName = "UNKNOWN";

/// "INFORMATION-REQUEST" to "information_request", "NoAddrsAvail" to "no_addrs_avail".
std::string counter_word(std::string_view name) {
  std::string word;
  bool last_was_lower = false;
  for (const char c : name) {
    const auto octet = static_cast<unsigned char>(c);
    if (std::isupper(octet) != 0 && last_was_lower) word += '_';
    word += c == '-' ? '_' : static_cast<char>(std::tolower(octet));
    last_was_lower = std::islower(octet) != 0;
  }
  return word;
}

template <typename Read>
void add(std::vector<CounterView>& views, std::string name, std::span<const WorkerCounters> workers,
         Read read) {
  CounterView view{.name = std::move(name), .per_worker = {}};
  for (const WorkerCounters& worker : workers) view.per_worker.push_back(read(worker));
  views.push_back(std::move(view));
}

void add_message_types(std::vector<CounterView>& views, std::span<const WorkerCounters> workers,
                       const char* prefix,
                       std::array<Counter, WireCounters::kMessageTypeCount> WireCounters::* table) {
  for (std::size_t type = 0; type < WireCounters::kMessageTypeCount; ++type) {
    const std::string_view name = name_of(static_cast<MessageType>(type));
    if (name == kNoName) continue;
    add(views, prefix + counter_word(name), workers,
        [&](const WorkerCounters& worker) { return (worker.wire->*table)[type].read(); });
  }
}

void add_status_codes(std::vector<CounterView>& views, std::span<const WorkerCounters> workers) {
  for (std::size_t code = 0; code < WireCounters::kStatusCodeCount; ++code) {
    const std::string_view name = name_of(static_cast<StatusCode>(code));
    if (counter_word(name) == "unknown") continue;
    add(views, "ans." + counter_word(name), workers,
        [&](const WorkerCounters& worker) { return worker.wire->status_sent[code].read(); });
  }
  add(views, "ans.lease_cap", workers,
      [](const WorkerCounters& worker) { return worker.wire->lease_cap.read(); });
}

}  // namespace

std::vector<CounterView> counter_views(std::span<const WorkerCounters> workers) {
  std::vector<CounterView> views;
  add_message_types(views, workers, "received.", &WireCounters::received);
  add_message_types(views, workers, "sent.", &WireCounters::sent);
  add_status_codes(views, workers);
  for (std::size_t i = 1; i < static_cast<std::size_t>(DropReason::kCount); ++i) {
    add(views, std::string("drop.") + name_of(static_cast<DropReason>(i)), workers,
        [&](const WorkerCounters& worker) { return worker.wire->dropped[i].read(); });
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(OddReason::kCount); ++i) {
    add(views, std::string("odd.") + name_of(static_cast<OddReason>(i)), workers,
        [&](const WorkerCounters& worker) { return worker.wire->odd[i].read(); });
  }
  for (const auto& [name, counter] : kNetCounterEntries) {
    add(views, std::string("net.") + name, workers,
        [at = counter](const WorkerCounters& worker) { return (worker.net->*at).read(); });
  }
  return views;
}

DropReporter::Counts sum_of_drops(std::span<const WorkerCounters> workers) {
  DropReporter::Counts counts{};
  for (const WorkerCounters& worker : workers) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += worker.wire->dropped[i].read();
  }
  return counts;
}

}  // namespace tandem6
