#include "hub/json_view.hpp"

#include "hub/json_text.hpp"

#include <string>

#include <gtest/gtest.h>

namespace strowger::hub {
namespace {

class BadJson : public testing::TestWithParam<std::string> {};
TEST_P(BadJson, IsRefused)
{
    EXPECT_FALSE(json_view::parse(GetParam()));
}
INSTANTIATE_TEST_SUITE_P(All, BadJson,
                         testing::Values("", " ", "{", "}", "{]", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
                                         "{a:1}", "{} x", "{}{}", "[1 2]", "01", "-", "1.", ".5", "1e", "+1", "nul",
                                         "tru", "'a'", "\"a", "\"\\x\"", "\"\\u12\"", "\"\n\"", "\"\\u0000\"",
                                         "\"\\ud800\"", "\"\\ud800x\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
                                         "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"",
                                         "\"\xe2\x82\"", std::string{"{}\0", 3},
                                         std::string(65, '[') + std::string(65, ']'), std::string(1000000, '[')));

TEST(JsonView, ReadsWhatIsGood)
{
    for (const char* good :
         {"{}", " [ ] ", "0", "-0.5e+10", "true", "null", "\"\\ud83d\\ude00\"", "[[],{\"a\":[1]}]"})
        EXPECT_TRUE(json_view::parse(good)) << good;
    EXPECT_TRUE(json_view::parse(std::string(64, '[') + std::string(64, ']')));
}

TEST(JsonView, ResolvesEscapes)
{
    EXPECT_EQ(json_view::parse(R"("a\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00")")->text(),
              "a\"\\/\b\f\n\r\t\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(JsonView, TheFirstOfRepeatedKeysWins)
{
    EXPECT_EQ(json_view::parse(R"({"a":"1","a":"2"})")->find("a")->text(), "1");
}

TEST(JsonView, AnExactKeyBeatsOneThatDiffersInCase)
{
    EXPECT_EQ(json_view::parse(R"({"NODE_ID":"1","node_id":"2"})")->find("node_id")->text(), "2");
    EXPECT_EQ(json_view::parse(R"({"NODE_ID":"1","Node_Id":"2"})")->find("node_id")->text(), "1");
    EXPECT_EQ(json_view::parse(R"({"\u006eode_id":"3"})")->find("node_id")->text(), "3");
    EXPECT_FALSE(json_view::parse(R"({"x":{"node_id":"1"}})")->find("node_id"));
}

TEST(JsonView, NullCountsAsAbsent)
{
    const std::string text = R"({"a":null,"b":1})";
    const auto object = json_view::parse(text).value();
    EXPECT_TRUE(object.find("a"));
    EXPECT_FALSE(object.field("a"));
    EXPECT_TRUE(object.field("b"));
}

TEST(JsonView, KnowsWholeNumbers)
{
    const auto integer = [](const char* text) { return json_view::parse(text)->integer(); };
    EXPECT_EQ(integer("30"), 30);
    EXPECT_EQ(integer("-1"), -1);
    EXPECT_EQ(integer("3e1"), 30);
    EXPECT_EQ(integer("30.0"), 30);
    EXPECT_EQ(integer("30.5"), std::nullopt);
    EXPECT_EQ(integer("1e400"), std::nullopt);
    EXPECT_EQ(integer("\"30\""), std::nullopt);
}

TEST(JsonText, EscapesAndRepairs)
{
    const auto written = [](std::string_view text) {
        std::string out;
        append_json_string(out, text);
        return out;
    };
    EXPECT_EQ(written("plain text longer than eight"), "\"plain text longer than eight\"");
    EXPECT_EQ(written("a\"b\\c\n\x01\x1f"), R"("a\"b\\c\n\u0001\u001f")");
    EXPECT_EQ(written("k\xC3\xB6ln"), "\"k\xC3\xB6ln\"");
    EXPECT_EQ(written("x\xFF\xFEy"), "\"x\xEF\xBF\xBD\xEF\xBF\xBDy\"");
    EXPECT_EQ(written("\xE2\x82"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    EXPECT_EQ(written(std::string_view{"a\0b", 3}), "\"a\\u0000b\"");
}

TEST(JsonText, ALongTextIsNotCutInsideACharacter)
{
    for (std::size_t shift = 0; shift < 4; ++shift) {
        std::string text(shift, 'x');
        while (text.size() < 20000) text += "\xF0\x9F\x98\x80";
        std::string out;
        append_json_string(out, text);
        EXPECT_EQ(out, '"' + text + '"');
    }
}

TEST(JsonText, EveryByteAtEveryPlaceOfAWordSurvivesARoundTrip)
{
    for (int byte = 1; byte < 128; ++byte)
        for (std::size_t at = 0; at < 33; ++at) {
            std::string text(33, 'x');
            text[at] = static_cast<char>(byte);
            std::string out;
            append_json_string(out, text);
            const auto back = json_view::parse(out);
            ASSERT_TRUE(back) << byte << " at " << at;
            ASSERT_EQ(back->text(), text) << byte << " at " << at;
        }
}

}  // namespace
}  // namespace strowger::hub
