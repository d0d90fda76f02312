// A change of one binding on its way from the worker to the committer: the whole binding as it is
// after the change, so that the committer needs nothing of the shard.
#pragma once

#include <array>
#include <cstdint>

#include "dataplane/lease/binding.h"
#include "dataplane/wire/duid.h"

namespace tandem6 {

enum class ChangeKind : std::uint8_t { kPut = 1, kErase = 2 };

struct Change {
  std::uint64_t number;  // per worker, from 1, without gaps
  ChangeKind kind;
  Binding binding;
  Duid duid;
};

}  // namespace tandem6
