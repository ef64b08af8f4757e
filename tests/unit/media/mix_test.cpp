#include "media/mix.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace strowger::media;

TEST(Mix, AddsAndStopsAtTheLimits)
{
    std::vector<std::int16_t> pcm{1, -1, 32767, -32768, 20000};
    mix(pcm, std::vector<std::int16_t>{2, -2, 1, -1, 20000});
    EXPECT_EQ(pcm, (std::vector<std::int16_t>{3, -3, 32767, -32768, 32767}));
}

TEST(Mix, TheShorterSpanCounts)
{
    std::vector<std::int16_t> pcm{1, 1};
    mix(pcm, std::vector<std::int16_t>{1});
    EXPECT_EQ(pcm, (std::vector<std::int16_t>{2, 1}));
}

#if defined(__x86_64__)
TEST(Mix, EveryWayGivesTheSame)
{
    std::mt19937 random{5};
    for (std::size_t size = 0; size < 70; ++size) {
        std::vector<std::int16_t> a(size);
        std::vector<std::int16_t> b(size);
        for (auto& sample : a) sample = static_cast<std::int16_t>(random());
        for (auto& sample : b) sample = static_cast<std::int16_t>(random());
        auto scalar = a;
        detail::mix_scalar(scalar.data(), b.data(), size);
        auto sse2 = a;
        detail::mix_sse2(sse2.data(), b.data(), size);
        EXPECT_EQ(sse2, scalar) << size;
        if (!detail::has_avx2()) continue;
        auto avx2 = a;
        detail::mix_avx2(avx2.data(), b.data(), size);
        EXPECT_EQ(avx2, scalar) << size;
    }
}
#endif

}  // namespace
