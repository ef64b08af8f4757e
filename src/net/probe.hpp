#pragma once
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace strowger::net {

enum class transport : std::uint8_t { udp, tcp };

/// Whether somebody accepts a TCP connection there. Blocks at most `limit`.
/// @param address  numeric, IPv4 or IPv6
bool tcp_answers(const std::string& address, std::uint16_t port, std::chrono::milliseconds limit);

/// Whether this process could listen there now: binds, and lets go at once.
/// @return success; or why not (address_in_use, permission_denied, address_not_available, invalid_argument)
[[nodiscard]] error_code try_bind(transport kind, const std::string& address, std::uint16_t port);

}  // namespace strowger::net
