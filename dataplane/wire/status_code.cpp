#include "dataplane/wire/status_code.h"

namespace tandem6 {

const char* name_of(StatusCode code) noexcept {
  switch (code) {
    case StatusCode::kSuccess:
      return "Success";
    case StatusCode::kUnspecFail:
      return "UnspecFail";
    case StatusCode::kNoAddrsAvail:
      return "NoAddrsAvail";
    case StatusCode::kNoBinding:
      return "NoBinding";
    case StatusCode::kNotOnLink:
      return "NotOnLink";
    case StatusCode::kUseMulticast:
      return "UseMulticast";
    case StatusCode::kNoPrefixAvail:
      return "NoPrefixAvail";
    case StatusCode::kUnknownQueryType:
      return "UnknownQueryType";
    case StatusCode::kMalformedQuery:
      return "MalformedQuery";
    case StatusCode::kNotConfigured:
      return "NotConfigured";
    case StatusCode::kNotAllowed:
      return "NotAllowed";
    case StatusCode::kQueryTerminated:
      return "QueryTerminated";
  }
  return "Unknown";
}

}  // namespace tandem6
