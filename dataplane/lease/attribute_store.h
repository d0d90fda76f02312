// What is kept with a binding beside its 96 octets: the tail of a long DUID, and what the client
// and its relays said (FQDN, remote-id, interface-id).
//
// Problem: most bindings have nothing of it, some have 900 octets, and nothing may allocate on the
// packet path. So each record is a chain of 64-octet chunks out of one slab; a record of n octets
// costs n plus at most 63 + 4 per chunk, only where it exists, and freed chunks fit every record.
//
// A record: three sizes (one octet each), the DUID's tail, then the three attributes. Its head
// never moves while it lives, nor does the tail.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/lease/reserved_memory.h"

namespace tandem6 {

/// What is kept with a binding beside its lease; every part may be empty. Borrowed views.
struct BindingAttributes {
  std::span<const std::uint8_t> client_fqdn;  // value of option 39 as the client sent it
  std::span<const std::uint8_t> remote_id;    // RFC 4649, whole
  std::span<const std::uint8_t> interface_id;
};
inline constexpr std::size_t kAttributeSizeMax = 255;  // of each; of longer ones nothing is kept

/// Names a record; 0: none.
using AttributeHandle = std::uint32_t;
inline constexpr AttributeHandle kNoAttributes = 0;

/// The owning shard's worker only. Memory is reserved at construction and taken when touched.
class AttributeStore {
 public:
  static constexpr std::size_t kChunkSize = 64;

  explicit AttributeStore(std::uint32_t chunk_count);

  /// A record with this DUID tail and no attributes. kNoAttributes when the tail is empty or the
  /// store is full.
  [[nodiscard]] AttributeHandle create(std::span<const std::uint8_t> duid_tail) noexcept;
  /// Replaces the attributes of a record, whose DUID tail has `tail_size` octets; makes a record
  /// where `handle` is none and frees one that became empty. False when the store is full or a part
  /// is longer than kAttributeSizeMax: the record is as before then. Always succeeds for empty
  /// attributes.
  bool assign(AttributeHandle& handle, std::size_t tail_size,
              const BindingAttributes& attributes) noexcept;
  /// Frees a record and sets the handle to none, which may be none already.
  void free(AttributeHandle& handle) noexcept;

  [[nodiscard]] bool tail_equals(AttributeHandle handle,
                                 std::span<const std::uint8_t> tail) const noexcept;
  void read_tail(AttributeHandle handle, std::span<std::uint8_t> tail) const noexcept;

  /// Where `read_attributes` puts the octets.
  using Buffer = std::array<std::uint8_t, 3 * kAttributeSizeMax>;
  /// The views point into `buffer`.
  [[nodiscard]] BindingAttributes read_attributes(AttributeHandle handle, std::size_t tail_size,
                                                  Buffer& buffer) const noexcept;

  [[nodiscard]] std::uint32_t free_count() const noexcept { return free_count_; }

 private:
  static constexpr std::size_t kPayloadSize = kChunkSize - sizeof(AttributeHandle);
  static constexpr std::size_t kHeadSize = 3;

  struct Chunk {
    AttributeHandle next;
    std::array<std::uint8_t, kPayloadSize> octets;
  };
  static_assert(sizeof(Chunk) == kChunkSize);

  /// A position in a chain that moves on as octets are read or written.
  class Cursor;

  [[nodiscard]] Chunk& chunk(AttributeHandle handle) const noexcept;
  [[nodiscard]] AttributeHandle take() noexcept;
  void give(AttributeHandle handle) noexcept;
  bool resize(AttributeHandle& handle, std::size_t size) noexcept;

  std::uint32_t chunk_count_;
  std::uint32_t free_count_;
  std::uint32_t touched_count_ = 0;              // chunks taken at least once
  AttributeHandle first_freed_ = kNoAttributes;  // of those, the free ones, linked by `next`
  ReservedMemory<Chunk> chunks_;
};

}  // namespace tandem6
