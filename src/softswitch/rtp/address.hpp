#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>

namespace strowger::softswitch {

/// An IPv4 or IPv6 address with a UDP port.
class udp_address {
public:
    udp_address() = default;
    /// @return nothing when `ip` is no numeric address
    static std::optional<udp_address> parse(const std::string& ip, std::uint16_t port);
    static udp_address from(const sockaddr_storage& raw) noexcept;

    bool valid() const noexcept { return raw_.ss_family != AF_UNSPEC; }
    int family() const noexcept { return raw_.ss_family; }
    std::string ip() const;
    std::uint16_t port() const noexcept;
    udp_address with_port(std::uint16_t port) const noexcept;
    bool is_wildcard() const noexcept;

    const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&raw_); }
    socklen_t size() const noexcept;
    bool same_host(const udp_address& other) const noexcept;
    bool operator==(const udp_address& other) const noexcept { return same_host(other) && port() == other.port(); }

private:
    sockaddr_storage raw_{};
};

}  // namespace strowger::softswitch
