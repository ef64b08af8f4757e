#include "softswitch/rtp/telephone_event.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace strowger::softswitch {
namespace {

std::array<std::uint8_t, 4> event(std::uint8_t code, bool end, std::uint16_t duration)
{
    return {code, static_cast<std::uint8_t>(end ? 0x8a : 0x0a), static_cast<std::uint8_t>(duration >> 8),
            static_cast<std::uint8_t>(duration)};
}

std::string take_all(dtmf_receiver& from)
{
    std::string out;
    while (const auto key = from.take()) out += key->digit;
    return out;
}

TEST(DtmfReceiver, OnePressOfManyPacketsIsOneKeyWithItsDuration)
{
    dtmf_receiver keys;
    for (std::uint16_t duration = 160; duration <= 800; duration += 160) keys.put(1000, event(5, false, duration));
    for (int repeat = 0; repeat < 3; ++repeat) keys.put(1000, event(5, true, 960));
    const auto key = keys.take();
    ASSERT_TRUE(key);
    EXPECT_EQ(key->digit, '5');
    EXPECT_EQ(key->duration_ms, 120u);
    EXPECT_FALSE(keys.take()) << "the repeated end packets are no further key";
}

TEST(DtmfReceiver, APressWhoseEndWasLostEndsWhenNothingFollows)
{
    dtmf_receiver keys;
    keys.put(1000, event(11, false, 320));
    for (std::uint32_t tick = 0; tick < dtmf_receiver::patience_ticks; ++tick) {
        keys.tick();
        EXPECT_FALSE(keys.take());
    }
    keys.tick();
    EXPECT_EQ(take_all(keys), "#");
    keys.put(1000, event(11, true, 480));
    EXPECT_EQ(take_all(keys), "") << "the end that came after all belongs to the key that was told";
}

TEST(DtmfReceiver, ANewPressEndsTheOneBefore)
{
    dtmf_receiver keys;
    keys.put(1000, event(1, false, 320));
    keys.put(2000, event(1, true, 800));
    EXPECT_EQ(take_all(keys), "11");
}

TEST(DtmfReceiver, AStragglerOfAnEarlierPressIsNoNewKey)
{
    dtmf_receiver keys;
    keys.put(1000, event(1, true, 800));
    keys.put(3000, event(2, true, 800));
    keys.put(1000, event(1, true, 800));
    EXPECT_EQ(take_all(keys), "12");
}

TEST(DtmfReceiver, ShortPayloadsAreMalformedAndUnknownEventsNoKeys)
{
    dtmf_receiver keys;
    const std::array<std::uint8_t, 3> cut{1, 0x8a, 0};
    EXPECT_FALSE(keys.put(1, cut));
    EXPECT_TRUE(keys.put(2, event(16, true, 800))) << "a hook flash";
    EXPECT_EQ(take_all(keys), "");
}

TEST(DtmfSender, SendsThreeEndsWithOneTimestampAndKeepsAGap)
{
    dtmf_sender keys;
    ASSERT_TRUE(keys.push({'7', 100}));
    ASSERT_TRUE(keys.push({'8', 100}));
    std::vector<dtmf_sender::packet> sent;
    std::uint32_t silent = 0;
    std::uint32_t timestamp = 50'000;
    while (sent.size() < 7 || sent.back().timestamp == 50'000) {
        const auto packet = keys.next(timestamp, 160);
        timestamp += 160;
        if (packet) {
            sent.push_back(*packet);
        } else {
            ++silent;
        }
        ASSERT_LT(timestamp, 60'000u);
    }
    ASSERT_GE(sent.size(), 8u);
    EXPECT_TRUE(sent[0].first);
    for (std::size_t i = 0; i < 7; ++i) {
        EXPECT_EQ(sent[i].timestamp, 50'000u);
        EXPECT_EQ((sent[i].payload[1] & 0x80) != 0, i >= 4) << i;
    }
    EXPECT_EQ(get_u16(std::span{sent[6].payload}.subspan(2)), 800) << "100 ms, in every end packet";
    EXPECT_EQ(silent, dtmf_sender::gap_ticks);
    EXPECT_TRUE(sent[7].first);
    EXPECT_EQ(sent[7].payload[0], 8);
}

TEST(DtmfSender, WhatTheSenderMakesTheReceiverUnderstands)
{
    dtmf_sender out;
    dtmf_receiver in;
    const std::string wanted = "0123456789*#ABCD";
    for (const char digit : wanted) ASSERT_TRUE(out.push({digit, 80}));
    EXPECT_FALSE(out.push({'x', 80}));
    std::string got;
    for (std::uint32_t timestamp = 0; timestamp < 16'000 * 10; timestamp += 160) {
        if (const auto packet = out.next(timestamp, 160)) in.put(packet->timestamp, packet->payload);
        in.tick();
        got += take_all(in);
    }
    EXPECT_EQ(got, wanted);
}

TEST(DtmfSender, AFullQueueRefusesTheKey)
{
    dtmf_sender keys;
    for (std::size_t i = 0; i < dtmf_sender::queue_capacity; ++i) ASSERT_TRUE(keys.push({'1', 100}));
    EXPECT_FALSE(keys.push({'1', 100}));
}

}  // namespace
}  // namespace strowger::softswitch
