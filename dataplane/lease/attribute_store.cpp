#include "dataplane/lease/attribute_store.h"

#include <algorithm>
#include <cstring>

#include "dataplane/lease/binding.h"
#include "dataplane/wire/check.h"
#include "dataplane/wire/duid.h"

namespace tandem6 {

class AttributeStore::Cursor {
 public:
  Cursor(const AttributeStore& store, AttributeHandle handle) noexcept
      : store_(store), chunk_(&store.chunk(handle)) {}

  void write(std::span<const std::uint8_t> from) noexcept {
    each(from.size(), [&](std::uint8_t* octets, std::size_t done, std::size_t size) {
      std::memcpy(octets, from.data() + done, size);
      return true;
    });
  }
  void read(std::span<std::uint8_t> to) noexcept {
    each(to.size(), [&](const std::uint8_t* octets, std::size_t done, std::size_t size) {
      std::memcpy(to.data() + done, octets, size);
      return true;
    });
  }
  [[nodiscard]] bool equals(std::span<const std::uint8_t> other) noexcept {
    bool equal = true;
    each(other.size(), [&](const std::uint8_t* octets, std::size_t done, std::size_t size) {
      equal = std::memcmp(octets, other.data() + done, size) == 0;
      return equal;
    });
    return equal;
  }
  void skip(std::size_t size) noexcept {
    each(size, [](const std::uint8_t*, std::size_t, std::size_t) { return true; });
  }

 private:
  /// Calls for each piece of the next `size` octets that lies in one chunk, until one says false.
  template <typename Piece>
  void each(std::size_t size, Piece&& piece) noexcept {
    for (std::size_t done = 0; done < size;) {
      if (at_ == kPayloadSize) {
        chunk_ = &store_.chunk(chunk_->next);
        at_ = 0;
      }
      const std::size_t part = std::min(size - done, kPayloadSize - at_);
      if (!piece(chunk_->octets.data() + at_, done, part)) return;
      at_ += part;
      done += part;
    }
  }

  const AttributeStore& store_;
  Chunk* chunk_;
  std::size_t at_ = 0;
};

AttributeStore::AttributeStore(std::uint32_t chunk_count, std::uint32_t tail_chunk_count)
    : chunk_count_(chunk_count),
      attribute_chunk_max_(chunk_count - tail_chunk_count),
      free_count_(chunk_count),
      chunks_(chunk_count) {
  static_assert(kHeadSize + Duid::kSizeMax - Binding::kInlineDuidSize <=
                kTailChunkCountMax * kPayloadSize);
  T6_CHECK(chunk_count < 0xffffffff);  // a handle is a place plus one
  T6_CHECK(tail_chunk_count <= chunk_count);
}

AttributeStore::Chunk& AttributeStore::chunk(AttributeHandle handle) const noexcept {
  T6_CHECK(handle != kNoAttributes && handle <= touched_count_);
  return chunks_[handle - 1];
}

AttributeHandle AttributeStore::take() noexcept {
  T6_CHECK(free_count_ != 0);
  --free_count_;
  AttributeHandle handle = first_freed_;
  if (handle != kNoAttributes) {
    first_freed_ = chunk(handle).next;
  } else {
    T6_CHECK(touched_count_ < chunk_count_);
    handle = ++touched_count_;
  }
  chunk(handle).next = kNoAttributes;
  return handle;
}

void AttributeStore::give(AttributeHandle handle) noexcept {
  chunk(handle).next = first_freed_;
  first_freed_ = handle;
  ++free_count_;
}

void AttributeStore::give_chain(AttributeHandle& handle) noexcept {
  while (handle != kNoAttributes) {
    const AttributeHandle next = chunk(handle).next;
    give(handle);
    handle = next;
  }
}

std::uint32_t AttributeStore::chunk_count_of(AttributeHandle handle) const noexcept {
  std::uint32_t count = 0;
  for (; handle != kNoAttributes; handle = chunk(handle).next) ++count;
  return count;
}

std::uint32_t AttributeStore::tail_chunk_count(std::size_t tail_size) noexcept {
  return tail_size == 0 ? 0 : chunk_count_for(kHeadSize + tail_size);
}

void AttributeStore::free(AttributeHandle& handle, std::size_t tail_size) noexcept {
  attribute_chunk_count_ -= chunk_count_of(handle) - tail_chunk_count(tail_size);
  give_chain(handle);
}

/// Makes the chain long enough for `size` octets (head included) and no longer. What fits both
/// lengths stays. False, with nothing changed, when too few chunks are free.
bool AttributeStore::resize(AttributeHandle& handle, std::size_t size) noexcept {
  const std::uint32_t wanted = chunk_count_for(size);
  const std::uint32_t present = chunk_count_of(handle);
  if (wanted > present && wanted - present > free_count_) return false;

  AttributeHandle* link = &handle;
  for (std::uint32_t n = 0; n < wanted; ++n) {
    if (*link == kNoAttributes) *link = take();
    link = &chunk(*link).next;
  }
  give_chain(*link);
  return true;
}

AttributeHandle AttributeStore::create(std::span<const std::uint8_t> duid_tail) noexcept {
  AttributeHandle handle = kNoAttributes;
  if (duid_tail.empty() || !resize(handle, kHeadSize + duid_tail.size())) return kNoAttributes;
  Cursor cursor(*this, handle);
  cursor.write(std::array<std::uint8_t, kHeadSize>{});
  cursor.write(duid_tail);
  return handle;
}

bool AttributeStore::assign(AttributeHandle& handle, std::size_t tail_size,
                            const BindingAttributes& attributes) noexcept {
  const BindingAttributes::Parts parts = attributes.parts();
  std::array<std::uint8_t, kHeadSize> sizes{};
  std::size_t size = tail_size;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].size() > kAttributeSizeMax) return false;
    sizes[i] = static_cast<std::uint8_t>(parts[i].size());
    size += parts[i].size();
  }
  if (size == 0) {
    free(handle, 0);
    return true;
  }
  const std::uint32_t for_tail = tail_chunk_count(tail_size);
  const std::uint32_t others = attribute_chunk_count_ - (chunk_count_of(handle) - for_tail);
  const std::uint32_t wanted = chunk_count_for(kHeadSize + size) - for_tail;
  if (others + wanted > attribute_chunk_max_ || !resize(handle, kHeadSize + size)) return false;
  attribute_chunk_count_ = others + wanted;
  Cursor cursor(*this, handle);
  cursor.write(sizes);
  cursor.skip(tail_size);
  for (const auto& part : parts) cursor.write(part);
  return true;
}

bool AttributeStore::tail_equals(AttributeHandle handle,
                                 std::span<const std::uint8_t> tail) const noexcept {
  Cursor cursor(*this, handle);
  cursor.skip(kHeadSize);
  return cursor.equals(tail);
}

void AttributeStore::read_tail(AttributeHandle handle,
                               std::span<std::uint8_t> tail) const noexcept {
  Cursor cursor(*this, handle);
  cursor.skip(kHeadSize);
  cursor.read(tail);
}

BindingAttributes AttributeStore::read_attributes(AttributeHandle handle, std::size_t tail_size,
                                                  Buffer& buffer) const noexcept {
  if (handle == kNoAttributes) return {};
  Cursor cursor(*this, handle);
  std::array<std::uint8_t, kHeadSize> sizes;
  cursor.read(sizes);
  cursor.skip(tail_size);
  BindingAttributes::Parts parts;
  std::span<std::uint8_t> rest(buffer);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    cursor.read(rest.first(sizes[i]));
    parts[i] = rest.first(sizes[i]);
    rest = rest.subspan(sizes[i]);
  }
  return BindingAttributes::of(parts);
}

}  // namespace tandem6
