#include "softswitch/rtp/rtcp.hpp"

#include "softswitch/rtp/packet.hpp"

#include <algorithm>
#include <cassert>

namespace strowger::softswitch {
namespace {

enum packet_type : std::uint8_t { sender_report = 200, receiver_report = 201, description = 202, goodbye = 203 };

constexpr std::size_t block_size = 24;
constexpr std::size_t sender_info_size = 20;
constexpr std::size_t longest_cname = 60;

rtcp_block parse_block(std::span<const std::uint8_t> at) noexcept
{
    rtcp_block out;
    out.ssrc = get_u32(at);
    out.fraction_lost = at[4];
    // Sign-extends 24 bits.
    out.lost = static_cast<std::int32_t>(get_u32(at.subspan(4)) << 8) >> 8;
    out.highest_sequence = get_u32(at.subspan(8));
    out.jitter = get_u32(at.subspan(12));
    out.last_sr = get_u32(at.subspan(16));
    out.since_last_sr = get_u32(at.subspan(20));
    return out;
}

void write_block(std::span<std::uint8_t> at, const rtcp_block& block) noexcept
{
    put_u32(at, block.ssrc);
    const auto lost = static_cast<std::uint32_t>(std::clamp(block.lost, -0x800000, 0x7fffff)) & 0xffffffU;
    put_u32(at.subspan(4), std::uint32_t{block.fraction_lost} << 24 | lost);
    put_u32(at.subspan(8), block.highest_sequence);
    put_u32(at.subspan(12), block.jitter);
    put_u32(at.subspan(16), block.last_sr);
    put_u32(at.subspan(20), block.since_last_sr);
}

bool parse_report(std::span<const std::uint8_t> body, bool from_sender, std::size_t blocks, std::uint32_t our_ssrc,
                  rtcp_news& out) noexcept
{
    const std::size_t fixed = 4 + (from_sender ? sender_info_size : 0);
    if (body.size() < fixed + blocks * block_size) return false;
    out.sender = get_u32(body);
    if (from_sender) out.sr_ntp_middle = get_u32(body.subspan(6));
    for (std::size_t i = 0; i < blocks; ++i) {
        const auto block = parse_block(body.subspan(fixed + i * block_size));
        if (block.ssrc == our_ssrc) out.about_us = block;
    }
    return true;
}

/// Appends packets to one buffer, each with its length patched in when it is complete.
class compound {
public:
    explicit compound(std::span<std::uint8_t> out) noexcept : out_{out} {}
    void begin(packet_type type, std::size_t count) noexcept
    {
        start_ = size_;
        auto head = take(4);
        head[0] = static_cast<std::uint8_t>(0x80 | count);
        head[1] = type;
    }
    void end() noexcept
    {
        while (size_ % 4 != 0) take(1)[0] = 0;
        put_u16(out_.subspan(start_ + 2), static_cast<std::uint16_t>((size_ - start_) / 4 - 1));
    }
    std::span<std::uint8_t> take(std::size_t bytes) noexcept
    {
        assert(size_ + bytes <= out_.size());
        const auto at = out_.subspan(size_, bytes);
        size_ += bytes;
        return at;
    }
    void u32(std::uint32_t value) noexcept { put_u32(take(4), value); }
    std::size_t size() const noexcept { return size_; }

private:
    std::span<std::uint8_t> out_;
    std::size_t size_ = 0;
    std::size_t start_ = 0;
};

}  // namespace

bool parse_rtcp(std::span<const std::uint8_t> datagram, std::uint32_t our_ssrc, rtcp_news& out) noexcept
{
    if (datagram.size() < 8) return false;
    while (!datagram.empty()) {
        if (datagram.size() < 4 || datagram[0] >> 6 != 2) return false;
        const std::size_t size = 4 + std::size_t{4} * get_u16(datagram.subspan(2));
        if (size > datagram.size()) return false;
        const auto body = datagram.subspan(4, size - 4);
        const std::size_t count = datagram[0] & 0x1f;
        const auto type = datagram[1];
        if (type == sender_report || type == receiver_report) {
            if (!parse_report(body, type == sender_report, count, our_ssrc, out)) return false;
        } else if (type == goodbye) {
            out.bye = true;
        }
        datagram = datagram.subspan(size);
    }
    return true;
}

std::size_t write_rtcp(std::span<std::uint8_t> out, const rtcp_report& report) noexcept
{
    compound packet{out};
    packet.begin(report.is_sender ? sender_report : receiver_report, report.heard ? 1 : 0);
    packet.u32(report.ssrc);
    if (report.is_sender) {
        packet.u32(static_cast<std::uint32_t>(report.ntp >> 32));
        packet.u32(static_cast<std::uint32_t>(report.ntp));
        packet.u32(report.rtp_timestamp);
        packet.u32(report.packets);
        packet.u32(report.octets);
    }
    if (report.heard) write_block(packet.take(block_size), *report.heard);
    packet.end();

    const auto cname = report.cname.substr(0, longest_cname);
    packet.begin(description, 1);
    packet.u32(report.ssrc);
    const auto item = packet.take(2 + cname.size());
    item[0] = 1;
    item[1] = static_cast<std::uint8_t>(cname.size());
    std::ranges::copy(cname, item.begin() + 2);
    packet.take(1)[0] = 0;  // ends the chunk
    packet.end();

    if (report.bye) {
        packet.begin(goodbye, 1);
        packet.u32(report.ssrc);
        packet.end();
    }
    return packet.size();
}

}  // namespace strowger::softswitch
