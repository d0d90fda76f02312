#include "storage/endpoint_format.h"

#include "storage/checksum.h"
#include "storage/octet_codec.h"

namespace tandem6 {

namespace {

constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kSizeOfVersion1 = 8 + 6 * 4 + 4 + kChecksumSize;
constexpr std::size_t kSize = kSizeOfVersion1 + 8;

std::array<WallTime EndpointRecord::*, 6> times() noexcept {
  return {&EndpointRecord::start_time_of_state, &EndpointRecord::partner_start_time_of_state,
          &EndpointRecord::partner_down_time,   &EndpointRecord::last_contact,
          &EndpointRecord::last_heartbeat,      &EndpointRecord::recover_wait_end};
}

}  // namespace

std::vector<std::uint8_t> endpoint_value(const EndpointRecord& record,
                                         std::span<const std::uint8_t> key) {
  std::vector<std::uint8_t> value(kSize);
  RecordWriter writer(value);
  writer.number(kEndpointFormatVersion);
  writer.number(record.role);
  writer.number(record.state);
  writer.number(record.previous_state);
  writer.number(record.partner_state);
  writer.number(record.partner_flags);
  writer.number(static_cast<std::uint8_t>(record.has_communicated));
  writer.number(std::uint8_t{0});
  for (WallTime EndpointRecord::* const time : times()) {
    writer.number(PackedTime(record.*time).raw());
  }
  writer.number(record.mclt.seconds);
  writer.number(record.mclt_before.seconds);
  writer.number(PackedTime(record.mclt_before_until).raw());
  writer.number(crc32c(writer.written(), crc32c(key)));
  return value;
}

std::expected<EndpointRecord, RecordFault> read_endpoint_record(
    std::span<const std::uint8_t> key, std::span<const std::uint8_t> value) noexcept {
  if (value.size() != kSize && value.size() != kSizeOfVersion1) {
    return std::unexpected(RecordFault::kSize);
  }
  const auto content = value.first(value.size() - kChecksumSize);
  RecordReader checksum(value.last(kChecksumSize));
  if (checksum.number<std::uint32_t>() != crc32c(content, crc32c(key))) {
    return std::unexpected(RecordFault::kChecksum);
  }
  RecordReader reader(content);
  const std::uint8_t version = value.size() == kSize ? kEndpointFormatVersion : 1;
  if (reader.number<std::uint8_t>() != version) return std::unexpected(RecordFault::kVersion);
  EndpointRecord record;
  record.role = reader.number<std::uint8_t>();
  record.state = reader.number<std::uint8_t>();
  record.previous_state = reader.number<std::uint8_t>();
  record.partner_state = reader.number<std::uint8_t>();
  record.partner_flags = reader.number<std::uint8_t>();
  const auto has_communicated = reader.number<std::uint8_t>();
  const auto unused = reader.number<std::uint8_t>();
  for (WallTime EndpointRecord::* const time : times()) {
    record.*time = PackedTime::from_raw(reader.number<std::uint32_t>());
  }
  record.mclt.seconds = reader.number<std::uint32_t>();
  if (version != 1) {
    record.mclt_before.seconds = reader.number<std::uint32_t>();
    record.mclt_before_until = PackedTime::from_raw(reader.number<std::uint32_t>());
  }
  if (record.role > 2 || has_communicated > 1 || unused != 0) {
    return std::unexpected(RecordFault::kValue);
  }
  record.has_communicated = has_communicated != 0;
  return record;
}

}  // namespace tandem6
