#include "media/tone.hpp"

#include "media/level.hpp"

#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace strowger::media;

std::vector<std::int16_t> made(tone_generator from, std::size_t samples)
{
    std::vector<std::int16_t> pcm(samples);
    from.next(pcm);
    return pcm;
}

TEST(ToneGenerator, GoesOnWhereTheLastBlockEnded)
{
    tone_generator whole{{440.0, 480.0}, 8000};
    tone_generator parts{{440.0, 480.0}, 8000};
    std::vector<std::int16_t> one(8000);
    std::vector<std::int16_t> many(8000);
    whole.next(one);
    for (std::size_t at = 0; at < many.size(); at += 160) parts.next(std::span{many}.subspan(at, 160));
    for (std::size_t i = 0; i < one.size(); ++i) ASSERT_NEAR(one[i], many[i], 1) << i;
}

TEST(ToneGenerator, KeepsItsLevelAndFrequencyForAnHour)
{
    tone_generator tone{{1004.0}, 8000, -20.0};
    std::vector<std::int16_t> pcm(160);
    for (int i = 0; i < 180000; ++i) tone.next(pcm);
    EXPECT_NEAR(rms_dbov(pcm), -20, 0.2);
    // 3600 s are a whole number of turns.
    tone.next(pcm);
    const auto fresh = made({{1004.0}, 8000, -20.0}, 160);
    for (std::size_t i = 0; i < 160; ++i) ASSERT_NEAR(pcm[i], fresh[i], 20) << i;
}

TEST(ToneGenerator, ClipsRatherThanWraps)
{
    const auto pcm = made({{300.0, 300.0}, 8000, -3.02}, 800);
    for (std::size_t i = 1; i < pcm.size(); ++i) ASSERT_LT(std::abs(pcm[i] - pcm[i - 1]), 20000) << i;
}

TEST(ToneGenerator, WithoutAFrequencyIsSilent)
{
    EXPECT_EQ(made({{0.0, -5.0}, 8000}, 160), std::vector<std::int16_t>(160));
}

TEST(ToneDetector, FindsItsToneInAFrame)
{
    for (const double hz : {350.0, 440.0, 697.0, 1004.0, 2600.0}) {
        const auto pcm = made({{hz}, 8000}, 160);
        EXPECT_TRUE(hears(pcm, hz, 8000)) << hz;
        EXPECT_FALSE(hears(pcm, hz + 100, 8000)) << hz;
        EXPECT_GT((tone_detector{hz, 8000}.share(pcm)), 0.95) << hz;
    }
}

TEST(ToneDetector, SplitsThePowerOfTwoTones)
{
    const auto pcm = made({{697.0, 1477.0}, 8000}, 800);
    EXPECT_NEAR((tone_detector{697, 8000}.share(pcm)), 0.5, 0.05);
    EXPECT_NEAR((tone_detector{1477, 8000}.share(pcm)), 0.5, 0.05);
    EXPECT_LT((tone_detector{941, 8000}.share(pcm)), 0.05);
}

TEST(ToneDetector, HearsNothingInNoiseOrSilence)
{
    std::mt19937 random{1};
    std::vector<std::int16_t> noise(800);
    for (auto& sample : noise) sample = static_cast<std::int16_t>(random() % 8000);
    EXPECT_FALSE(hears(noise, 1000, 8000));
    EXPECT_FALSE(hears(std::vector<std::int16_t>(800), 1000, 8000));
    EXPECT_FALSE(hears({}, 1000, 8000));
    EXPECT_FALSE(hears(made({{1000.0}, 8000, -60.0}, 800), 1000, 8000)) << "too soft to be meant";
}

}  // namespace
