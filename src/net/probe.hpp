#pragma once
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace strowger::net {

enum class transport : std::uint8_t { udp, tcp };

/// Whether somebody accepts a TCP connection there. Blocks at most `limit`.
/// @param address  numeric, IPv4 or IPv6
bool tcp_answers(const std::string& address, std::uint16_t port, std::chrono::milliseconds limit);

/// Connects, sends `request` and reads what comes: until the peer closes, until `enough` was read, until 64 KiB or
/// `limit`. @return what was read, empty if nothing. For an HTTP/1.0 page or a server's greeting; blocks.
std::string tcp_ask(const std::string& address, std::uint16_t port, std::string_view request, std::string_view enough,
                    std::chrono::milliseconds limit);

/// Whether this process could listen there now: binds, and lets go at once.
/// @return success; or why not (address_in_use, permission_denied, address_not_available, invalid_argument)
[[nodiscard]] error_code try_bind(transport kind, const std::string& address, std::uint16_t port);

}  // namespace strowger::net
