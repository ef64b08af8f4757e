#include "net/probe.hpp"

#include "base/clock.hpp"

#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace strowger::net {
namespace {

constexpr std::size_t most_answer = 64 << 10;  ///< [bytes]

class socket_handle {
public:
    socket_handle(int family, int kind) : fd_{::socket(family, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {}
    ~socket_handle()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    socket_handle(const socket_handle&) = delete;
    socket_handle& operator=(const socket_handle&) = delete;
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

struct socket_address {
    sockaddr_storage storage{};
    socklen_t size = 0;  ///< 0: the text was no numeric address
    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

socket_address parse(const std::string& address, std::uint16_t port)
{
    socket_address out;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
    if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        out.size = sizeof *v4;
    } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        out.size = sizeof *v6;
    }
    return out;
}

bool wait_for(const socket_handle& probe, short what, steady_clock::time_point deadline)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    pollfd wait{probe.get(), what, 0};
    return left > 0 && ::poll(&wait, 1, static_cast<int>(left)) == 1;
}

bool connected(const socket_handle& probe, const socket_address& to, steady_clock::time_point deadline)
{
    if (::connect(probe.get(), to.get(), to.size) == 0) return true;
    if (errno != EINPROGRESS || !wait_for(probe, POLLOUT, deadline)) return false;
    int failure = 0;
    socklen_t size = sizeof failure;
    return ::getsockopt(probe.get(), SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure == 0;
}

error_code last_error()
{
    return {errno, boost::system::system_category()};
}

}  // namespace

bool tcp_answers(const std::string& address, std::uint16_t port, std::chrono::milliseconds limit)
{
    const auto to = parse(address, port);
    if (to.size == 0) return false;
    const socket_handle probe{to.storage.ss_family, SOCK_STREAM};
    return connected(probe, to, steady_clock::now() + limit);
}

std::string tcp_ask(const std::string& address, std::uint16_t port, std::string_view request, std::string_view enough,
                    std::chrono::milliseconds limit)
{
    const auto deadline = steady_clock::now() + limit;
    const auto to = parse(address, port);
    std::string out;
    if (to.size == 0) return out;
    const socket_handle probe{to.storage.ss_family, SOCK_STREAM};
    if (!connected(probe, to, deadline)) return out;
    // Short enough for any socket's buffer, so one send takes it whole.
    if (::send(probe.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return out;
    std::array<char, 4096> chunk{};
    while (out.size() < most_answer && (enough.empty() || out.find(enough) == std::string::npos) &&
           wait_for(probe, POLLIN, deadline)) {
        const auto got = ::recv(probe.get(), chunk.data(), chunk.size(), 0);
        if (got <= 0) break;
        out.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return out;
}

error_code try_bind(transport kind, const std::string& address, std::uint16_t port)
{
    const auto at = parse(address, port);
    if (at.size == 0) return boost::system::errc::make_error_code(boost::system::errc::invalid_argument);
    const socket_handle probe{at.storage.ss_family, kind == transport::tcp ? SOCK_STREAM : SOCK_DGRAM};
    if (kind == transport::tcp) {
        // As a server would: connections that linger in TIME_WAIT do not count.
        const int on = 1;
        ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    if (::bind(probe.get(), at.get(), at.size) != 0) return last_error();
    if (kind == transport::tcp && ::listen(probe.get(), 1) != 0) return last_error();
    return {};
}

}  // namespace strowger::net
