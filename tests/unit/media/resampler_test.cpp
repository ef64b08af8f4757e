#include "media/resampler.hpp"

#include "media/level.hpp"
#include "media/tone.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace strowger::media;

TEST(Resampler, KeepsAToneAcrossEveryPairOfRates)
{
    for (const std::uint32_t from : {8000U, 16000U, 32000U, 44100U, 48000U}) {
        for (const std::uint32_t to : {8000U, 16000U, 24000U, 48000U}) {
            const auto change = resampler::create(from, to).value();
            tone_generator voice{{1000.0}, from, -10.0};
            std::vector<std::int16_t> in(from / 50);
            std::vector<std::int16_t> out(change->max_output(in.size()));
            std::vector<std::int16_t> all;
            for (int i = 0; i < 50; ++i) {
                voice.next(in);
                const auto made = change->process(in, out);
                ASSERT_EQ(made, to / 50) << from << " to " << to;
                all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(made));
            }
            const auto later = std::span{all}.subspan(to / 10);
            EXPECT_GT((tone_detector{1000, to}.share(later)), 0.99) << from << " to " << to;
            EXPECT_NEAR(rms_dbov(later), -10, 0.3) << from << " to " << to;
        }
    }
}

TEST(Resampler, HoldsBackWhatTheLowerRateCannotCarry)
{
    const auto change = resampler::create(16000, 8000).value();
    std::vector<std::int16_t> in(16000);
    tone_generator{{6000.0}, 16000, -10.0}.next(in);
    std::vector<std::int16_t> out(change->max_output(in.size()));
    change->process(in, out);
    EXPECT_LT(rms_dbov(std::span{out}.subspan(800)), -50);
}

TEST(Resampler, TakesOnlyRatesOfSound)
{
    EXPECT_EQ(resampler::create(7999, 8000).error(), errc::bad_rate);
    EXPECT_EQ(resampler::create(8000, 0).error(), errc::bad_rate);
    EXPECT_EQ(resampler::create(8000, 192001).error(), errc::bad_rate);
}

TEST(Resampler, NeverWritesBeyondItsOutput)
{
    const auto change = resampler::create(8000, 16000).value();
    std::vector<std::int16_t> in(160, 1000);
    std::vector<std::int16_t> out(101, 77);
    EXPECT_EQ(change->process(in, std::span{out}.first(100)), 100u);
    EXPECT_EQ(out[100], 77);
}

}  // namespace
