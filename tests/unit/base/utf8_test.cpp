#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace strowger {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, KnowsTheLengthOfACharacter)
{
    EXPECT_EQ(utf8_character("a"), 1U);
    EXPECT_EQ(utf8_character("\0"sv), 1U);
    EXPECT_EQ(utf8_character("\xc3\xa9x"), 2U);
    EXPECT_EQ(utf8_character("\xe2\x82\xacx"), 3U);
    EXPECT_EQ(utf8_character("\xf0\x9f\x93\x9ex"), 4U);
    EXPECT_EQ(utf8_character("\xf4\x8f\xbf\xbf"), 4U);
}

TEST(Utf8, RefusesWhatRfc3629Refuses)
{
    for (const auto text :
         {""sv, "\x80"sv, "\xc3"sv, "\xc3("sv, "\xc0\xaf"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xe2\x82"sv,
          "\xed\xa0\x80"sv, "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv})
        EXPECT_EQ(utf8_character(text), 0U) << text;
}

}  // namespace
}  // namespace strowger
