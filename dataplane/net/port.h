// A DPDK port: found or made by the operator's device string, with a queue for each worker as far
// as the device has them. Control's thread; the queues belong to the workers once it is started.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "dataplane/net/net_settings.h"
#include "dataplane/net/port_identity.h"

struct rte_mempool;

namespace tandem6 {

/// What an operator wants to see of a port; counters since its start.
struct PortInfo {
  std::string name;
  std::string device;
  std::string driver;
  std::string kernel_path;  // a few words: how the kernel gets the rest
  MacAddress mac{};
  bool link_up = false;
  std::uint32_t link_speed_mbps = 0;  // 0: unknown
  std::uint16_t queue_count = 0;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  std::uint64_t missed = 0;  // the device had nowhere to put them: workers too slow
  std::uint64_t errors = 0;  // receive and transmit
};

class Port {
 public:
  static constexpr std::uint16_t kDescriptorCount = 1024;  // of each queue, each direction

  /// Opens the device: one that EAL knows already, or attaches it now.
  [[nodiscard]] static std::expected<std::unique_ptr<Port>, std::string> open(
      const std::string& name, const std::string& device_string);
  /// Stops it, and detaches what open() has attached.
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  /// Queues that it gives to `worker_count` workers.
  [[nodiscard]] std::uint16_t queue_count_for(unsigned worker_count) const noexcept;
  /// Configures `queue_count` queues both ways: RSS over addresses and ports, checksum offload,
  /// each where the device offers it.
  [[nodiscard]] std::expected<void, std::string> configure(std::uint16_t queue_count,
                                                           std::uint16_t descriptor_count,
                                                           rte_mempool* pool);
  /// `pass_all_groups`: opens the device's filter for every multicast group, until the port ends.
  /// Not needed where the kernel keeps the filter.
  [[nodiscard]] std::expected<void, std::string> start(bool pass_all_groups);

  [[nodiscard]] std::uint16_t device() const noexcept { return device_; }
  [[nodiscard]] std::uint16_t queue_count() const noexcept { return queue_count_; }
  [[nodiscard]] bool checksum_offload() const noexcept { return checksum_offload_; }
  [[nodiscard]] MacAddress mac() const;
  [[nodiscard]] std::uint16_t mtu() const;
  [[nodiscard]] bool link_up() const;
  [[nodiscard]] PortInfo info() const;

 private:
  Port(std::string name, std::string device_string) noexcept
      : name_(std::move(name)), device_string_(std::move(device_string)) {}
  [[nodiscard]] std::unexpected<std::string> failed(const std::string& what, int error) const;

  std::string name_;
  std::string device_string_;
  std::uint16_t device_ = 0;
  std::uint16_t queue_count_ = 0;
  bool attached_ = false;  // by open()
  bool started_ = false;
  bool all_multicast_ = false;  // set by start()
  bool promiscuous_ = false;    // set by start()
  bool checksum_offload_ = false;
};

/// The part of a device string before the first comma: the device's name.
[[nodiscard]] std::string device_name(const std::string& device_string);
/// The value of `key=` in a device string; empty when there is none.
[[nodiscard]] std::string device_argument(const std::string& device_string, const std::string& key);

}  // namespace tandem6
