#include "media/g711.hpp"

#include <array>
#include <cstdlib>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace strowger::media;

std::vector<std::int16_t> every_sample()
{
    std::vector<std::int16_t> all(65536);
    std::iota(all.begin(), all.end(), std::int16_t{-32768});
    return all;
}

std::vector<std::uint8_t> every_code()
{
    std::vector<std::uint8_t> all(256);
    std::iota(all.begin(), all.end(), std::uint8_t{0});
    return all;
}

template <class Encode>
std::vector<std::uint8_t> encoded(Encode encode, const std::vector<std::int16_t>& pcm)
{
    std::vector<std::uint8_t> out(pcm.size());
    encode(pcm, out);
    return out;
}

template <class Decode>
std::vector<std::int16_t> decoded(Decode decode, const std::vector<std::uint8_t>& codes)
{
    std::vector<std::int16_t> out(codes.size());
    decode(codes, out);
    return out;
}

// G.711 as prose, by search through the decision values of its tables: slow and independent of the arithmetic.
// Values are those of the tables' column 6 and 5, 14 bits for the µ-law and 13 for the A-law.
std::uint8_t ulaw_by_table(int sample)
{
    const int magnitude = std::min((sample < 0 ? ~sample : sample) / 4, 8158);
    int decision = 0;
    int interval = 0;
    for (int number = 0; number < 128; ++number) {
        const int step = number == 0 ? 1 : 2 << (number / 16);
        if (magnitude >= decision) interval = number;
        decision += step;
    }
    return static_cast<std::uint8_t>((sample < 0 ? 0x7f : 0xff) - interval);
}

std::uint8_t alaw_by_table(int sample)
{
    const int magnitude = (sample < 0 ? ~sample : sample) / 16;
    int decision = 0;
    int interval = 0;
    for (int number = 0; number < 128; ++number) {
        if (magnitude >= decision) interval = number;
        decision += number < 32 ? 1 : 1 << (number / 16 - 1);
    }
    return static_cast<std::uint8_t>((interval | (sample < 0 ? 0 : 0x80)) ^ 0x55);
}

TEST(G711, UlawEncodesEverySampleAsTheTablesSay)
{
    const auto pcm = every_sample();
    const auto codes = encoded(ulaw_encode, pcm);
    for (std::size_t i = 0; i < pcm.size(); ++i) ASSERT_EQ(codes[i], ulaw_by_table(pcm[i])) << "sample " << pcm[i];
}

TEST(G711, AlawEncodesEverySampleAsTheTablesSay)
{
    const auto pcm = every_sample();
    const auto codes = encoded(alaw_encode, pcm);
    for (std::size_t i = 0; i < pcm.size(); ++i) ASSERT_EQ(codes[i], alaw_by_table(pcm[i])) << "sample " << pcm[i];
}

TEST(G711, EveryCodeSurvivesDecodingAndEncoding)
{
    const auto codes = every_code();
    auto ulaw = encoded(ulaw_encode, decoded(ulaw_decode, codes));
    EXPECT_EQ(ulaw[0x7f], 0xff) << "the µ-law has two zeros, and ours is the positive one";
    ulaw[0x7f] = 0x7f;
    EXPECT_EQ(ulaw, codes);
    EXPECT_EQ(encoded(alaw_encode, decoded(alaw_decode, codes)), codes);
}

TEST(G711, DecodesTheEndsOfTheTables)
{
    EXPECT_EQ(decoded(ulaw_decode, {0x80, 0x00, 0xff, 0x7f, 0xfe, 0x8f}),
              (std::vector<std::int16_t>{32124, -32124, 0, 0, 8, 16764}));
    EXPECT_EQ(decoded(alaw_decode, {0xaa, 0x2a, 0xd5, 0x55, 0x80}),
              (std::vector<std::int16_t>{32256, -32256, 8, -8, 5504}));
}

TEST(G711, ErrorStaysWithinHalfAStep)
{
    const auto pcm = every_sample();
    const auto ulaw = decoded(ulaw_decode, encoded(ulaw_encode, pcm));
    const auto alaw = decoded(alaw_decode, encoded(alaw_encode, pcm));
    for (std::size_t i = 0; i < pcm.size(); ++i) {
        const int magnitude = std::abs(int{pcm[i]});
        ASSERT_LE(std::abs(pcm[i] - ulaw[i]), magnitude / 32 + 8 + (magnitude > 32124 ? 512 : 0)) << pcm[i];
        ASSERT_LE(std::abs(pcm[i] - alaw[i]), magnitude / 32 + 16) << pcm[i];
    }
}

TEST(G711, SilenceIsWhatZeroEncodesTo)
{
    EXPECT_EQ(encoded(ulaw_encode, {0}).front(), ulaw_silence);
    EXPECT_EQ(encoded(alaw_encode, {0}).front(), alaw_silence);
}

TEST(G711, TheShorterSpanCounts)
{
    std::array<std::int16_t, 2> pcm{1, 1};
    const std::array<std::uint8_t, 3> codes{0x80, 0x80, 0x80};
    ulaw_decode(codes, std::span{pcm}.first(1));
    EXPECT_EQ(pcm[0], 32124);
    EXPECT_EQ(pcm[1], 1);
}

}  // namespace
