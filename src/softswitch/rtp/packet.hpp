#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace strowger::softswitch {

/// Network byte order, one place. The spans must be long enough.
inline std::uint16_t get_u16(std::span<const std::uint8_t> at) noexcept
{
    return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}
inline std::uint32_t get_u32(std::span<const std::uint8_t> at) noexcept
{
    return std::uint32_t{get_u16(at)} << 16 | get_u16(at.subspan(2));
}
inline void put_u16(std::span<std::uint8_t> at, std::uint16_t value) noexcept
{
    at[0] = static_cast<std::uint8_t>(value >> 8);
    at[1] = static_cast<std::uint8_t>(value);
}
inline void put_u32(std::span<std::uint8_t> at, std::uint32_t value) noexcept
{
    put_u16(at, static_cast<std::uint16_t>(value >> 16));
    put_u16(at.subspan(2), static_cast<std::uint16_t>(value));
}

/// One RTP packet; `payload` lies in the datagram that it was parsed from.
/// Source: RFC 3550 5.1.
struct rtp_packet {
    static constexpr std::size_t header_size = 12;

    bool marker = false;
    std::uint8_t payload_type = 0;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t ssrc = 0;
    std::span<const std::uint8_t> payload{};
};

/// @return false when `datagram` is not RTP version 2, or its CSRCs, extension or padding do not fit
bool parse_rtp(std::span<const std::uint8_t> datagram, rtp_packet& out) noexcept;
/// Writes the header alone; `out` has room for it.
void write_rtp_header(std::span<std::uint8_t> out, const rtp_packet& packet) noexcept;

}  // namespace strowger::softswitch
