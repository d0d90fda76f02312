#include "dataplane/net/port.h"

#include <net/if.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cstring>

#include "dataplane/net/dpdk_log.h"

namespace tandem6 {
namespace {

constexpr std::uint64_t kRssWanted =
    RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_IPV6_EX | RTE_ETH_RSS_IPV6_UDP_EX;

rte_eth_dev_info device_info(std::uint16_t device) {
  rte_eth_dev_info info{};
  rte_eth_dev_info_get(device, &info);
  return info;
}

std::expected<std::uint16_t, int> find_device(const std::string& name) {
  std::uint16_t device = 0;
  // DPDK writes PCI addresses with their domain.
  for (const std::string& spelling : {name, "0000:" + name}) {
    if (rte_eth_dev_get_port_by_name(spelling.c_str(), &device) == 0) return device;
  }
  return std::unexpected(ENODEV);
}

rte_eth_conf configuration_for(const rte_eth_dev_info& info, std::uint16_t queue_count) {
  rte_eth_conf configuration{};
  const std::uint64_t rss = info.flow_type_rss_offloads & kRssWanted;
  if (queue_count > 1 && rss != 0) {
    configuration.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
    configuration.rx_adv_conf.rss_conf.rss_hf = rss;
  }
  configuration.rxmode.offloads =
      info.rx_offload_capa & (RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_IPV4_CKSUM);
  // The UDP bit alone: replies have one segment and one of few sizes. Buffers always come from one
  // pool and are never shared, so the cheapest way of freeing them is allowed too; only, the
  // kernel's frames come from the same pool, so this holds for them as well.
  configuration.txmode.offloads =
      info.tx_offload_capa & (RTE_ETH_TX_OFFLOAD_UDP_CKSUM | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
  return configuration;
}

}  // namespace

std::string device_name(const std::string& device_string) {
  return device_string.substr(0, device_string.find(','));
}

std::string device_argument(const std::string& device_string, const std::string& key) {
  const std::size_t at = device_string.find("," + key + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + key.size() + 2;
  return device_string.substr(begin, device_string.find(',', begin) - begin);
}

std::unexpected<std::string> Port::failed(const std::string& what, int error) const {
  return std::unexpected("port " + name_ + " (" + device_string_ + "): " + what + ": " +
                         rte_strerror(error) + take_dpdk_log());
}

std::expected<std::unique_ptr<Port>, std::string> Port::open(const std::string& name,
                                                             const std::string& device_string) {
  std::unique_ptr<Port> port(new Port(name, device_string));
  const std::string interface = device_argument(device_string, "iface");
  if (device_string.find("af_") != std::string::npos && if_nametoindex(interface.c_str()) == 0) {
    return std::unexpected("port " + name + " (" + device_string + "): there is no interface \"" +
                           interface + "\" here");
  }
  std::expected<std::uint16_t, int> found = find_device(device_name(device_string));
  if (!found) {
    static_cast<void>(take_dpdk_log());
    const int error = rte_dev_probe(device_string.c_str());
    if (error != 0) return port->failed("DPDK cannot open the device", -error);
    found = find_device(device_name(device_string));
    if (!found) {
      return port->failed("DPDK opened the device, but no driver took it as a port", found.error());
    }
    port->attached_ = true;
  }
  port->device_ = *found;
  return port;
}

Port::~Port() {
  if (all_multicast_) rte_eth_allmulticast_disable(device_);
  if (promiscuous_) rte_eth_promiscuous_disable(device_);
  if (started_) rte_eth_dev_stop(device_);
  if (!attached_) return;
  const rte_eth_dev_info info = device_info(device_);
  rte_eth_dev_close(device_);
  if (info.device != nullptr) rte_dev_remove(info.device);
}

std::uint16_t Port::queue_count_for(unsigned worker_count) const noexcept {
  const rte_eth_dev_info info = device_info(device_);
  const unsigned offered = std::min(info.max_rx_queues, info.max_tx_queues);
  return static_cast<std::uint16_t>(std::max(1U, std::min(worker_count, offered)));
}

std::expected<void, std::string> Port::configure(std::uint16_t queue_count,
                                                 std::uint16_t descriptor_count,
                                                 rte_mempool* pool) {
  const rte_eth_dev_info info = device_info(device_);
  const rte_eth_conf configuration = configuration_for(info, queue_count);
  int error = rte_eth_dev_configure(device_, queue_count, queue_count, &configuration);
  if (error != 0) {
    return failed("it does not take " + std::to_string(queue_count) + " queues", -error);
  }
  queue_count_ = queue_count;
  checksum_offload_ = (configuration.txmode.offloads & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) != 0;
  std::uint16_t rx_count = descriptor_count;
  std::uint16_t tx_count = descriptor_count;
  error = rte_eth_dev_adjust_nb_rx_tx_desc(device_, &rx_count, &tx_count);
  if (error != 0) return failed("it does not take the size of its queues", -error);
  const auto socket = static_cast<unsigned>(std::max(0, rte_eth_dev_socket_id(device_)));
  for (std::uint16_t queue = 0; queue < queue_count; ++queue) {
    error = rte_eth_rx_queue_setup(device_, queue, rx_count, socket, nullptr, pool);
    if (error != 0) return failed("no receive queue", -error);
    error = rte_eth_tx_queue_setup(device_, queue, tx_count, socket, nullptr);
    if (error != 0) return failed("no transmit queue", -error);
  }
  return {};
}

std::expected<void, std::string> Port::start(bool pass_all_groups) {
  const int error = rte_eth_dev_start(device_);
  if (error != 0) return failed("it does not start", -error);
  started_ = true;
  if (!pass_all_groups) return {};
  // The groups of DHCP and of neighbour discovery must pass the filter of the device: all
  // multicast, or else everything. A device that knows neither has no filter.
  all_multicast_ = rte_eth_allmulticast_enable(device_) == 0;
  promiscuous_ = !all_multicast_ && rte_eth_promiscuous_enable(device_) == 0;
  return {};
}

MacAddress Port::mac() const {
  rte_ether_addr address{};
  rte_eth_macaddr_get(device_, &address);
  MacAddress mac;
  std::copy_n(address.addr_bytes, mac.size(), mac.begin());
  return mac;
}

std::uint16_t Port::mtu() const {
  std::uint16_t mtu = RTE_ETHER_MTU;
  rte_eth_dev_get_mtu(device_, &mtu);
  return mtu;
}

bool Port::link_up() const {
  rte_eth_link link{};
  return rte_eth_link_get_nowait(device_, &link) == 0 && link.link_status == RTE_ETH_LINK_UP;
}

PortInfo Port::info() const {
  PortInfo info;
  info.name = name_;
  info.device = device_string_;
  const rte_eth_dev_info device = device_info(device_);
  if (device.driver_name != nullptr) info.driver = device.driver_name;
  info.mac = mac();
  info.queue_count = queue_count_;
  rte_eth_link link{};
  if (rte_eth_link_get_nowait(device_, &link) == 0) {
    info.link_up = link.link_status == RTE_ETH_LINK_UP;
    if (link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN) info.link_speed_mbps = link.link_speed;
  }
  rte_eth_stats stats{};
  if (rte_eth_stats_get(device_, &stats) == 0) {
    info.received = stats.ipackets;
    info.sent = stats.opackets;
    info.missed = stats.imissed;
    info.errors = stats.ierrors + stats.oerrors;
  }
  return info;
}

}  // namespace tandem6
