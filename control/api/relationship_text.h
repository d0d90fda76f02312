// What the state of a relationship means, for somebody who sees it for the first time. Pure.
#pragma once

#include <string>

#include "control/api/failover_view.h"

namespace tandem6 {

/// A sentence each.
struct RelationshipText {
  std::string answers;  // which server answers clients now
  std::string at_risk;  // whether any lease is
  std::string next;     // what happens by itself
  std::string advice;   // what a person should do; "nothing" is an answer
};

/// RFC 8156 section 8, as this server does it.
[[nodiscard]] RelationshipText explain(const RelationshipView& view);

}  // namespace tandem6
