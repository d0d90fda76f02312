// Builds a DHCPv6 message into a buffer of the caller: every octet of the answer is written, and an
// answer that does not fit is known by a sticky error before anything is sent or committed.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/wire/identity_association.h"
#include "dataplane/wire/message_type.h"
#include "dataplane/wire/option_table.h"
#include "dataplane/wire/parsed_message.h"
#include "dataplane/wire/status_code.h"

namespace tandem6 {

/// Not thread-safe; one message at a time. No allocation.
///
///     ReplyWriter writer(buffer);
///     writer.begin_message(message, MessageType::kReply);   // relay headers around it if relayed
///     writer.option(OptionCode::kClientId, message.client_id);
///     { auto ia = writer.begin_ia(IaType::kNonTemporaryAddress, iaid);
///       writer.address(address, preferred, valid);
///       writer.end(ia); }
///     writer.end_message();
///     if (!writer.ok()) -> drop.ans_size
class ReplyWriter {
 public:
  /// An option whose length is patched at `end`. Nested ones end in reverse order.
  struct Open {
    std::size_t length_at;
  };

  explicit ReplyWriter(std::span<std::uint8_t> buffer) noexcept : buffer_(buffer) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
    return buffer_.first(size_);
  }

  /// Writes RELAY-REPL headers for each relay level of `request` (hop-count, link-address and
  /// peer-address unchanged, Interface-Id and Relay-Source-Port copied at their level, RFC 8415
  /// 19.3, RFC 8357 5.2), then the message header with the request's transaction-id.
  void begin_message(const ParsedMessage& request, MessageType type) noexcept;
  /// Patches the Relay Message option lengths; call once, last.
  void end_message() noexcept;

  void u8(std::uint8_t value) noexcept;
  void u16(std::uint16_t value) noexcept;
  void u24(std::uint32_t value) noexcept;
  void u32(std::uint32_t value) noexcept;
  void bytes(Bytes value) noexcept;

  [[nodiscard]] Open begin(OptionCode code) noexcept;
  void end(Open option) noexcept;

  void option(OptionCode code, Bytes value) noexcept;
  void empty_option(OptionCode code) noexcept;
  void option_u8(OptionCode code, std::uint8_t value) noexcept;
  void option_u32(OptionCode code, std::uint32_t value) noexcept;
  /// Pre-encoded options as they stand: code, length, value, code, …
  void raw_options(Bytes encoded) noexcept { bytes(encoded); }
  /// `text` is UTF-8 without NUL (S-172); may be empty.
  void status(StatusCode code, std::string_view text = {}) noexcept;

  /// T1 and T2 are written as zero and set by `set_ia_times`, since one pair holds for all IAs of a
  /// message and is known only after the last (RFC 8415 18.3.2).
  [[nodiscard]] Open begin_ia(IaType type, Iaid iaid) noexcept;
  /// Patches T1/T2 of every IA begun so far whose `begin_ia` was not marked by `exclude_ia_times`.
  void set_ia_times(std::uint32_t t1, std::uint32_t t2) noexcept;
  /// The IA just begun keeps T1 = T2 = 0: it carries only a status.
  void exclude_ia_times() noexcept;

  void address(const Ipv6Address& address, std::uint32_t preferred_lifetime,
               std::uint32_t valid_lifetime) noexcept;
  /// `pd_exclude`: value of option 67, or empty for none (RFC 6603).
  void prefix(const Ipv6Prefix& prefix, std::uint32_t preferred_lifetime,
              std::uint32_t valid_lifetime, Bytes pd_exclude = {}) noexcept;

 private:
  [[nodiscard]] bool reserve(std::size_t count) noexcept;
  void patch_u16(std::size_t at, std::size_t value) noexcept;
  void patch_u32(std::size_t at, std::uint32_t value) noexcept;

  std::span<std::uint8_t> buffer_;
  std::size_t size_ = 0;
  bool ok_ = true;
  std::uint8_t relay_level_count_ = 0;
  std::array<std::size_t, kRelayLevelCountMax> relay_message_length_at_{};
  std::uint16_t ia_count_ = 0;
  std::array<std::uint32_t, kIaCountMax> ia_times_at_{};
};

}  // namespace tandem6
