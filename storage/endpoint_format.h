// The record of an endpoint under "endpoint/<relationship>". Pure; any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include "dataplane/lease/endpoint_record.h"
#include "storage/record_fault.h"

namespace tandem6 {

/// Version 1, without the MCLT of before, is read as well and never written.
inline constexpr std::uint8_t kEndpointFormatVersion = 2;

[[nodiscard]] std::vector<std::uint8_t> endpoint_value(const EndpointRecord& record,
                                                       std::span<const std::uint8_t> key);
[[nodiscard]] std::expected<EndpointRecord, RecordFault> read_endpoint_record(
    std::span<const std::uint8_t> key, std::span<const std::uint8_t> value) noexcept;

}  // namespace tandem6
