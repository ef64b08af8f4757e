#include "softswitch/rtp/socket.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include <netinet/ip.h>
#include <sys/uio.h>
#include <unistd.h>

namespace strowger::softswitch {
namespace {

constexpr std::uint16_t lowest_port = 16384;
constexpr std::uint16_t highest_port = 32766;

/// Where the next search starts, so that a port that was just given up rests for a while.
std::atomic<std::uint32_t> next_port{0};

int open_socket(const udp_address& at, error_code& why)
{
    const int fd = ::socket(at.family(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    const int expedited = IPTOS_DSCP_EF;
    if (fd >= 0 && ::bind(fd, at.data(), at.size()) == 0) {
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
        setsockopt(fd, IPPROTO_IP, IP_TOS, &expedited, sizeof expedited);
        return fd;
    }
    why = error_code{errno, boost::system::generic_category()};
    if (fd >= 0) ::close(fd);
    return -1;
}

std::int64_t arrival_ns(const msghdr& message) noexcept
{
    auto* header = const_cast<msghdr*>(&message);
    for (auto* each = CMSG_FIRSTHDR(header); each != nullptr; each = CMSG_NXTHDR(header, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
        timespec when{};
        std::memcpy(&when, CMSG_DATA(each), sizeof when);
        return std::int64_t{when.tv_sec} * 1'000'000'000 + when.tv_nsec;
    }
    return 0;
}

}  // namespace

std::span<const datagram> datagram_batch::receive(int fd) noexcept
{
    struct control_buffer {
        alignas(cmsghdr) std::array<char, 64> bytes;
    };
    std::array<mmsghdr, capacity> messages{};
    std::array<iovec, capacity> pieces;
    std::array<sockaddr_storage, capacity> senders;
    std::array<control_buffer, capacity> controls;
    for (std::size_t i = 0; i < capacity; ++i) {
        pieces[i] = {bytes_[i].data(), largest};
        auto& header = messages[i].msg_hdr;
        header.msg_name = &senders[i];
        header.msg_namelen = sizeof senders[i];
        header.msg_iov = &pieces[i];
        header.msg_iovlen = 1;
        header.msg_control = controls[i].bytes.data();
        header.msg_controllen = controls[i].bytes.size();
    }
    const int got = ::recvmmsg(fd, messages.data(), capacity, MSG_DONTWAIT, nullptr);
    const auto count = got < 0 ? std::size_t{0} : static_cast<std::size_t>(got);
    for (std::size_t i = 0; i < count; ++i) {
        out_[i] = {std::span{bytes_[i]}.first(messages[i].msg_len), udp_address::from(senders[i]),
                   arrival_ns(messages[i].msg_hdr)};
    }
    return std::span{out_}.first(count);
}

rtp_sockets::rtp_sockets(rtp_sockets&& other) noexcept
    : rtp_{std::exchange(other.rtp_, -1)}, rtcp_{std::exchange(other.rtcp_, -1)}, port_{other.port_}
{
}

rtp_sockets& rtp_sockets::operator=(rtp_sockets&& other) noexcept
{
    std::swap(rtp_, other.rtp_);
    std::swap(rtcp_, other.rtcp_);
    std::swap(port_, other.port_);
    return *this;
}

rtp_sockets::~rtp_sockets()
{
    if (rtp_ >= 0) ::close(rtp_);
    if (rtcp_ >= 0) ::close(rtcp_);
}

bool rtp_sockets::bind_pair(const udp_address& ip, std::uint16_t port, rtp_sockets& out, error_code& why)
{
    rtp_sockets pair;
    pair.port_ = port;
    pair.rtp_ = open_socket(ip.with_port(port), why);
    if (pair.rtp_ < 0) return false;
    pair.rtcp_ = open_socket(ip.with_port(static_cast<std::uint16_t>(port + 1)), why);
    if (pair.rtcp_ < 0) return false;
    out = std::move(pair);
    return true;
}

result<rtp_sockets> rtp_sockets::bind(const udp_address& ip, std::uint16_t min, std::uint16_t max)
{
    const std::uint32_t first = (min == 0 ? lowest_port : min) + (min % 2U);
    const std::uint32_t last = max == 0 ? highest_port : max;
    const std::uint32_t pairs = last > first ? (last - first + 1) / 2 : 0;
    error_code why = boost::system::errc::make_error_code(boost::system::errc::address_in_use);
    rtp_sockets out;
    for (std::uint32_t tried = 0; tried < pairs; ++tried) {
        const auto turn = next_port.fetch_add(1, std::memory_order_relaxed) % pairs;
        if (bind_pair(ip, static_cast<std::uint16_t>(first + 2 * turn), out, why)) return out;
        if (why != boost::system::errc::address_in_use) break;
    }
    return why;
}

bool send_datagram(int fd, std::span<const std::uint8_t> bytes, const udp_address& to) noexcept
{
    return ::sendto(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to.data(), to.size()) >= 0;
}

}  // namespace strowger::softswitch
