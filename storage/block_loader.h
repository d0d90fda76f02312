// The halves of the prefix pools from disk, at start, before the leases.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "storage/block_format.h"
#include "storage/loader.h"
#include "storage/store.h"

namespace tandem6 {

/// Control thread, before the workers start. Gives every block in such an order that a later one
/// is right where two cover a prefix: just move them, one by one. What is bad is left out and told,
/// to be set aside; in its place the block around it shows through, so whoever shares these
/// prefixes has to hear it from the partner again. Half a microsecond a block.
[[nodiscard]] std::expected<LoadResult, std::string> load_blocks(
    const Store& store, const std::function<void(const BlockHalf&)>& move);

}  // namespace tandem6
