#include "media/level.hpp"

#include "media/tone.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace strowger::media;

TEST(Level, AFullScaleSquareWaveIsZero)
{
    std::vector<std::int16_t> pcm(160, -32768);
    EXPECT_NEAR(rms_dbov(pcm), 0, 0.001);
    EXPECT_NEAR(peak_dbov(pcm), 0, 0.001);
}

TEST(Level, ASineIs3DbBelowItsPeak)
{
    std::vector<std::int16_t> pcm(8000);
    tone_generator{{1000.0}, 8000, -13.01}.next(pcm);
    EXPECT_NEAR(rms_dbov(pcm), -13.01, 0.02);
    EXPECT_NEAR(peak_dbov(pcm), -10, 0.02);
}

TEST(Level, SilenceHasAFloor)
{
    EXPECT_EQ(rms_dbov({}), silence_dbov);
    EXPECT_EQ(rms_dbov(std::vector<std::int16_t>(160)), silence_dbov);
    EXPECT_EQ(peak_dbov(std::vector<std::int16_t>(160)), silence_dbov);
}

}  // namespace
