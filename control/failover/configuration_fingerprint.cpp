#include "control/failover/configuration_fingerprint.h"

#include <algorithm>
#include <map>
#include <optional>

#include "dataplane/wire/cursor.h"

namespace tandem6 {

namespace {

constexpr std::size_t kSizeMax = 32'000;         // fits a frame with all else
constexpr std::size_t kDifferenceCountMax = 20;  // for people; the rest is counted

/// FNV-1a with a mixer at its end: both sides compute it, nobody attacks it.
std::uint64_t digest_of(const std::string& text, std::uint64_t seed = 0xcbf29ce484222325) {
  std::uint64_t digest = seed;
  for (const char octet : text) {
    digest = (digest ^ static_cast<std::uint8_t>(octet)) * 0x100000001b3;
  }
  digest ^= digest >> 32;
  digest *= 0xd6e8feb86659fd93;
  return digest ^ digest >> 32;
}

void append(std::vector<std::uint8_t>& out, std::uint64_t digest, const std::string& name) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(digest >> shift));
  }
  out.push_back(static_cast<std::uint8_t>(name.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(name.size()));
  out.insert(out.end(), name.begin(), name.end());
}

using Digests = std::map<std::string, std::uint64_t>;

/// nullopt: not of this form.
std::optional<Digests> read(std::span<const std::uint8_t> octets) {
  Digests digests;
  Cursor cursor(octets);
  while (!cursor.at_end()) {
    const std::uint64_t high = cursor.u32();
    const std::uint64_t digest = high << 32 | cursor.u32();
    const auto name = cursor.bytes(cursor.u16());
    if (!cursor.ok()) return std::nullopt;
    digests.emplace(std::string(name.begin(), name.end()), digest);
  }
  if (!digests.contains("")) return std::nullopt;
  return digests;
}

/// A name from the partner goes to a terminal.
std::string printable(const std::string& name) {
  std::string text = name.substr(0, 128);
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

std::vector<std::uint8_t> fingerprint_of(std::vector<SharedPart> parts) {
  std::ranges::sort(parts, {}, &SharedPart::name);
  std::vector<std::uint8_t> out;
  std::string all;
  for (const SharedPart& part : parts) {
    const std::uint64_t digest = digest_of(part.content, digest_of(part.name));
    append(out, digest, part.name.substr(0, 1000));
    all += std::to_string(digest) + ' ';
  }
  if (out.size() > kSizeMax) out.clear();
  append(out, digest_of(all), "");
  return out;
}

std::vector<std::string> differences(std::span<const std::uint8_t> own,
                                     std::span<const std::uint8_t> partners) {
  const auto ours = read(own);
  const auto theirs = read(partners);
  if (!ours || !theirs) return {};  // another server's vendor option
  if (ours->at("") == theirs->at("")) return {};
  std::vector<std::string> found;
  for (const auto& [name, digest] : *ours) {
    if (name.empty()) continue;
    const auto other = theirs->find(name);
    if (other == theirs->end()) {
      found.push_back(name + " is here only");
    } else if (other->second != digest) {
      found.push_back(name + " differs");
    }
  }
  for (const auto& [name, digest] : *theirs) {
    if (!ours->contains(name)) found.push_back(printable(name) + " is there only");
  }
  // One side has too many parts to list.
  if (found.empty() || ours->size() == 1 || theirs->size() == 1) return {"links or pools differ"};
  if (found.size() > kDifferenceCountMax) {
    const std::size_t left = found.size() - kDifferenceCountMax;
    found.resize(kDifferenceCountMax);
    found.push_back("and " + std::to_string(left) + " more");
  }
  return found;
}

}  // namespace tandem6
