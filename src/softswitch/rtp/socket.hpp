#pragma once
#include "base/result.hpp"
#include "softswitch/rtp/address.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

namespace strowger::softswitch {

/// A datagram as the kernel gave it to us.
struct datagram {
    std::span<const std::uint8_t> bytes;
    udp_address from;
    std::int64_t arrived_ns = 0;  ///< wall clock, by the kernel
};

/// Many datagrams taken with one system call. Lives on the stack of who reads.
class datagram_batch {
public:
    static constexpr std::size_t capacity = 4;
    static constexpr std::size_t largest = 2048;

    /// @return what was waiting at `fd`, at most `capacity`; larger datagrams are cut
    std::span<const datagram> receive(int fd) noexcept;

private:
    std::array<std::array<std::uint8_t, largest>, capacity> bytes_;
    std::array<datagram, capacity> out_;
};

/// An even UDP port for RTP and the odd one above it for RTCP.
class rtp_sockets {
public:
    rtp_sockets() = default;
    rtp_sockets(rtp_sockets&& other) noexcept;
    rtp_sockets& operator=(rtp_sockets&& other) noexcept;
    ~rtp_sockets();

    /// Binds the next free pair of the range, going round. @param min, max 0: any free pair
    /// @return the pair, or address_in_use when the whole range is taken
    [[nodiscard]] static result<rtp_sockets> bind(const udp_address& ip, std::uint16_t min, std::uint16_t max);

    int rtp() const noexcept { return rtp_; }
    int rtcp() const noexcept { return rtcp_; }
    std::uint16_t port() const noexcept { return port_; }

private:
    static bool bind_pair(const udp_address& ip, std::uint16_t port, rtp_sockets& out, error_code& why);

    int rtp_ = -1;
    int rtcp_ = -1;
    std::uint16_t port_ = 0;
};

/// @return whether the kernel took it
bool send_datagram(int fd, std::span<const std::uint8_t> bytes, const udp_address& to) noexcept;

}  // namespace strowger::softswitch
