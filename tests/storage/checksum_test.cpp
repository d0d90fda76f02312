// CRC-32C against known answers and a bit-by-bit twin.
#include "storage/checksum.h"

#include <gtest/gtest.h>

#include <random>
#include <string_view>
#include <vector>

namespace tandem6 {
namespace {

using Octets = std::vector<std::uint8_t>;

Octets octets_of(std::string_view text) { return {text.begin(), text.end()}; }

/// As the definition says: the reflected polynomial 0x1edc6f41, all ones before and after.
std::uint32_t slow_crc32c(std::span<const std::uint8_t> octets) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t octet : octets) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

TEST(Checksum, gives_the_check_value_of_the_catalogue) {
  EXPECT_EQ(crc32c(octets_of("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c({}), 0u);
}

// RFC 3720 appendix B.4. The text prints the four octets as they are sent, least significant first.
TEST(Checksum, gives_the_answers_of_rfc_3720) {
  Octets rising(32);
  Octets falling(32);
  for (std::uint8_t i = 0; i < 32; ++i) {
    rising[i] = i;
    falling[31 - i] = i;
  }
  const Octets read_command = {0x01, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0, 0, 0, 0,
                               0x14, 0,    0, 0, 0, 0, 4, 0, 0, 0, 0, 0x14, 0, 0, 0, 0x18,
                               0x28, 0,    0, 0, 0, 0, 0, 0, 2, 0, 0, 0,    0, 0, 0, 0};
  EXPECT_EQ(crc32c(Octets(32, 0x00)), 0x8a9136aau);
  EXPECT_EQ(crc32c(Octets(32, 0xff)), 0x62a8ab43u);
  EXPECT_EQ(crc32c(rising), 0x46dd794eu);
  EXPECT_EQ(crc32c(falling), 0x113fdb5cu);
  EXPECT_EQ(crc32c(read_command), 0xd9963a56u);
}

TEST(Checksum, agrees_with_the_definition_wherever_the_octets_lie) {
  std::mt19937 random(1);
  Octets buffer(600);
  for (std::uint8_t& octet : buffer) octet = static_cast<std::uint8_t>(random());
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t size = 0; size < 200; ++size) {
      // A copy of the exact size, so that a sanitizer sees any overrun.
      const Octets exact(buffer.begin() + static_cast<std::ptrdiff_t>(from),
                         buffer.begin() + static_cast<std::ptrdiff_t>(from + size));
      const auto view = std::span<const std::uint8_t>(buffer).subspan(from, size);
      ASSERT_EQ(crc32c(exact), slow_crc32c(exact)) << from << ' ' << size;
      ASSERT_EQ(crc32c(view), crc32c(exact)) << from << ' ' << size;
    }
  }
}

TEST(Checksum, goes_on_from_any_place) {
  std::mt19937 random(2);
  Octets octets(100);
  for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random());
  const std::span<const std::uint8_t> all(octets);
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    EXPECT_EQ(crc32c(all.subspan(cut), crc32c(all.first(cut))), crc32c(all)) << cut;
  }
}

}  // namespace
}  // namespace tandem6
