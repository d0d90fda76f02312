// Do both servers serve the same links and pools? Beyond RFC 8156, which only requires that they do
// (section 4.1): each sends a digest of the shared part of its configuration in CONNECT and
// CONNECTREPLY, in a vendor option that others ignore, and names what differs (F-104). Pure.
//
// The octets: for each part its digest (8), the size of its name (2) and the name, sorted by name;
// at the end an entry without a name: the digest of all. Where all parts do not fit, only that one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tandem6 {

/// One thing that both servers must have alike: "link olt-7", "pool 2001:db8::/36 of link olt-7".
struct SharedPart {
  std::string name;
  std::string content;  // everything about it that matters, in one spelling
};

[[nodiscard]] std::vector<std::uint8_t> fingerprint_of(std::vector<SharedPart> parts);

/// What differs, a line each; empty: nothing. Takes any octets from the partner.
[[nodiscard]] std::vector<std::string> differences(std::span<const std::uint8_t> own,
                                                   std::span<const std::uint8_t> partners);

}  // namespace tandem6
