#include "dataplane/wire/domain_name.h"

#include <cstring>

#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

/// How far labels reach in `octets`: past the root, or to the end when there is none.
struct LabelRun {
  std::size_t size = 0;  // octets of labels and root
  bool well_formed = false;
  bool rooted = false;
};

LabelRun run_of_labels(std::span<const std::uint8_t> octets) noexcept {
  std::size_t at = 0;
  while (at < octets.size()) {
    const std::size_t label_size = octets[at];
    if (label_size == 0) {
      const bool fits = at != 0 && at + 1 <= kDomainNameSizeMax;
      return {at + 1, fits, true};
    }
    // The two upper bits set are compression, one of them set was never assigned.
    if (label_size > kLabelSizeMax || label_size >= octets.size() - at) return {};
    at += 1 + label_size;
    // The root, written or not, needs one octet more.
    if (at + 1 > kDomainNameSizeMax) return {};
  }
  return {at, true, false};
}

void append_escaped(std::string& text, std::uint8_t octet) {
  const char character = static_cast<char>(octet);
  if (octet <= ' ' || octet >= 0x7f) {
    text += '\\';
    text += static_cast<char>('0' + octet / 100);
    text += static_cast<char>('0' + octet / 10 % 10);
    text += static_cast<char>('0' + octet % 10);
    return;
  }
  if (character == '.' || character == '\\') text += '\\';
  text += character;
}

/// Takes one octet of a label from the front of `text`; nothing when it is not allowed there.
std::optional<std::uint8_t> take_label_octet(std::string_view& text) {
  const auto plain = [&]() -> std::optional<std::uint8_t> {
    const auto octet = static_cast<std::uint8_t>(text.front());
    text.remove_prefix(1);
    if (octet <= ' ' || octet >= 0x7f) return std::nullopt;
    return octet;
  };
  if (text.front() != '\\') return plain();
  text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  if (text.front() < '0' || text.front() > '9') return plain();
  if (text.size() < 3) return std::nullopt;
  unsigned value = 0;
  for (const char digit : text.substr(0, 3)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(digit - '0');
  }
  if (value > 255) return std::nullopt;
  text.remove_prefix(3);
  return static_cast<std::uint8_t>(value);
}

}  // namespace

NameShape shape_of_name(std::span<const std::uint8_t> octets) noexcept {
  if (octets.empty()) return NameShape::kEmpty;
  const LabelRun run = run_of_labels(octets);
  if (!run.well_formed || run.size != octets.size()) return NameShape::kMalformed;
  return run.rooted ? NameShape::kFull : NameShape::kPartial;
}

std::span<const std::uint8_t> first_full_name(std::span<const std::uint8_t> octets) noexcept {
  const LabelRun run = run_of_labels(octets);
  if (!run.well_formed || !run.rooted) return {};
  return octets.first(run.size);
}

std::string name_to_text(std::span<const std::uint8_t> octets) {
  if (shape_of_name(octets) == NameShape::kMalformed) return "(malformed)";
  std::string text;
  std::size_t at = 0;
  while (at < octets.size() && octets[at] != 0) {
    if (at != 0) text += '.';
    for (const std::uint8_t octet : octets.subspan(at + 1, octets[at])) append_escaped(text, octet);
    at += 1U + octets[at];
  }
  return text;
}

DomainName::DomainName(std::span<const std::uint8_t> octets) noexcept
    : size_(static_cast<std::uint8_t>(octets.size())) {
  T6_CHECK(shape_of_name(octets) == NameShape::kFull);
  std::memcpy(octets_.data(), octets.data(), octets.size());
}

std::optional<DomainName> DomainName::parse(std::string_view text) {
  std::array<std::uint8_t, kDomainNameSizeMax> octets{};
  std::size_t label_at = 0;
  while (!text.empty()) {
    std::size_t label_size = 0;
    while (!text.empty() && text.front() != '.') {
      const auto octet = take_label_octet(text);
      const std::size_t at = label_at + 1 + label_size;
      if (!octet || label_size == kLabelSizeMax || at >= kDomainNameSizeMax - 1) {
        return std::nullopt;
      }
      octets[at] = *octet;
      ++label_size;
    }
    if (label_size == 0) return std::nullopt;
    octets[label_at] = static_cast<std::uint8_t>(label_size);
    label_at += 1 + label_size;
    if (!text.empty()) text.remove_prefix(1);
  }
  if (label_at == 0) return std::nullopt;
  return DomainName(std::span(octets).first(label_at + 1));
}

}  // namespace tandem6
