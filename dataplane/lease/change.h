// A change of one binding on its way from the worker to the committer: the whole binding as it is
// after the change, so that the committer needs nothing of the shard.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "dataplane/lease/attribute_store.h"
#include "dataplane/lease/binding.h"
#include "dataplane/wire/check.h"
#include "dataplane/wire/duid.h"

namespace tandem6 {

enum class ChangeKind : std::uint8_t { kPut = 1, kErase = 2 };

/// Whether somebody waits until the change survives a power cut.
enum class Urgency : std::uint8_t {
  kTold,  // a reply says so
  kLazy,  // nobody was told, and doing it again after a crash is as good: an expiry, a partner's
          // ack
};

/// What the change does to the index of dirty bindings on disk. Only transitions are told, so that
/// a renewal of a binding that is dirty already costs one record and not two.
enum class DirtyIndex : std::uint8_t { kKeep = 0, kAdd = 1, kRemove = 2 };

/// Read in place on the ring: of its 1.5 KiB, mostly places for attributes that few bindings have,
/// only the lines that are used are touched.
struct Change {
  std::uint64_t number;  // per worker, from 1, without gaps
  ChangeKind kind;
  Urgency urgency;
  DirtyIndex dirty_index;
  std::array<std::uint8_t, BindingAttributes::kCount> attribute_sizes;
  /// With `half_left`, its prefix is FREE from this change on, in whatever block it lies: on disk
  /// both come together or not at all.
  Binding binding;
  Duid duid;
  AttributeStore::Buffer attribute_octets;  // one attribute after the other, of a kPut

  void set_attributes(const BindingAttributes& attributes) noexcept {
    std::size_t at = 0;
    const BindingAttributes::Parts parts = attributes.parts();
    for (std::size_t i = 0; i < parts.size(); ++i) {
      T6_CHECK(parts[i].size() <= kAttributeSizeMax);
      attribute_sizes[i] = static_cast<std::uint8_t>(parts[i].size());
      if (!parts[i].empty()) {
        std::memcpy(attribute_octets.data() + at, parts[i].data(), parts[i].size());
      }
      at += parts[i].size();
    }
  }
  [[nodiscard]] BindingAttributes attributes() const noexcept {
    BindingAttributes::Parts parts;
    std::size_t at = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      parts[i] = std::span(attribute_octets).subspan(at, attribute_sizes[i]);
      at += attribute_sizes[i];
    }
    return BindingAttributes::of(parts);
  }
};

}  // namespace tandem6
