#include "softswitch/dial_string.hpp"

#include "softswitch/error.hpp"

#include <gtest/gtest.h>

namespace strowger::softswitch {
namespace {

dial_string parsed(std::string_view text)
{
    auto out = dial_string::parse(text);
    EXPECT_TRUE(out.has_value()) << text;
    return out ? std::move(*out) : dial_string{};
}

TEST(DialString, CommasRingTogetherAndBarsAreTriedInTurn)
{
    const auto all = parsed("user/1000, user/1001|loopback/9196/default");
    ASSERT_EQ(all.attempts.size(), 2u);
    ASSERT_EQ(all.attempts[0].size(), 2u);
    EXPECT_EQ(all.attempts[0][1].target, "user/1001");
    EXPECT_EQ(all.attempts[1][0].target, "loopback/9196/default");
}

TEST(DialString, BracesAreForAllAndBracketsForOne)
{
    const auto all = parsed("{a=1,b=two words}[c=3]user/1,[c=4]user/2");
    EXPECT_EQ(find_setting(all.settings, "A"), "1");
    EXPECT_EQ(find_setting(all.settings, "b"), "two words");
    EXPECT_EQ(find_setting(all.attempts[0][0].settings, "c"), "3");
    EXPECT_EQ(find_setting(all.attempts[0][1].settings, "c"), "4");
}

TEST(DialString, QuotesAndBackslashesProtectSeparators)
{
    const auto all = parsed(R"({name='Doe, John',list=a\,b}user/1)");
    EXPECT_EQ(find_setting(all.settings, "name"), "Doe, John");
    EXPECT_EQ(find_setting(all.settings, "list"), "a,b");
}

TEST(DialString, AnotherSeparatorMayBeChosen)
{
    const auto all = parsed("{^^:codecs=PCMU,PCMA:x=1}user/1");
    EXPECT_EQ(find_setting(all.settings, "codecs"), "PCMU,PCMA");
    EXPECT_EQ(find_setting(all.settings, "x"), "1");
}

TEST(DialString, AnApostropheInANameHidesNothing)
{
    const auto all = parsed("{name=O'Brien}user/1");
    EXPECT_EQ(find_setting(all.settings, "name"), "O'Brien");
    EXPECT_EQ(all.attempts[0][0].target, "user/1");
}

TEST(DialString, BlocksMayFollowOneAnother)
{
    EXPECT_EQ(parsed("<e=0>{a=1}{b=2}user/1").settings.size(), 3u);
}

TEST(DialString, NonsenseIsNamed)
{
    EXPECT_EQ(dial_string::parse("").error(), errc::empty_dial_string);
    EXPECT_EQ(dial_string::parse("{a=1}").error(), errc::empty_dial_string);
    EXPECT_EQ(dial_string::parse("user/1,,user/2").error(), errc::empty_dial_string);
    EXPECT_EQ(dial_string::parse("{a=1 user/1").error(), errc::unterminated_block);
    EXPECT_EQ(dial_string::parse("[a=1 user/1").error(), errc::unterminated_block);
    EXPECT_EQ(dial_string::parse(std::string(20000, 'x')).error(), errc::dial_string_too_long);
}

TEST(DialString, PartiesAndVariablesAreBounded)
{
    std::string many = "user/0", block = "{";
    for (int i = 0; i < 64; ++i) many += ",user/1";
    for (int i = 0; i < 300; ++i) block += "v" + std::to_string(i) + "=1,";
    EXPECT_EQ(dial_string::parse(many).error(), errc::too_many_legs);
    EXPECT_EQ(dial_string::parse(block + "}user/1").error(), errc::too_many_variables);
}

}  // namespace
}  // namespace strowger::softswitch
