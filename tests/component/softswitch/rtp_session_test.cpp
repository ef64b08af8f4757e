#include "softswitch/rtp/session.hpp"
#include "support/udp.hpp"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace strowger::softswitch {
namespace {

using test::udp_socket;

/// One party on a socket pair of its own, and the session driven tick by tick.
class RtpSession : public testing::Test {
protected:
    void SetUp() override
    {
        session_ = rtp_session::open({.address = *udp_address::parse("127.0.0.1", 0),
                                      .port_min = 0,
                                      .port_max = 0,
                                      .media_timeout = std::chrono::seconds{1}},
                                     totals_)
                       .value();
        agree();
    }
    void agree(bool send = true, bool receive = true, rtp_codec codec = {payload_kind::ulaw, 8000, 0, 101})
    {
        const auto to = *udp_address::parse("127.0.0.1", party_.port());
        rtp_plan plan{codec, to, to.with_port(rtcp_.port()), send, receive};
        session_->apply(plan);
        frame_.resize(codec.rate_hz / 50);
    }
    std::vector<std::uint8_t> packet(std::uint8_t type, std::vector<std::uint8_t> payload, std::uint32_t ssrc = 7)
    {
        std::vector<std::uint8_t> out(rtp_packet::header_size);
        write_rtp_header(
            out,
            {.marker = false, .payload_type = type, .sequence = sequence_++, .timestamp = timestamp_, .ssrc = ssrc});
        timestamp_ += 160;
        out.insert(out.end(), payload.begin(), payload.end());
        return out;
    }
    /// A loud frame of µ-law: 0x80 is the largest positive value.
    std::vector<std::uint8_t> loud(std::uint32_t ssrc = 7)
    {
        return packet(0, std::vector<std::uint8_t>(160, 0x80), ssrc);
    }
    bool tick()
    {
        const bool heard = session_->read(frame_);
        session_->write(frame_);
        return heard;
    }
    /// Sends and ticks until the loud frames are heard.
    bool hears(udp_socket& from, std::uint32_t ssrc = 7, int ticks = 30)
    {
        for (int i = 0; i < ticks; ++i) {
            from.send(loud(ssrc), session_->port());
            if (tick() && frame_[frame_.size() / 2] > 30'000) return true;
        }
        return false;
    }
    /// The next RTP packet at `at`.
    std::optional<rtp_packet> next(udp_socket& at)
    {
        bytes_ = at.receive(std::chrono::milliseconds{1000});
        rtp_packet out;
        if (!parse_rtp(bytes_, out)) return std::nullopt;
        return out;
    }

    rtp_totals totals_;
    udp_socket party_, rtcp_;
    std::unique_ptr<rtp_session> session_;
    std::vector<std::int16_t> frame_;
    std::vector<std::uint8_t> bytes_;
    std::uint16_t sequence_ = 65'500;  // wraps within a second
    std::uint32_t timestamp_ = 0xfffffff0;
};

TEST_F(RtpSession, SendsOnePacketATickWithRunningNumbersAndAMarkerAtTheStart)
{
    for (int i = 0; i < 5; ++i) tick();
    const auto first = next(party_);
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->marker);
    EXPECT_EQ(first->payload.size(), 160u);
    for (std::uint16_t i = 1; i < 5; ++i) {
        const auto each = next(party_);
        ASSERT_TRUE(each);
        EXPECT_FALSE(each->marker);
        EXPECT_EQ(each->sequence, static_cast<std::uint16_t>(first->sequence + i));
        EXPECT_EQ(each->timestamp, first->timestamp + 160u * i);
    }
}

TEST_F(RtpSession, HearsThePartyAcrossTheWrapOfSequenceAndTimestamp)
{
    EXPECT_TRUE(hears(party_));
    for (int i = 0; i < 100; ++i) {
        party_.send(loud(), session_->port());
        ASSERT_TRUE(tick()) << i;
    }
    EXPECT_EQ(session_->stats().lost, 0u);
    EXPECT_EQ(session_->stats().malformed, 0u);
}

TEST_F(RtpSession, AnswersToWherePacketsReallyComeFrom)
{
    udp_socket behind_nat;
    ASSERT_TRUE(hears(behind_nat));
    tick();
    EXPECT_TRUE(next(behind_nat));
}

TEST_F(RtpSession, AStrangerCannotTakeOverACallThatTalks)
{
    ASSERT_TRUE(hears(party_));
    udp_socket stranger;
    for (int i = 0; i < 10; ++i) {
        party_.send(loud(), session_->port());
        stranger.send(loud(7), session_->port());
        tick();
    }
    EXPECT_EQ(session_->stats().strays, 10u);
    EXPECT_TRUE(stranger.receive(std::chrono::milliseconds{50}).empty());
}

TEST_F(RtpSession, AfterASecondOfSilenceAnotherSourceMayTakeOver)
{
    ASSERT_TRUE(hears(party_));
    for (int i = 0; i < 51; ++i) tick();
    udp_socket moved;
    EXPECT_TRUE(hears(moved, 8));
    EXPECT_TRUE(next(moved));
}

TEST_F(RtpSession, ANewSsrcOfTheSignalledHostIsFollowedAtOnce)
{
    ASSERT_TRUE(hears(party_));
    udp_socket restarted;
    timestamp_ += 1'000'000;
    sequence_ = 5;
    EXPECT_TRUE(hears(restarted, 99));
}

TEST_F(RtpSession, MalformedPacketsAreCountedAndDropped)
{
    party_.send(std::vector<std::uint8_t>{1, 2, 3}, session_->port());
    party_.send(packet(77, {1, 2}), session_->port());
    party_.send(packet(0, {}), session_->port());
    party_.send(packet(101, {1}), session_->port());
    for (int i = 0; i < 3; ++i) tick();
    EXPECT_EQ(session_->stats().malformed, 4u);
}

TEST_F(RtpSession, OnlySoManyPacketsATickAreTaken)
{
    for (int i = 0; i < 200; ++i) party_.send(loud(), session_->port());
    tick();
    EXPECT_LE(session_->stats().received, rtp_session::max_packets_per_tick);
}

TEST_F(RtpSession, ComfortNoiseAndAudioOfTheOtherLawAreUnderstood)
{
    party_.send(packet(13, {30}), session_->port());
    tick();
    EXPECT_EQ(session_->stats().malformed, 0u);
    EXPECT_EQ(session_->stats().comfort_noise, 1u);
    bool heard = false;
    for (int i = 0; i < 20; ++i) {
        party_.send(packet(8, std::vector<std::uint8_t>(160, 0xaa)), session_->port());
        heard = (tick() && frame_[80] > 30'000) || heard;
    }
    EXPECT_TRUE(heard) << "A-law in a call of µ-law";
}

TEST_F(RtpSession, AHeldPartyGetsNothingAndTheMarkerWhenItIsBack)
{
    tick();
    ASSERT_TRUE(next(party_));
    agree(false, true);
    for (int i = 0; i < 3; ++i) tick();
    EXPECT_TRUE(party_.receive(std::chrono::milliseconds{50}).empty());
    agree(true, true);
    tick();
    const auto back = next(party_);
    ASSERT_TRUE(back);
    EXPECT_TRUE(back->marker);
}

TEST_F(RtpSession, SilenceIsToldOnceAndNotOnHold)
{
    transport_event event;
    const auto timeouts = [&](int ticks) {
        int count = 0;
        for (int i = 0; i < ticks; ++i) {
            tick();
            while (session_->next_event(event)) count += event.what == transport_event::kind::media_timeout ? 1 : 0;
        }
        return count;
    };
    EXPECT_EQ(timeouts(120), 1);
    agree(false, false);
    EXPECT_EQ(timeouts(120), 0);
}

TEST_F(RtpSession, KeysGoOutAsTelephoneEventsAndComeBackAsKeys)
{
    EXPECT_TRUE(session_->send_dtmf('4', 100));
    std::vector<std::vector<std::uint8_t>> events;
    for (int i = 0; i < 12; ++i) {
        tick();
        const auto each = next(party_);
        ASSERT_TRUE(each);
        if (each->payload_type == 101) events.push_back(bytes_);
    }
    EXPECT_EQ(events.size(), 7u) << "five packets of 20 ms, the last one three times";
    for (const auto& each : events) party_.send(each, session_->port());
    tick();
    transport_event event;
    ASSERT_TRUE(session_->next_event(event));
    EXPECT_EQ(event.digit, '4');
    EXPECT_EQ(event.duration_ms, 100u);
    EXPECT_FALSE(session_->next_event(event));
}

TEST_F(RtpSession, APartyWithoutTelephoneEventGetsNoKeys)
{
    agree(true, true, {payload_kind::ulaw, 8000, 0, -1});
    EXPECT_FALSE(session_->send_dtmf('4', 100));
}

TEST_F(RtpSession, WideL16GoesBothWays)
{
    agree(true, true, {payload_kind::l16, 16000, 96, -1});
    bool heard = false;
    for (int i = 0; i < 20 && !heard; ++i) {
        auto each = packet(96, std::vector<std::uint8_t>(640, 0x40));
        timestamp_ += 160;
        party_.send(each, session_->port());
        heard = tick() && frame_[160] == 0x4040;
    }
    EXPECT_TRUE(heard);
    const auto out = next(party_);
    ASSERT_TRUE(out);
    EXPECT_EQ(out->payload.size(), 640u);
}

TEST_F(RtpSession, ReportsGoOutAndTheirsAreUnderstood)
{
    ASSERT_TRUE(hears(party_));
    std::vector<std::uint8_t> report;
    for (int i = 0; i < 400 && report.empty(); ++i) {
        party_.send(loud(), session_->port());
        tick();
        report = rtcp_.receive(std::chrono::milliseconds{0});
    }
    ASSERT_FALSE(report.empty());
    rtcp_news news;
    EXPECT_TRUE(parse_rtcp(report, 7, news));
    EXPECT_TRUE(news.sr_ntp_middle);
    EXPECT_TRUE(news.about_us);
}

TEST_F(RtpSession, AStallMovesTheTimestampsOn)
{
    tick();
    const auto before = next(party_);
    ASSERT_TRUE(before);
    session_->skipped(10);
    tick();
    const auto after = next(party_);
    ASSERT_TRUE(after);
    EXPECT_EQ(after->timestamp - before->timestamp, 11u * 160);
    EXPECT_EQ(after->sequence, static_cast<std::uint16_t>(before->sequence + 1));
    EXPECT_TRUE(after->marker);
}

TEST(RtpPorts, AFullRangeIsAnErrorAndAPortComesBack)
{
    rtp_totals totals;
    // Find a free pair first, then use just that one as the range.
    const auto ip = *udp_address::parse("127.0.0.1", 0);
    auto probe = rtp_sockets::bind(ip, 0, 0).value();
    const auto port = probe.port();
    EXPECT_EQ(port % 2, 0);
    const auto max = static_cast<std::uint16_t>(port + 1);
    const auto none = rtp_sockets::bind(ip, port, max);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error(), boost::system::errc::address_in_use);
    probe = rtp_sockets{};
    EXPECT_TRUE(rtp_sockets::bind(ip, port, max));
}

}  // namespace
}  // namespace strowger::softswitch
