#include "storage/verify.h"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string_view>
#include <utility>

#include "storage/block_loader.h"
#include "storage/endpoint_format.h"
#include "storage/store_impl.h"
#include "storage/verify_part.h"

namespace tandem6 {
namespace {

constexpr unsigned kPartsPerThread = 4;
constexpr std::string_view kFormatName = "format";  // checked when the store is opened
constexpr const char* kCancelled = "cancelled";

using Parts = std::vector<std::unique_ptr<VerifyPart>>;

/// Cuts between leases: the records of one lease are looked at together.
Parts cut_into_parts(const VerifyContext& context, unsigned threads) {
  std::vector<std::vector<std::uint8_t>> cuts{{}};
  for (auto& cut : context.store.split_leases(threads * kPartsPerThread)) {
    cut.resize(std::min(cut.size(), LeaseKey::kLeaseSize));
    if (cut > cuts.back()) cuts.push_back(std::move(cut));
  }
  cuts.emplace_back();
  Parts parts;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    parts.push_back(std::make_unique<VerifyPart>(context, cuts[i], cuts[i + 1]));
  }
  return parts;
}

void add_counts(VerifyResult& total, VerifyResult& part, std::size_t text_count_max) {
  total.lease_count += part.lease_count;
  total.held_count += part.held_count;
  total.dirty_count += part.dirty_count;
  total.damaged_gap_count += part.damaged_gap_count;
  for (std::size_t i = 0; i < kVerifyFaultCount; ++i) {
    total.fault_counts[i] += part.fault_counts[i];
    for (std::string& text : part.texts[i]) {
      if (total.texts[i].size() < text_count_max) total.texts[i].push_back(std::move(text));
    }
  }
}

/// A prefix of one part that reaches into the next.
void check_across_cuts(const Parts& parts, VerifyResult& result, std::size_t text_count_max) {
  std::optional<Ipv6Prefix> outer;
  for (const auto& part : parts) {
    if (!part->first_prefix()) continue;
    const bool is_inside = outer && outer->contains(*part->first_prefix());
    if (is_inside) {
      add_fault(result, text_count_max, VerifyFault::kHeldInside,
                "prefix " + part->first_prefix()->to_string() + " is held inside of " +
                    outer->to_string());
    }
    if (!is_inside || !outer->contains(*part->last_outer_prefix())) {
      outer = part->last_outer_prefix();
    }
  }
}

std::expected<void, std::string> check_leases(const VerifyContext& context, unsigned threads,
                                              VerifyResult& result) {
  const Parts parts = cut_into_parts(context, threads);
  tbb::task_arena arena(static_cast<int>(threads));
  arena.execute([&] {
    tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t i) {
      // A part that fails ends the others.
      if (!parts[i]->run()) context.progress.is_cancelled.store(true, std::memory_order_relaxed);
    });
  });
  for (const auto& part : parts) {
    if (!part->trouble().empty()) return std::unexpected(part->trouble());
  }
  if (context.progress.is_cancelled.load(std::memory_order_relaxed)) {
    return std::unexpected(kCancelled);
  }
  for (const auto& part : parts) add_counts(result, part->result(), context.text_count_max);
  check_across_cuts(parts, result, context.text_count_max);
  return {};
}

std::expected<void, std::string> count_set_aside(const Store& store, VerifyResult& result) {
  const auto walked = store.walk(Family::kSetAside, {}, {}, [&](RecordOctets, RecordOctets value) {
    const std::size_t fault = value.empty() ? 0 : value[0];
    ++result.set_aside_counts[fault < result.set_aside_counts.size() ? fault : 0];
    return true;
  });
  if (!walked.has_value()) return std::unexpected(walked.error());
  result.damaged_gap_count += walked->damaged_gap_count;
  return {};
}

/// Names first and values after: the store is not asked from inside of its own walk.
std::expected<void, std::string> check_server_records(const VerifyContext& context,
                                                      VerifyResult& result) {
  std::vector<std::string> names;
  const auto walked =
      context.store.walk(Family::kServer, {}, {}, [&](RecordOctets key, RecordOctets) {
        names.emplace_back(key.begin(), key.end());
        return true;
      });
  if (!walked.has_value()) return std::unexpected(walked.error());
  result.damaged_gap_count += walked->damaged_gap_count;
  for (const std::string& name : names) {
    if (name == kFormatName) continue;
    ++result.server_record_count;
    std::string trouble;
    if (name.starts_with(kEndpointPrefix)) {
      const auto read = context.store.endpoint(name.substr(kEndpointPrefix.size()));
      if (!read.has_value()) trouble = read.error();
    } else {
      const auto read = context.store.server_value(name);
      if (!read.has_value()) trouble = read.error();
    }
    if (!trouble.empty()) {
      add_fault(result, context.text_count_max, VerifyFault::kServerRecord, std::move(trouble));
    }
  }
  return {};
}

std::expected<void, std::string> read_blocks(VerifyContext& context, VerifyResult& result) {
  const auto loaded =
      load_blocks(context.store, [&](const BlockHalf& each) { context.blocks.push_back(each); });
  if (!loaded.has_value()) return std::unexpected(loaded.error());
  result.block_count = loaded->record_count;
  result.damaged_gap_count += loaded->damaged_gap_count;
  for (const BadRecord& bad : loaded->bad) {
    add_fault(result, context.text_count_max, VerifyFault::kBlockRecord,
              "the record with the key " + hex_of(bad.key) + " " + text_of(bad.fault));
  }
  return {};
}

VerifyContext context_of(const Store& store, const VerifyOptions& options,
                         VerifyProgress& progress) {
  VerifyContext context{.store = store,
                        .pools = std::nullopt,
                        .reservations = std::nullopt,
                        .blocks = {},
                        .text_count_max = options.text_count_max,
                        .progress = progress};
  if (options.ranges) {
    context.pools.emplace(options.ranges->pools);
    context.reservations.emplace(options.ranges->reservations);
  }
  return context;
}

}  // namespace

const char* name_of(VerifyFault fault) noexcept {
  switch (fault) {
    case VerifyFault::kDamagedRecord:
      return "damaged_record";
    case VerifyFault::kHeldTwice:
      return "held_twice";
    case VerifyFault::kHeldInside:
      return "held_inside_another";
    case VerifyFault::kMissingInDirty:
      return "missing_in_dirty_index";
    case VerifyFault::kNeedlesslyInDirty:
      return "needlessly_in_dirty_index";
    case VerifyFault::kServerRecord:
      return "damaged_server_record";
    case VerifyFault::kInTwoPools:
      return "in_two_pools";
    case VerifyFault::kInNoPool:
      return "in_no_pool";
    case VerifyFault::kBlockRecord:
      return "damaged_block_record";
    case VerifyFault::kHeldInHalf:
      return "held_in_secondary_half";
  }
  return "unknown";
}

std::uint64_t VerifyResult::set_aside_count() const noexcept {
  return std::accumulate(set_aside_counts.begin(), set_aside_counts.end(), std::uint64_t{0});
}

bool VerifyResult::is_sound() const noexcept {
  for (std::size_t i = 0; i < kVerifyFaultCount; ++i) {
    const auto fault = static_cast<VerifyFault>(i);
    if (fault == VerifyFault::kInNoPool || fault == VerifyFault::kHeldInHalf) continue;
    if (fault_counts[i] != 0) return false;
  }
  return damaged_gap_count == 0;
}

std::expected<VerifyResult, std::string> verify(const Store& store, const VerifyOptions& options,
                                                VerifyProgress& progress) {
  VerifyContext context = context_of(store, options, progress);
  const unsigned threads = options.thread_count_max != 0
                               ? options.thread_count_max
                               : static_cast<unsigned>(tbb::info::default_concurrency());
  VerifyResult result;
  if (auto done = read_blocks(context, result); !done.has_value()) {
    return std::unexpected(done.error());
  }
  if (auto done = check_leases(context, threads, result); !done.has_value()) {
    return std::unexpected(done.error());
  }
  if (auto done = count_set_aside(store, result); !done.has_value()) {
    return std::unexpected(done.error());
  }
  if (auto done = check_server_records(context, result); !done.has_value()) {
    return std::unexpected(done.error());
  }
  return result;
}

}  // namespace tandem6
