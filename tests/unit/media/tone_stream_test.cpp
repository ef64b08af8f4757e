#include "media/tone_stream.hpp"

#include "media/level.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace strowger::media;
using pcm_t = std::vector<std::int16_t>;

constexpr std::uint32_t rate = 8000;

/// All of a script, or its first `most` samples.
pcm_t played(std::string_view spec, std::size_t most = 80000)
{
    auto stream = tone_stream::parse(spec, rate);
    EXPECT_TRUE(stream.has_value()) << spec << ": " << (stream ? "" : stream.error().message());
    pcm_t all;
    pcm_t frame(80);
    while (stream && all.size() < most && (*stream)->next(frame)) all.insert(all.end(), frame.begin(), frame.end());
    return all;
}

errc refused(std::string_view spec)
{
    const auto stream = tone_stream::parse(spec, rate);
    return stream ? errc{} : static_cast<errc>(stream.error().value());
}

bool has_tones(const pcm_t& pcm, std::size_t from_ms, std::size_t ms, std::initializer_list<double> frequencies)
{
    const auto part = std::span{pcm}.subspan(from_ms * 8, ms * 8);
    for (const auto hz : frequencies)
        if (tone_detector{hz, rate}.share(part) < 0.8 / static_cast<double>(frequencies.size())) return false;
    return true;
}

bool is_silent(const pcm_t& pcm, std::size_t from_ms, std::size_t ms)
{
    return rms_dbov(std::span{pcm}.subspan(from_ms * 8, ms * 8)) == silence_dbov;
}

TEST(ToneStream, PlaysATonesOnAndOff)
{
    const auto pcm = played("%(200,300,440,480)");
    ASSERT_EQ(pcm.size(), 500u * 8);
    EXPECT_TRUE(has_tones(pcm, 0, 200, {440, 480}));
    EXPECT_TRUE(is_silent(pcm, 200, 300));
}

TEST(ToneStream, PlaysElementsInTurnUnderTheirSettings)
{
    const auto pcm = played("v=-20;%(100,0,400);v=-7;d=50;w=50;1;#(100,100);l=2;%(100,100,1000)");
    ASSERT_EQ(pcm.size(), (100u + 100 + 200 + 400) * 8);
    EXPECT_TRUE(has_tones(pcm, 0, 100, {400}));
    EXPECT_NEAR(rms_dbov(std::span{pcm}.first(800)), -26.15, 0.1);
    EXPECT_TRUE(has_tones(pcm, 100, 50, {697, 1209}));
    EXPECT_TRUE(has_tones(pcm, 200, 100, {941, 1477}));
    EXPECT_TRUE(has_tones(pcm, 400, 100, {1000}));
    EXPECT_NEAR(rms_dbov(std::span{pcm}.subspan(3200, 800)), -13.15, 0.1);
    EXPECT_TRUE(is_silent(pcm, 500, 100));
    EXPECT_TRUE(has_tones(pcm, 600, 100, {1000}));
}

TEST(ToneStream, TakesSpacesAndDigitsSideBySide)
{
    EXPECT_EQ(played("%(500, 0, 320)").size(), 4000u);
    EXPECT_EQ(played(" d=100; w=100; 12 3 ").size(), 600u * 8);
}

TEST(ToneStream, LoopsTheWhole)
{
    EXPECT_EQ(played("%(100,0,440);%(100,0,620);loops=3").size(), 600u * 8);
    EXPECT_EQ(played("L=2;%(100,0,440);LOOPS=3").size(), 600u * 8);
    EXPECT_EQ(played("%(100,0,440);loops=-1", 80000).size(), 80000u);
    EXPECT_EQ(played("l=-1;%(100,0,440);%(100,0,620)", 80000).size(), 80000u);
}

TEST(ToneStream, PadsTheLastBlockAndThenEnds)
{
    const auto stream = tone_stream::parse("%(5,0,440)", rate).value();
    pcm_t frame(160, 99);
    EXPECT_TRUE(stream->next(frame));
    EXPECT_NE(frame[39], 0);
    EXPECT_EQ(frame[40], 0);
    EXPECT_EQ(frame[159], 0);
    EXPECT_FALSE(stream->next(frame));
    EXPECT_FALSE(stream->next(frame));
}

TEST(ToneStream, LetsATonesLevelFall)
{
    const auto pcm = played("v=0;>=10;+=1;%(200,0,1000)");
    EXPECT_NEAR(rms_dbov(std::span{pcm}.subspan(0, 80)), -6.15, 0.5);
    EXPECT_NEAR(rms_dbov(std::span{pcm}.subspan(800, 80)), -16.15, 0.5);
}

TEST(ToneStream, PlaysTheRingTonesThatFreeSwitchComesWith)
{
    for (const auto* spec :
         {"%(2000,4000,440.0,480.0)", "v=-7;%(100,0,941.0,1477.0);v=-7;>=2;+=.1;%(1400,0,350,440)",
          "%(250,250,500);loops=5", "%(1000,2000,425.0)", "%(400,200,400,450);%(400,2200,400,450)"})
        EXPECT_FALSE(played(spec).empty()) << spec;
}

TEST(ToneStream, SaysWhatWasExpectedOfABadScript)
{
    EXPECT_EQ(refused(""), errc::tone_empty);
    EXPECT_EQ(refused("v=-7"), errc::tone_empty);
    EXPECT_EQ(refused(";;;"), errc::tone_empty);
    EXPECT_EQ(refused("hello"), errc::tone_unknown_element);
    EXPECT_EQ(refused("%"), errc::tone_unknown_element);
    EXPECT_EQ(refused("x=3;1"), errc::tone_unknown_element);
    EXPECT_EQ(refused("%(100,100,440"), errc::tone_unclosed);
    EXPECT_EQ(refused("%(100)"), errc::tone_bad_duration);
    EXPECT_EQ(refused("%(a,100,440)"), errc::tone_bad_duration);
    EXPECT_EQ(refused("%(-1,100,440)"), errc::tone_bad_duration);
    EXPECT_EQ(refused("%(99999999999,100,440)"), errc::tone_bad_duration);
    EXPECT_EQ(refused("%(0,0,440);loops=-1"), errc::tone_bad_duration);
    EXPECT_EQ(refused("d=0;w=0;1"), errc::tone_bad_duration);
    EXPECT_EQ(refused("%(100,100)"), errc::tone_bad_frequency);
    EXPECT_EQ(refused("%(100,100,0)"), errc::tone_bad_frequency);
    EXPECT_EQ(refused("%(100,100,nan)"), errc::tone_bad_frequency);
    EXPECT_EQ(refused("%(100,100,5000)"), errc::tone_bad_frequency);
    EXPECT_EQ(refused("%(1,1,1,2,3,4,5,6,7,8,9)"), errc::tone_too_many_frequencies);
    EXPECT_EQ(refused("v=3;1"), errc::tone_bad_setting);
    EXPECT_EQ(refused("d=;1"), errc::tone_bad_setting);
    EXPECT_EQ(refused("l=0;1"), errc::tone_bad_loops);
    EXPECT_EQ(refused("1;loops="), errc::tone_bad_loops);
    EXPECT_EQ(refused(std::string(5000, '1')), errc::tone_too_long);
    EXPECT_EQ(refused(std::string(300, '1')), errc::tone_too_long);
    EXPECT_EQ(tone_stream::parse("1", 100).error(), errc::bad_rate);
}

}  // namespace
