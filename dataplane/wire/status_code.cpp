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
    case StatusCode::kDataMissing:
      return "DataMissing";
    case StatusCode::kCatchUpComplete:
      return "CatchUpComplete";
    case StatusCode::kNotSupported:
      return "NotSupported";
    case StatusCode::kTlsConnectionRefused:
      return "TLSConnectionRefused";
    case StatusCode::kAddressInUse:
      return "AddressInUse";
    case StatusCode::kConfigurationConflict:
      return "ConfigurationConflict";
    case StatusCode::kMissingBindingInformation:
      return "MissingBindingInformation";
    case StatusCode::kOutdatedBindingInformation:
      return "OutdatedBindingInformation";
    case StatusCode::kServerShuttingDown:
      return "ServerShuttingDown";
    case StatusCode::kDnsUpdateNotSupported:
      return "DNSUpdateNotSupported";
    case StatusCode::kExcessiveTimeSkew:
      return "ExcessiveTimeSkew";
  }
  return "Unknown";
}

}  // namespace tandem6
