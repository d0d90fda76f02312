#include "storage/block_loader.h"

namespace tandem6 {

std::expected<LoadResult, std::string> load_blocks(
    const Store& store, const std::function<void(const BlockHalf&)>& move) {
  LoadResult result;
  // In the order of the keys: a block comes before those inside of it, which are newer.
  const auto walked =
      store.walk(Family::kDelegable, {}, {}, [&](RecordOctets key, RecordOctets value) {
        const auto block = read_block_record(key, value);
        if (block.has_value()) {
          ++result.record_count;
          move(*block);
        } else {
          result.keep_bad(key, value, block.error());
        }
        return true;
      });
  if (!walked.has_value()) return std::unexpected(walked.error());
  result.damaged_gap_count = walked->damaged_gap_count;
  return result;
}

}  // namespace tandem6
