#include "storage/record_stream.h"

#include <algorithm>
#include <utility>

namespace tandem6 {
namespace {

/// Each page is a walk that reads megabytes ahead: pages are to be of that size too.
constexpr std::size_t kPageKeyCount = 32768;

}  // namespace

RecordStream::RecordStream(const Store& store, Family family, RecordOctets first, RecordOctets end,
                           Filter wants)
    : store_(store),
      family_(family),
      first_(first.begin(), first.end()),
      end_(end.begin(), end.end()),
      wants_(std::move(wants)) {}

RecordOctets RecordStream::key() {
  if (at_ == page_.size() && !is_last_page_) read_page();
  return at_ < page_.size() ? RecordOctets(page_[at_]) : RecordOctets();
}

void RecordStream::seek(RecordOctets first) {
  const auto is_before = [&](const std::vector<std::uint8_t>& key) {
    return std::ranges::lexicographical_compare(key, first);
  };
  while (at_ < page_.size() && is_before(page_[at_])) ++at_;
  if (at_ == page_.size() && is_before(first_)) first_.assign(first.begin(), first.end());
}

void RecordStream::read_page() {
  page_.clear();
  at_ = 0;
  const auto walked = store_.walk(family_, first_, end_, [&](RecordOctets key, RecordOctets value) {
    if (!wants_ || wants_(key, value)) page_.emplace_back(key.begin(), key.end());
    return page_.size() < kPageKeyCount;
  });
  is_last_page_ = page_.size() < kPageKeyCount;
  if (!walked.has_value()) {
    trouble_ = walked.error();
    page_.clear();
    is_last_page_ = true;
    return;
  }
  record_count_ += page_.size();
  damaged_gap_count_ += walked->damaged_gap_count;
  if (is_last_page_) return;
  first_ = page_.back();
  first_.push_back(0);  // the first key after it
}

}  // namespace tandem6
