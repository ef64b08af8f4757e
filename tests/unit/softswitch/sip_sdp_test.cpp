#include "softswitch/sip/sdp.hpp"

#include <gtest/gtest.h>

namespace strowger::softswitch::sip {
namespace {

const std::vector<codec_choice> all{
    {payload_kind::ulaw, 8000}, {payload_kind::alaw, 8000}, {payload_kind::l16, 16000}, {payload_kind::l16, 8000}};

std::string offer(const std::string& rest)
{
    return "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" + rest;
}

std::optional<sdp_agreement> agreed(const std::string& text)
{
    const auto parsed = parse_sdp(text);
    return parsed ? agree(*parsed, all) : std::nullopt;
}

TEST(Sdp, TakesTheirFirstCodecThatIsOurs)
{
    const auto got = agreed(
        offer("m=audio 4000 RTP/AVP 18 8 0 101\r\na=rtpmap:18 G729/8000\r\na=rtpmap:101 telephone-event/8000\r\n"));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->codec.kind, payload_kind::alaw);
    EXPECT_EQ(got->codec.payload_type, 8);
    EXPECT_EQ(got->codec.event_payload_type, 101);
    EXPECT_EQ(got->remote.ip(), "192.0.2.1");
    EXPECT_EQ(got->remote.port(), 4000);
    EXPECT_EQ(got->remote_rtcp.port(), 4001);
    EXPECT_FALSE(got->held);
}

TEST(Sdp, ADynamicTypeIsWhatItsMapSays)
{
    const auto got =
        agreed(offer("m=audio 4000 RTP/AVP 97 100\r\na=rtpmap:97 L16/16000\r\n"
                     "a=rtpmap:100 telephone-event/8000\r\na=rtcp:5555\r\n"));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->codec.kind, payload_kind::l16);
    EXPECT_EQ(got->codec.rate_hz, 16000u);
    EXPECT_EQ(got->codec.payload_type, 97);
    EXPECT_EQ(got->codec.event_payload_type, -1) << "events of another clock rate are not ours";
    EXPECT_EQ(got->remote_rtcp.port(), 5555);
}

TEST(Sdp, HoldIsSendonlyInactiveOrTheOldZeroAddress)
{
    EXPECT_TRUE(agreed(offer("m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n"))->held);
    EXPECT_TRUE(agreed(offer("m=audio 4000 RTP/AVP 0\r\na=inactive\r\n"))->held);
    EXPECT_TRUE(agreed(offer("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n"))->held);
    EXPECT_TRUE(agreed(offer("a=inactive\r\nm=audio 4000 RTP/AVP 0\r\n"))->held) << "said for the whole session";
    EXPECT_FALSE(agreed(offer("m=audio 4000 RTP/AVP 0\r\na=recvonly\r\n"))->held);
}

TEST(Sdp, NothingInCommonIsNoAgreement)
{
    EXPECT_FALSE(agreed(offer("m=audio 4000 RTP/AVP 18\r\n")));
    EXPECT_FALSE(agreed(offer("m=audio 0 RTP/AVP 0\r\n"))) << "rejected";
    EXPECT_FALSE(agreed(offer("m=video 4000 RTP/AVP 0\r\n")));
    EXPECT_FALSE(agreed(offer("m=audio 4000 RTP/SAVP 0\r\n"))) << "encrypted";
    EXPECT_FALSE(agreed(offer("m=audio 4000 RTP/AVP 0\r\nc=IN IP4 phone.example\r\n"))) << "a name, no address";
    EXPECT_FALSE(agreed(offer("m=audio 4000 RTP/AVP 97\r\na=rtpmap:97 L16/8000/2\r\n"))) << "stereo";
}

TEST(Sdp, AnswerRefusesOtherMediaInTheirPlace)
{
    const auto parsed =
        parse_sdp(offer("m=video 4002 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
                        "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"));
    ASSERT_TRUE(parsed);
    const auto common = agree(*parsed, all);
    ASSERT_TRUE(common);
    sdp_origin us{"198.51.100.1", 16400, 7, 7};
    const auto text = write_answer(us, *parsed, *common, direction::sendrecv);
    const auto video = text.find("m=video 0 RTP/AVP 96\r\n");
    const auto audio = text.find("m=audio 16400 RTP/AVP 0 101\r\n");
    ASSERT_NE(video, std::string::npos) << text;
    ASSERT_NE(audio, std::string::npos) << text;
    EXPECT_LT(video, audio);
    EXPECT_NE(text.find("a=ptime:20\r\na=sendrecv\r\n"), std::string::npos);
    EXPECT_NE(text.find("o=Strowger 7 8 IN IP4 198.51.100.1"), std::string::npos) << "a new version";
}

TEST(Sdp, WhatWeOfferWeUnderstand)
{
    sdp_origin us{"198.51.100.1", 16400, 7, 7};
    const auto parsed = parse_sdp(write_offer(us, all, direction::sendrecv));
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->media.size(), 1u);
    EXPECT_EQ(parsed->media[0].formats.size(), 6u) << "four codecs, events of both rates";
    const std::vector<codec_choice> wide{{payload_kind::l16, 16000}};
    const auto common = agree(*parsed, wide);
    ASSERT_TRUE(common);
    EXPECT_EQ(common->codec.event_payload_type, 102);
}

TEST(Sdp, EveryPrefixAndEveryBrokenByteIsSurvived)
{
    const auto whole = offer("m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n");
    for (std::size_t size = 0; size <= whole.size(); ++size) agreed(whole.substr(0, size));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const char with : {'\0', '\xff', '\n', '=', ' ', '9'}) {
            auto broken = whole;
            broken[at] = with;
            agreed(broken);
        }
    }
    EXPECT_FALSE(parse_sdp(""));
    EXPECT_FALSE(parse_sdp("hello"));
    EXPECT_FALSE(parse_sdp(std::string(20'000, 'v')));
    std::string many = offer("");
    for (int i = 0; i < 100; ++i) many += "m=audio 4000 RTP/AVP 0\r\n";
    EXPECT_FALSE(parse_sdp(many)) << "too many media";
}

TEST(Codecs, NamesOfTheConfigurationAndOfFreeSwitch)
{
    EXPECT_EQ(parse_codec("pcmu"), (std::vector<codec_choice>{{payload_kind::ulaw, 8000}}));
    EXPECT_EQ(parse_codec("PCMA@8000h@20i"), (std::vector<codec_choice>{{payload_kind::alaw, 8000}}));
    EXPECT_EQ(parse_codec("L16").size(), 2u);
    EXPECT_EQ(parse_codec("L16@16000h"), (std::vector<codec_choice>{{payload_kind::l16, 16000}}));
    EXPECT_TRUE(parse_codec("PCMU@16000h").empty());
    EXPECT_TRUE(parse_codec("OPUS").empty());
    EXPECT_TRUE(parse_codec("").empty());
}

}  // namespace
}  // namespace strowger::softswitch::sip
