#include "softswitch/rtp/packet.hpp"

namespace strowger::softswitch {

bool parse_rtp(std::span<const std::uint8_t> datagram, rtp_packet& out) noexcept
{
    if (datagram.size() < rtp_packet::header_size || datagram[0] >> 6 != 2) return false;
    const bool padded = (datagram[0] & 0x20) != 0;
    const bool extended = (datagram[0] & 0x10) != 0;
    out.marker = (datagram[1] & 0x80) != 0;
    out.payload_type = datagram[1] & 0x7f;
    out.sequence = get_u16(datagram.subspan(2));
    out.timestamp = get_u32(datagram.subspan(4));
    out.ssrc = get_u32(datagram.subspan(8));

    std::size_t at = rtp_packet::header_size + std::size_t{4} * (datagram[0] & 0x0fU);
    if (extended) {
        if (datagram.size() < at + 4) return false;
        at += 4 + std::size_t{4} * get_u16(datagram.subspan(at + 2));
    }
    if (datagram.size() < at) return false;
    auto payload = datagram.subspan(at);
    if (padded) {
        if (payload.empty() || payload.back() == 0 || payload.back() > payload.size()) return false;
        payload = payload.first(payload.size() - payload.back());
    }
    out.payload = payload;
    return true;
}

void write_rtp_header(std::span<std::uint8_t> out, const rtp_packet& packet) noexcept
{
    out[0] = 0x80;
    out[1] = static_cast<std::uint8_t>((packet.marker ? 0x80 : 0) | packet.payload_type);
    put_u16(out.subspan(2), packet.sequence);
    put_u32(out.subspan(4), packet.timestamp);
    put_u32(out.subspan(8), packet.ssrc);
}

}  // namespace strowger::softswitch
