#include "media/frame_ring.hpp"

#include <algorithm>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace strowger::media;

constexpr std::size_t frame_20ms = 160;

TEST(FrameRing, TakesOnlyPowersOfTwoAndRealFrames)
{
    EXPECT_EQ(frame_ring::create(0, frame_20ms).error(), errc::bad_capacity);
    EXPECT_EQ(frame_ring::create(1, frame_20ms).error(), errc::bad_capacity);
    EXPECT_EQ(frame_ring::create(3, frame_20ms).error(), errc::bad_capacity);
    EXPECT_EQ(frame_ring::create(4, 0).error(), errc::bad_frame_size);
}

TEST(FrameRing, FramesComeOutInOrder)
{
    const auto ring = frame_ring::create(4, 2).value();
    std::vector<std::int16_t> pcm(2);
    EXPECT_FALSE(ring->pop(pcm));
    for (std::int16_t i = 0; i < 10; ++i) {
        ASSERT_TRUE(ring->push(std::vector<std::int16_t>{i, static_cast<std::int16_t>(-i)}));
        EXPECT_EQ(ring->size(), 1u);
        ASSERT_TRUE(ring->pop(pcm));
        EXPECT_EQ(pcm, (std::vector<std::int16_t>{i, static_cast<std::int16_t>(-i)}));
    }
}

TEST(FrameRing, FullRingDropsTheNewestFrameAndCountsIt)
{
    const auto ring = frame_ring::create(2, frame_20ms).value();
    std::vector<std::int16_t> pcm(frame_20ms, 1);
    ASSERT_TRUE(ring->push(pcm));
    ASSERT_TRUE(ring->push(pcm));

    EXPECT_FALSE(ring->push(std::vector<std::int16_t>(frame_20ms, 2)));

    EXPECT_EQ(ring->overruns(), 1u);
    ASSERT_TRUE(ring->pop(pcm));
    EXPECT_EQ(pcm.front(), 1) << "the oldest frame must survive";
}

TEST(FrameRing, EmptyRingLeavesTheFrameAlone)
{
    const auto ring = frame_ring::create(2, 1).value();
    std::vector<std::int16_t> pcm{7};
    EXPECT_FALSE(ring->pop(pcm));
    EXPECT_EQ(pcm.front(), 7);
}

TEST(FrameRing, TwoThreadsSeeWholeFramesInOrder)
{
    const auto ring = frame_ring::create(8, frame_20ms).value();
    constexpr std::int16_t last = 20000;
    std::thread producer{[&] {
        std::vector<std::int16_t> pcm(frame_20ms);
        for (std::int16_t i = 1; i <= last;) {
            std::ranges::fill(pcm, i);
            if (ring->push(pcm)) {
                ++i;
            } else {
                std::this_thread::yield();
            }
        }
    }};
    std::vector<std::int16_t> pcm(frame_20ms);
    std::int16_t expected = 1;
    bool whole = true;
    while (expected <= last) {
        if (!ring->pop(pcm)) {
            std::this_thread::yield();
            continue;
        }
        whole = whole && std::ranges::all_of(pcm, [&](auto sample) { return sample == expected; });
        ++expected;
    }
    producer.join();
    EXPECT_TRUE(whole);
    EXPECT_EQ(ring->size(), 0u);
}

}  // namespace
