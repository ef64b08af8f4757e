#include "pbx/event.hpp"

#include <string>

#include <gtest/gtest.h>

namespace strowger::pbx {
namespace {

TEST(Event, KeepsItsHeadersInOrder)
{
    event one{"CHANNEL_ANSWER"};
    one.add("Event-Name", "CHANNEL_ANSWER");
    one.add("Unique-ID", "abc");
    one.add("variable_x", "a, b\n");
    ASSERT_EQ(one.size(), 3U);
    EXPECT_EQ(one[0].name, "Event-Name");
    EXPECT_EQ(one[2].name, "variable_x");
    EXPECT_EQ(one[2].value, "a, b\n");
    EXPECT_EQ(one.uuid(), "abc");
    EXPECT_EQ(one.bytes(), std::string_view{"Event-NameCHANNEL_ANSWERUnique-IDabcvariable_xa, b\n"}.size());
}

TEST(Event, OfRepeatedHeadersTheLastCountsAndAllAreKept)
{
    event one{"X"};
    one.add("a", "1");
    one.add("a", "2");
    EXPECT_EQ(one.get("a"), "2");
    EXPECT_EQ(one.size(), 2U);
    EXPECT_EQ(one.get("A"), "") << "names have a case";
}

TEST(Event, LeavesEmptyValuesOut)
{
    event one{"X"};
    one.add("a", "");
    EXPECT_EQ(one.size(), 0U);
    EXPECT_FALSE(one.has("a"));
}

TEST(Event, HasSubclassBodyAndTime)
{
    event one{"CUSTOM", "sofia::register"};
    EXPECT_EQ(one.timestamp_us(), 0);
    one.add("Event-Date-Timestamp", "1700000000123456");
    one.set_body("hello");
    EXPECT_EQ(one.name(), "CUSTOM");
    EXPECT_EQ(one.subclass(), "sofia::register");
    EXPECT_EQ(one.timestamp_us(), 1700000000123456);
    EXPECT_EQ(one.body(), "hello");
}

TEST(Event, ACopyStandsAlone)
{
    event one{"X"};
    one.reserve(2, 4);
    one.add("a", "1");
    const event two = one;
    one.add("b", std::string(1000, 'b'));
    EXPECT_EQ(two.size(), 1U);
    EXPECT_EQ(two.get("a"), "1");
    EXPECT_EQ(one.get("b").size(), 1000U);
}

}  // namespace
}  // namespace strowger::pbx
