// A histogram of durations: written by one thread, read racily by statistics. Buckets grow by a
// quarter of an octave, so a percentile is right to about a tenth; the worst is exact.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace tandem6 {

class LatencyRecord {
 public:
  struct Summary {
    std::uint64_t count = 0;
    double p50_seconds = 0;
    double p99_seconds = 0;
    double p999_seconds = 0;
    double worst_seconds = 0;
  };

  /// The writer's thread.
  void add(std::uint64_t nanoseconds) noexcept {
    std::atomic<std::uint64_t>& bucket = buckets_[bucket_of(nanoseconds)];
    bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (nanoseconds > worst_.load(std::memory_order_relaxed)) {
      worst_.store(nanoseconds, std::memory_order_relaxed);
    }
  }
  /// Any thread.
  [[nodiscard]] Summary summary() const noexcept {
    std::array<std::uint64_t, kBucketCount> counts;
    Summary summary;
    for (std::size_t i = 0; i < kBucketCount; ++i) {
      counts[i] = buckets_[i].load(std::memory_order_relaxed);
      summary.count += counts[i];
    }
    const auto percentile = [&](double share) {
      auto left = static_cast<std::uint64_t>(share * static_cast<double>(summary.count));
      for (std::size_t i = 0; i < kBucketCount; ++i) {
        if (left < counts[i]) return upper_end_of(i) * 1e-9;
        left -= counts[i];
      }
      return 0.0;
    };
    summary.p50_seconds = percentile(0.5);
    summary.p99_seconds = percentile(0.99);
    summary.p999_seconds = percentile(0.999);
    summary.worst_seconds = static_cast<double>(worst_.load(std::memory_order_relaxed)) * 1e-9;
    return summary;
  }

 private:
  static constexpr unsigned kStepsLog2 = 2;  // buckets an octave
  static constexpr std::size_t kBucketCount = 64 << kStepsLog2;

  [[nodiscard]] static std::size_t bucket_of(std::uint64_t value) noexcept {
    if (value < 1U << kStepsLog2) return value;
    const auto octave = static_cast<unsigned>(std::bit_width(value)) - 1;
    const std::uint64_t step = (value >> (octave - kStepsLog2)) & ((1U << kStepsLog2) - 1);
    return (static_cast<std::size_t>(octave) << kStepsLog2) + step;
  }
  [[nodiscard]] static double upper_end_of(std::size_t bucket) noexcept {
    const auto octave = static_cast<unsigned>(bucket >> kStepsLog2);
    const double step = static_cast<double>(bucket & ((1U << kStepsLog2) - 1)) + 1;
    return static_cast<double>(1ULL << octave) * (1 + step / (1U << kStepsLog2));
  }

  std::array<std::atomic<std::uint64_t>, kBucketCount> buckets_{};
  std::atomic<std::uint64_t> worst_{0};
};

}  // namespace tandem6
