#include "pbx/cause.hpp"

#include <gtest/gtest.h>

namespace strowger::pbx {
namespace {

TEST(Cause, HasFreeSwitchsNames)
{
    EXPECT_EQ(to_string(cause::normal_clearing), "NORMAL_CLEARING");
    EXPECT_EQ(to_string(cause::user_busy), "USER_BUSY");
    EXPECT_EQ(to_string(cause::originator_cancel), "ORIGINATOR_CANCEL");
    EXPECT_EQ(to_string(cause::srtp_read_error), "SRTP_READ_ERROR");
    EXPECT_EQ(to_string(static_cast<cause>(9999)), "NONE");
}

TEST(Cause, ReadsNamesInAnyCaseAndNumbers)
{
    EXPECT_EQ(parse_cause("USER_BUSY"), cause::user_busy);
    EXPECT_EQ(parse_cause("user_busy"), cause::user_busy);
    EXPECT_EQ(parse_cause("17"), cause::user_busy);
    EXPECT_EQ(parse_cause("487"), cause::originator_cancel);
    EXPECT_EQ(parse_cause("none"), cause::none);
}

TEST(Cause, DoesNotGuess)
{
    for (const auto* text : {"", "USER", "USER_BUSY ", "17x", "-1", "9999", "70000"})
        EXPECT_FALSE(parse_cause(text).has_value()) << text;
}

TEST(Cause, EveryNameReadsBackAsItself)
{
    for (std::uint16_t number = 0; number < 1000; ++number) {
        const auto name = to_string(static_cast<cause>(number));
        if (number > 0 && name == "NONE") continue;
        EXPECT_EQ(parse_cause(name), static_cast<cause>(number)) << name;
        EXPECT_EQ(parse_cause(std::to_string(number)), static_cast<cause>(number)) << name;
    }
}

}  // namespace
}  // namespace strowger::pbx
