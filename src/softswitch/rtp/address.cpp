#include "softswitch/rtp/address.hpp"

#include <array>
#include <cstring>

#include <arpa/inet.h>

namespace strowger::softswitch {
namespace {

template <class Address>
Address view(const sockaddr_storage& raw) noexcept
{
    Address out;
    std::memcpy(&out, &raw, sizeof out);
    return out;
}

template <class Address>
udp_address wrap(const Address& from) noexcept
{
    sockaddr_storage raw{};
    std::memcpy(&raw, &from, sizeof from);
    return udp_address::from(raw);
}

}  // namespace

std::optional<udp_address> udp_address::parse(const std::string& ip, std::uint16_t port)
{
    if (sockaddr_in v4{}; inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        return wrap(v4);
    }
    if (sockaddr_in6 v6{}; inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        return wrap(v6);
    }
    return std::nullopt;
}

udp_address udp_address::from(const sockaddr_storage& raw) noexcept
{
    udp_address out;
    out.raw_ = raw;
    return out;
}

std::string udp_address::ip() const
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    const auto v4 = view<sockaddr_in>(raw_);
    const auto v6 = view<sockaddr_in6>(raw_);
    const void* const bytes =
        family() == AF_INET6 ? static_cast<const void*>(&v6.sin6_addr) : static_cast<const void*>(&v4.sin_addr);
    if (!valid() || inet_ntop(family(), bytes, text.data(), text.size()) == nullptr) return {};
    return text.data();
}

std::uint16_t udp_address::port() const noexcept
{
    return ntohs(family() == AF_INET6 ? view<sockaddr_in6>(raw_).sin6_port : view<sockaddr_in>(raw_).sin_port);
}

udp_address udp_address::with_port(std::uint16_t port) const noexcept
{
    if (family() == AF_INET6) {
        auto v6 = view<sockaddr_in6>(raw_);
        v6.sin6_port = htons(port);
        return wrap(v6);
    }
    auto v4 = view<sockaddr_in>(raw_);
    v4.sin_port = htons(port);
    return wrap(v4);
}

bool udp_address::is_wildcard() const noexcept
{
    if (family() == AF_INET6) {
        const auto v6 = view<sockaddr_in6>(raw_);
        return std::memcmp(&v6.sin6_addr, &in6addr_any, sizeof in6addr_any) == 0;
    }
    return view<sockaddr_in>(raw_).sin_addr.s_addr == INADDR_ANY;
}

socklen_t udp_address::size() const noexcept
{
    return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

bool udp_address::same_host(const udp_address& other) const noexcept
{
    if (family() != other.family()) return false;
    if (family() == AF_INET6) {
        const auto mine = view<sockaddr_in6>(raw_);
        const auto theirs = view<sockaddr_in6>(other.raw_);
        return std::memcmp(&mine.sin6_addr, &theirs.sin6_addr, sizeof mine.sin6_addr) == 0;
    }
    return view<sockaddr_in>(raw_).sin_addr.s_addr == view<sockaddr_in>(other.raw_).sin_addr.s_addr;
}

}  // namespace strowger::softswitch
