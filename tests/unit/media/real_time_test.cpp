#include "media/frame_ring.hpp"
#include "media/g711.hpp"
#include "media/jitter_buffer.hpp"
#include "media/level.hpp"
#include "media/mix.hpp"
#include "media/resampler.hpp"
#include "media/tone.hpp"
#include "media/tone_stream.hpp"
#include "support/alloc_guard.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace strowger;
using namespace strowger::media;

constexpr std::size_t frame_20ms = 160;
constexpr int minute = 3000;  // frames

TEST(RealTime, TheGuardSeesAnAllocation)
{
    const test::alloc_guard guard;
    const auto memory = std::make_unique<int>(1);
    EXPECT_GE(guard.count(), 1u);
}

TEST(RealTime, AMinuteOfACallAllocatesNothing)
{
    std::mt19937 random{3};
    jitter_buffer buffer{{}};
    tone_generator voice{{440.0}, 8000};
    const auto ring = frame_ring::create(64, frame_20ms).value();
    const auto up = resampler::create(8000, 16000).value();
    const auto music = tone_stream::parse("%(200,100,440,480);v=-10;12#;loops=-1", 8000).value();
    std::vector<std::int16_t> pcm(frame_20ms);
    std::vector<std::int16_t> other(frame_20ms);
    std::vector<std::int16_t> wide(up->max_output(frame_20ms));
    std::vector<std::uint8_t> wire(frame_20ms);

    const test::alloc_guard guard;
    double loudest = silence_dbov;
    for (std::uint32_t i = 0; i < minute; ++i) {
        voice.next(pcm);
        ulaw_encode(pcm, wire);
        ulaw_decode(wire, pcm);
        if (random() % 10 != 0) buffer.put(static_cast<std::uint16_t>(i), i * frame_20ms, pcm);
        buffer.get(pcm);
        music->next(other);
        mix(pcm, other);
        ring->push(pcm);
        ring->pop(pcm);
        up->process(pcm, wide);
        loudest = std::max(loudest, rms_dbov(wide));
    }
    EXPECT_EQ(guard.count(), 0u);
    EXPECT_GT(loudest, -20);
}

}  // namespace
