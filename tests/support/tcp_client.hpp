#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace strowger::test {

/// A raw TCP connection to loopback for tests that misbehave on purpose.
class tcp_client {
public:
    explicit tcp_client(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}
    {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
            throw std::runtime_error{"nobody listens on port " + std::to_string(port)};
    }
    ~tcp_client() { close(); }
    tcp_client(tcp_client&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    tcp_client(const tcp_client&) = delete;
    tcp_client& operator=(const tcp_client&) = delete;
    tcp_client& operator=(tcp_client&&) = delete;

    /// @return false when the peer has closed
    bool send(std::string_view bytes) const
    {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void finish_sending() const { ::shutdown(fd_, SHUT_WR); }
    void close()
    {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

    /// Reads until `enough` has come, until the peer closes or nothing comes for `limit`.
    std::string read_until(std::string_view enough, std::chrono::milliseconds limit = std::chrono::seconds{10}) const
    {
        std::string out;
        std::array<char, 4096> chunk{};
        while (enough.empty() || out.find(enough) == std::string::npos) {
            pollfd wait{fd_, POLLIN, 0};
            if (::poll(&wait, 1, static_cast<int>(limit.count())) != 1) break;
            const auto got = ::recv(fd_, chunk.data(), chunk.size(), 0);
            if (got <= 0) break;
            out.append(chunk.data(), static_cast<std::size_t>(got));
        }
        return out;
    }
    /// Everything until the peer closes.
    std::string read_all() const { return read_until({}); }

private:
    int fd_;
};

}  // namespace strowger::test
