// Transaction-ids of messages that this side begins (RFC 8156 section 5.4): 24 bits, counted up,
// unique among all that are outstanding (F-032, F-034).
#pragma once

#include <cstdint>
#include <unordered_set>

namespace tandem6 {

class TransactionIds {
 public:
  /// One that is not outstanding.
  [[nodiscard]] std::uint32_t next() {
    do {
      last_ = (last_ + 1) & 0xffffff;
    } while (last_ == 0 || outstanding_.contains(last_));
    return last_;
  }
  /// Of a message that is answered some time: kept from use until `release`.
  [[nodiscard]] std::uint32_t reserve() {
    const std::uint32_t id = next();
    outstanding_.insert(id);
    return id;
  }
  void release(std::uint32_t id) { outstanding_.erase(id); }
  void release_all() noexcept { outstanding_.clear(); }

  /// For tests: where the counter stands.
  void set_last(std::uint32_t id) noexcept { last_ = id & 0xffffff; }

 private:
  std::uint32_t last_ = 0;
  std::unordered_set<std::uint32_t> outstanding_;  // bounded by the window and two requests
};

}  // namespace tandem6
