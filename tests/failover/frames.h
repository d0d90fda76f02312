// Builds frames of failover partners for tests, good ones and bad ones, and reads them from a heap
// block of their exact size.
#pragma once

#include <gtest/gtest.h>

#include "control/failover/message_reader.h"
#include "control/failover/message_writer.h"
#include "tests/failover/exact_buffer.h"
#include "tests/failover/golden.h"
#include "tests/wire/packet_builder.h"

namespace tandem6 {

/// A whole frame without its size. The sent-time is that of the golden octets.
inline Octets frame_of(MessageType type, const Octets& options) {
  Octets frame = {static_cast<std::uint8_t>(type), 0, 0, 1};
  put_number(frame, 0x33000000, 4);
  return frame + options;
}

inline Octets number_option(std::uint16_t code, std::uint64_t value, int size = 4) {
  Octets octets;
  put_number(octets, value, size);
  return encoded_option(code, octets);
}

inline std::expected<FailoverMessage, ReadFault> read_frame(const Octets& frame) {
  return read_message(ExactBuffer(frame).view(), kGoldenNow);
}
/// The body of a frame that must be readable.
template <typename Body>
Body read_as(const Octets& frame) {
  auto read = read_frame(frame);
  if (!read) {
    ADD_FAILURE() << text_of(read.error());
    return {};
  }
  EXPECT_TRUE(std::holds_alternative<Body>(read->body));
  return std::get<Body>(std::move(read->body));
}

/// The frame that the writer makes, without its size.
inline Octets written(const FailoverMessage& message) {
  Octets frame;
  EXPECT_TRUE(write_message(message, kGoldenNow, frame));
  return without_size(frame);
}
inline Octets written(FailoverMessage::Body body) {
  return written({.transaction_id = 1, .sent_time = kGoldenNow, .body = std::move(body)});
}

// Parts of a BNDUPD, each as it should be.
inline const Octets kClientIdOption = encoded_option(1, {0, 2, 0, 0, 0, 9, 1});
inline const Octets kBaseTimeOption = number_option(100, 0x33000000);
inline const Octets kStatusOption = number_option(114, 1, 1);
inline const Octets kStartOption = number_option(133, 0x32fffff0);
inline const Octets kExpirationOption = number_option(134, 0x33000100);
inline const Octets kPartnerLifetimeOption = number_option(123, 0x33000200);
inline const Octets kLeaseOptions =
    kStatusOption + kStartOption + kExpirationOption + kPartnerLifetimeOption;
inline const Octets kClientOptions = kClientIdOption + kBaseTimeOption;

inline Octets ia_na(const Octets& options, std::uint32_t iaid = 7) {
  return encoded_ia(IaType::kNonTemporaryAddress, Iaid{iaid}, options, 10, 20);
}
inline Octets address_lease(const Octets& options) {
  return encoded_address(Ipv6Address::parse("2001:db8::1").value(), 60, 120, options);
}
inline Octets client_data(const Octets& options) { return encoded_option(45, options); }
inline Octets bndupd(const Octets& options) { return frame_of(MessageType::kBndUpd, options); }
/// With one address lease that has these options.
inline Octets bndupd_with(const Octets& lease_options) {
  return bndupd(client_data(kClientOptions + ia_na(address_lease(lease_options))));
}
inline Octets bare_prefix(const Octets& options, const char* prefix = "2001:db8:100::/40") {
  return encoded_prefix(Ipv6Prefix::parse(prefix).value(), 0, 0, options);
}

}  // namespace tandem6
