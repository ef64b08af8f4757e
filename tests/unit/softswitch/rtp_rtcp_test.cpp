#include "softswitch/rtp/rtcp.hpp"

#include <array>

#include <gtest/gtest.h>

namespace strowger::softswitch {
namespace {

rtcp_report full_report()
{
    rtcp_report out;
    out.ssrc = 1;
    out.is_sender = true;
    out.ntp = 0x1111222233334444;
    out.rtp_timestamp = 77;
    out.packets = 10;
    out.octets = 1600;
    out.heard = rtcp_block{.ssrc = 2,
                           .fraction_lost = 64,
                           .lost = -3,
                           .highest_sequence = 0x10005,
                           .jitter = 9,
                           .last_sr = 5,
                           .since_last_sr = 6};
    out.cname = "strowger-1";
    out.bye = true;
    return out;
}

TEST(Rtcp, ASenderReportIsReadBackByTheOneItSpeaksOf)
{
    std::array<std::uint8_t, 160> bytes{};
    const auto size = write_rtcp(bytes, full_report());
    rtcp_news news;
    ASSERT_TRUE(parse_rtcp(std::span{bytes}.first(size), 2, news));
    EXPECT_EQ(size % 4, 0u);
    EXPECT_EQ(news.sender, 1u);
    EXPECT_EQ(news.sr_ntp_middle, 0x22223333u);
    ASSERT_TRUE(news.about_us);
    EXPECT_EQ(news.about_us->lost, -3);
    EXPECT_EQ(news.about_us->fraction_lost, 64);
    EXPECT_EQ(news.about_us->jitter, 9u);
    EXPECT_TRUE(news.bye);
}

TEST(Rtcp, ABlockAboutSomebodyElseIsNotOurs)
{
    std::array<std::uint8_t, 160> bytes{};
    const auto size = write_rtcp(bytes, full_report());
    rtcp_news news;
    ASSERT_TRUE(parse_rtcp(std::span{bytes}.first(size), 3, news));
    EXPECT_FALSE(news.about_us);
}

TEST(Rtcp, EveryCutInsideAPacketIsRefused)
{
    std::array<std::uint8_t, 160> bytes{};
    auto what = full_report();
    what.bye = false;
    const auto size = write_rtcp(bytes, what);
    const std::size_t first_packet = 28 + 24;
    for (std::size_t cut = 0; cut < size; ++cut) {
        rtcp_news news;
        EXPECT_EQ(parse_rtcp(std::span{bytes}.first(cut), 2, news), cut == first_packet) << cut;
    }
}

TEST(Rtcp, AReceiverReportWithMoreBlocksThanFitIsRefused)
{
    std::array<std::uint8_t, 8> bytes{0x9f, 201, 0, 1, 0, 0, 0, 1};
    rtcp_news news;
    EXPECT_FALSE(parse_rtcp(bytes, 1, news));
}

}  // namespace
}  // namespace strowger::softswitch
