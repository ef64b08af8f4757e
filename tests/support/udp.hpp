#pragma once
#include "softswitch/rtp/address.hpp"

#include <chrono>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace strowger::test {

/// A UDP socket on 127.0.0.1, at a port that the kernel picks.
class udp_socket {
public:
    udp_socket() : fd_{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)}
    {
        const auto any = softswitch::udp_address::parse("127.0.0.1", 0).value();
        sockaddr_storage bound{};
        socklen_t size = sizeof bound;
        if (::bind(fd_, any.data(), any.size()) != 0 ||
            ::getsockname(fd_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
            throw std::runtime_error{"no UDP socket"};
        }
        port_ = softswitch::udp_address::from(bound).port();
    }
    ~udp_socket() { ::close(fd_); }
    udp_socket(const udp_socket&) = delete;
    udp_socket& operator=(const udp_socket&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    void send(std::span<const std::uint8_t> bytes, std::uint16_t to)
    {
        const auto where = softswitch::udp_address::parse("127.0.0.1", to).value();
        [[maybe_unused]] const auto sent = ::sendto(fd_, bytes.data(), bytes.size(), 0, where.data(), where.size());
    }
    void send(const std::string& text, std::uint16_t to)
    {
        send(std::span{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, to);
    }
    /// Empty when nothing came within `time`.
    std::vector<std::uint8_t> receive(std::chrono::milliseconds time)
    {
        pollfd wait{fd_, POLLIN, 0};
        if (::poll(&wait, 1, static_cast<int>(time.count())) <= 0) return {};
        std::vector<std::uint8_t> out(65'536);
        const auto got = ::recv(fd_, out.data(), out.size(), 0);
        out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
        return out;
    }

private:
    int fd_;
    std::uint16_t port_ = 0;
};

}  // namespace strowger::test
