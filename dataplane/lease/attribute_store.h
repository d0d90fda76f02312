// What is kept with a binding beside its 96 octets: the tail of a long DUID, what the client and
// its relays said (FQDN, remote-id, interface-id), and what the server must remember of it (DNS
// removal, reconfigure key).
//
// Problem: most bindings have nothing of it, some have 1,300 octets, and nothing may allocate on
// the packet path. So each record is a chain of 64-octet chunks out of one slab; a record of n
// octets costs n plus at most 63 + 4 per chunk, only where it exists, and freed chunks fit every
// record.
//
// Invariant: what records cost beyond their DUIDs' tails never takes the chunks that are set apart
// for tails. So however much clients and relays say of themselves, a DUID finds its room.
//
// A record: five sizes (one octet each), the DUID's tail, then the five attributes. Its head
// never moves while it lives, nor does the tail.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/lease/reserved_memory.h"

namespace tandem6 {

/// What is kept with a binding beside its lease; every part may be empty. Borrowed views.
struct BindingAttributes {
  static constexpr std::size_t kCount = 5;

  std::span<const std::uint8_t> client_fqdn = {};  // value of option 39 as the client sent it
  std::span<const std::uint8_t> remote_id = {};    // RFC 4649, whole
  std::span<const std::uint8_t> interface_id = {};
  std::span<const std::uint8_t> dns_removal_info = {};  // RFC 8156 section 5.5.7
  std::span<const std::uint8_t> reconfigure_key = {};   // RFC 8415 section 20.4

  using Parts = std::array<std::span<const std::uint8_t>, kCount>;
  [[nodiscard]] Parts parts() const noexcept {
    return {client_fqdn, remote_id, interface_id, dns_removal_info, reconfigure_key};
  }
  [[nodiscard]] static BindingAttributes of(const Parts& parts) noexcept {
    return {.client_fqdn = parts[0],
            .remote_id = parts[1],
            .interface_id = parts[2],
            .dns_removal_info = parts[3],
            .reconfigure_key = parts[4]};
  }
};
inline constexpr std::size_t kAttributeSizeMax = 255;  // of each; of longer ones nothing is kept

/// Names a record; 0: none.
using AttributeHandle = std::uint32_t;
inline constexpr AttributeHandle kNoAttributes = 0;

/// The owning shard's worker only. Memory is reserved at construction and taken when touched.
class AttributeStore {
 public:
  static constexpr std::size_t kChunkSize = 64;

  /// What the tail of the longest DUID takes.
  static constexpr std::uint32_t kTailChunkCountMax = 2;

  /// `tail_chunk_count` of the chunks are for tails alone. REQUIRES: not more than there are.
  explicit AttributeStore(std::uint32_t chunk_count, std::uint32_t tail_chunk_count = 0);

  /// A record with this DUID tail and no attributes. kNoAttributes when the tail is empty or the
  /// store is full.
  [[nodiscard]] AttributeHandle create(std::span<const std::uint8_t> duid_tail) noexcept;
  // In what follows the tail of the record's DUID has `tail_size` octets.

  /// Replaces the attributes of a record; makes a record
  /// where `handle` is none and frees one that became empty. False when the store is full or a part
  /// is longer than kAttributeSizeMax: the record is as before then. Always succeeds for empty
  /// attributes.
  bool assign(AttributeHandle& handle, std::size_t tail_size,
              const BindingAttributes& attributes) noexcept;
  /// Frees a record and sets the handle to none, which may be none already.
  void free(AttributeHandle& handle, std::size_t tail_size) noexcept;

  [[nodiscard]] bool tail_equals(AttributeHandle handle,
                                 std::span<const std::uint8_t> tail) const noexcept;
  void read_tail(AttributeHandle handle, std::span<std::uint8_t> tail) const noexcept;

  /// Where `read_attributes` puts the octets.
  using Buffer = std::array<std::uint8_t, BindingAttributes::kCount * kAttributeSizeMax>;
  /// The views point into `buffer`.
  [[nodiscard]] BindingAttributes read_attributes(AttributeHandle handle, std::size_t tail_size,
                                                  Buffer& buffer) const noexcept;

  [[nodiscard]] std::uint32_t free_count() const noexcept { return free_count_; }

 private:
  static constexpr std::size_t kPayloadSize = kChunkSize - sizeof(AttributeHandle);
  static constexpr std::size_t kHeadSize = BindingAttributes::kCount;

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
  void give_chain(AttributeHandle& handle) noexcept;
  [[nodiscard]] std::uint32_t chunk_count_of(AttributeHandle handle) const noexcept;
  [[nodiscard]] static constexpr std::uint32_t chunk_count_for(std::size_t size) noexcept {
    return static_cast<std::uint32_t>((size + kPayloadSize - 1) / kPayloadSize);
  }
  [[nodiscard]] static std::uint32_t tail_chunk_count(std::size_t tail_size) noexcept;
  bool resize(AttributeHandle& handle, std::size_t size) noexcept;

  std::uint32_t chunk_count_;
  std::uint32_t attribute_chunk_max_;
  std::uint32_t attribute_chunk_count_ = 0;  // beyond what the tails alone would take
  std::uint32_t free_count_;
  std::uint32_t touched_count_ = 0;              // chunks taken at least once
  AttributeHandle first_freed_ = kNoAttributes;  // of those, the free ones, linked by `next`
  ReservedMemory<Chunk> chunks_;
};

}  // namespace tandem6
