#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace strowger::softswitch {

/// A reception report block. Source: RFC 3550 6.4.1.
struct rtcp_block {
    std::uint32_t ssrc = 0;
    std::uint8_t fraction_lost = 0;  ///< [1/256]
    std::int32_t lost = 0;
    std::uint32_t highest_sequence = 0;
    std::uint32_t jitter = 0;  ///< [timestamp units]
    std::uint32_t last_sr = 0;
    std::uint32_t since_last_sr = 0;  ///< [1/65536 s]
};

/// What a compound packet told us.
struct rtcp_news {
    std::uint32_t sender = 0;
    std::optional<std::uint32_t> sr_ntp_middle;  ///< the middle 32 bits of the sender report's NTP time
    std::optional<rtcp_block> about_us;
    bool bye = false;
};

/// What our own compound packet says.
struct rtcp_report {
    std::uint32_t ssrc = 0;
    bool is_sender = false;
    std::uint64_t ntp = 0;  ///< [1/2^32 s since 1900]
    std::uint32_t rtp_timestamp = 0;
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
    std::optional<rtcp_block> heard{};
    std::string_view cname{};
    bool bye = false;
};

/// @param our_ssrc  whose report block to look for
/// @return false when `datagram` is no RTCP compound packet
bool parse_rtcp(std::span<const std::uint8_t> datagram, std::uint32_t our_ssrc, rtcp_news& out) noexcept;
/// @param out  at least 160 bytes; a CNAME over 60 characters is cut
/// @return bytes written
std::size_t write_rtcp(std::span<std::uint8_t> out, const rtcp_report& report) noexcept;

}  // namespace strowger::softswitch
