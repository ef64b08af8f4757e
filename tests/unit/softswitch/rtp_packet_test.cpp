#include "softswitch/rtp/packet.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace strowger::softswitch {
namespace {

std::vector<std::uint8_t> packet_of(std::vector<std::uint8_t> payload)
{
    std::vector<std::uint8_t> out(rtp_packet::header_size);
    write_rtp_header(
        out, {.marker = true, .payload_type = 8, .sequence = 0xabcd, .timestamp = 0x01020304, .ssrc = 0xdeadbeef});
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}

TEST(RtpPacket, WhatWasWrittenIsReadBack)
{
    const auto bytes = packet_of({1, 2, 3});
    rtp_packet got;
    ASSERT_TRUE(parse_rtp(bytes, got));
    EXPECT_TRUE(got.marker);
    EXPECT_EQ(got.payload_type, 8);
    EXPECT_EQ(got.sequence, 0xabcd);
    EXPECT_EQ(got.timestamp, 0x01020304u);
    EXPECT_EQ(got.ssrc, 0xdeadbeefu);
    EXPECT_EQ(got.payload.size(), 3u);
}

TEST(RtpPacket, EveryCutOfAPacketWithCsrcsAndExtensionIsRefusedOrEmpty)
{
    auto bytes = packet_of({});
    bytes[0] = 0x80 | 0x10 | 2;                                 // extension, two CSRCs
    bytes.insert(bytes.end(), {0, 0, 0, 1, 0, 0, 0, 2});        // CSRCs
    bytes.insert(bytes.end(), {0xbe, 0xde, 0, 1, 9, 9, 9, 9});  // extension of one word
    rtp_packet got;
    ASSERT_TRUE(parse_rtp(bytes, got));
    EXPECT_TRUE(got.payload.empty());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(parse_rtp(std::span{bytes}.first(size), got)) << size;
    }
}

TEST(RtpPacket, PaddingIsTakenOffAndMustFit)
{
    auto bytes = packet_of({7, 7, 0, 0, 3});
    bytes[0] |= 0x20;
    rtp_packet got;
    ASSERT_TRUE(parse_rtp(bytes, got));
    EXPECT_EQ(got.payload.size(), 2u);

    bytes.back() = 6;
    EXPECT_FALSE(parse_rtp(bytes, got)) << "more padding than payload";
    bytes.back() = 0;
    EXPECT_FALSE(parse_rtp(bytes, got)) << "no padding at all";
}

TEST(RtpPacket, OtherVersionsAreNoRtp)
{
    auto bytes = packet_of({1});
    rtp_packet got;
    for (const std::uint8_t version : {0, 1, 3}) {
        bytes[0] = static_cast<std::uint8_t>(version << 6);
        EXPECT_FALSE(parse_rtp(bytes, got));
    }
}

}  // namespace
}  // namespace strowger::softswitch
