#include "dataplane/wire/reply_writer.h"

#include <cstring>

#include "dataplane/wire/check.h"

namespace tandem6 {
namespace {

constexpr std::size_t kLengthMax = 65535;

}  // namespace

bool ReplyWriter::reserve(std::size_t count) noexcept {
  if (!ok_ || count > buffer_.size() - size_) {
    ok_ = false;
    return false;
  }
  return true;
}

void ReplyWriter::patch_u16(std::size_t at, std::size_t value) noexcept {
  if (value > kLengthMax) {
    ok_ = false;
    return;
  }
  T6_CHECK(at + 2 <= size_);
  buffer_[at] = static_cast<std::uint8_t>(value >> 8);
  buffer_[at + 1] = static_cast<std::uint8_t>(value);
}

void ReplyWriter::patch_u32(std::size_t at, std::uint32_t value) noexcept {
  T6_CHECK(at + 4 <= size_);
  const std::uint32_t network_order = __builtin_bswap32(value);
  std::memcpy(buffer_.data() + at, &network_order, 4);
}

void ReplyWriter::begin_message(const ParsedMessage& request, MessageType type) noexcept {
  T6_CHECK(size_ == 0);
  for (const RelayLevel& level : request.relays()) {
    u8(static_cast<std::uint8_t>(MessageType::kRelayReply));
    u8(level.hop_count);
    bytes(level.link_address.octets);
    bytes(level.peer_address.octets);
    if (level.has_interface_id) option(OptionCode::kInterfaceId, level.interface_id);
    if (level.has_relay_source_port) {
      const Open port = begin(OptionCode::kRelaySourcePort);
      u16(level.relay_source_port);
      end(port);
    }
    const Open inner = begin(OptionCode::kRelayMessage);
    relay_message_length_at_[relay_level_count_++] = inner.length_at;
  }
  u8(static_cast<std::uint8_t>(type));
  u24(request.transaction_id);
}

void ReplyWriter::end_message() noexcept {
  while (relay_level_count_ != 0) {
    --relay_level_count_;
    end(Open{relay_message_length_at_[relay_level_count_]});
  }
}

void ReplyWriter::u8(std::uint8_t value) noexcept {
  if (!reserve(1)) return;
  buffer_[size_++] = value;
}

void ReplyWriter::u16(std::uint16_t value) noexcept {
  const std::array<std::uint8_t, 2> octets = {static_cast<std::uint8_t>(value >> 8),
                                              static_cast<std::uint8_t>(value)};
  bytes(octets);
}

void ReplyWriter::u24(std::uint32_t value) noexcept {
  const std::array<std::uint8_t, 3> octets = {static_cast<std::uint8_t>(value >> 16),
                                              static_cast<std::uint8_t>(value >> 8),
                                              static_cast<std::uint8_t>(value)};
  bytes(octets);
}

void ReplyWriter::u32(std::uint32_t value) noexcept {
  u16(static_cast<std::uint16_t>(value >> 16));
  u16(static_cast<std::uint16_t>(value));
}

void ReplyWriter::bytes(Bytes value) noexcept {
  if (!reserve(value.size()) || value.empty()) return;
  std::memcpy(buffer_.data() + size_, value.data(), value.size());
  size_ += value.size();
}

ReplyWriter::Open ReplyWriter::begin(OptionCode code) noexcept {
  u16(static_cast<std::uint16_t>(code));
  const Open option{size_};
  u16(0);
  return option;
}

void ReplyWriter::end(Open option) noexcept {
  // After an error the place of the length may never have been written.
  if (!ok_) return;
  T6_CHECK(option.length_at + 2 <= size_);
  patch_u16(option.length_at, size_ - option.length_at - 2);
}

void ReplyWriter::option(OptionCode code, Bytes value) noexcept {
  const Open open = begin(code);
  bytes(value);
  end(open);
}

void ReplyWriter::empty_option(OptionCode code) noexcept { option(code, {}); }

void ReplyWriter::option_u8(OptionCode code, std::uint8_t value) noexcept {
  option(code, Bytes(&value, 1));
}

void ReplyWriter::option_u32(OptionCode code, std::uint32_t value) noexcept {
  const Open open = begin(code);
  u32(value);
  end(open);
}

void ReplyWriter::status(StatusCode code, std::string_view text) noexcept {
  T6_CHECK(text.find('\0') == std::string_view::npos);
  const Open open = begin(OptionCode::kStatusCode);
  u16(static_cast<std::uint16_t>(code));
  bytes(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  end(open);
}

ReplyWriter::Open ReplyWriter::begin_ia(IaType type, Iaid iaid) noexcept {
  const Open open =
      begin(type == IaType::kNonTemporaryAddress ? OptionCode::kIaNa : OptionCode::kIaPd);
  u32(iaid.value);
  const std::size_t times_at = size_;
  u32(0);
  u32(0);
  if (ia_count_ == kIaCountMax) ok_ = false;
  if (ok_) ia_times_at_[ia_count_++] = static_cast<std::uint32_t>(times_at);
  return open;
}

void ReplyWriter::set_ia_times(std::uint32_t t1, std::uint32_t t2) noexcept {
  if (!ok_) return;
  for (std::size_t ia = 0; ia < ia_count_; ++ia) {
    patch_u32(ia_times_at_[ia], t1);
    patch_u32(ia_times_at_[ia] + 4, t2);
  }
}

void ReplyWriter::exclude_ia_times() noexcept {
  // After an error the IA just begun may not be in the list.
  if (!ok_) return;
  T6_CHECK(ia_count_ != 0);
  --ia_count_;
}

void ReplyWriter::address(const Ipv6Address& address, std::uint32_t preferred_lifetime,
                          std::uint32_t valid_lifetime) noexcept {
  const Open open = begin(OptionCode::kIaAddr);
  bytes(address.octets);
  u32(preferred_lifetime);
  u32(valid_lifetime);
  end(open);
}

void ReplyWriter::prefix(const Ipv6Prefix& prefix, std::uint32_t preferred_lifetime,
                         std::uint32_t valid_lifetime, Bytes pd_exclude) noexcept {
  const Open open = begin(OptionCode::kIaPrefix);
  u32(preferred_lifetime);
  u32(valid_lifetime);
  u8(prefix.length);
  bytes(prefix.address.octets);
  if (!pd_exclude.empty()) option(OptionCode::kPdExclude, pd_exclude);
  end(open);
}

}  // namespace tandem6
