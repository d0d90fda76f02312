// Numeric addresses and the options of sockets between partners. Private to this folder: it has
// Asio's types.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <expected>
#include <string>

namespace tandem6 {

/// The scope of a link-local one by name or number ("fe80::1%eth0"). The error is for people.
[[nodiscard]] std::expected<boost::asio::ip::address, std::string> address_of(
    const std::string& text);
/// A configured address without a scope stands for that of any interface.
[[nodiscard]] bool is_address_of(const std::string& configured,
                                 const boost::asio::ip::address& seen);

/// For a connected socket. What the kernel does not know is left out.
void tune_connection(int descriptor, std::chrono::milliseconds unacked_time_max) noexcept;
/// Before bind: only the address is bound, the port is chosen when it is connected.
void leave_port_to_connect(int descriptor) noexcept;
/// Before bind: the address need not be there.
void allow_absent_address(int descriptor, bool is_ipv6) noexcept;

}  // namespace tandem6
