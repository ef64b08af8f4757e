#include "softswitch/dialplan.hpp"

#include "softswitch/settings.hpp"
#include "softswitch/text.hpp"
#include "softswitch/variable_store.hpp"

#include <gtest/gtest.h>

namespace strowger::softswitch {
namespace {

TEST(Dialplan, FirstMatchOfTheContextWinsAndGroupsAreFilledIn)
{
    const dialplan plan{{{"default", "phone", "^(10..)$", {"set a=$1", "bridge user/$1"}},
                         {"default", "rest", ".*", {"hangup"}},
                         {"public", "other", "^1000$", {"park"}}}};
    const auto found = plan.find("default", "1001");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->name, "phone");
    EXPECT_EQ(found->steps[1].application, "bridge");
    EXPECT_EQ(found->steps[1].data, "user/1001");
    EXPECT_EQ(plan.find("public", "1000")->name, "other");
    EXPECT_FALSE(plan.find("public", "2"));
}

TEST(Dialplan, AnOverlongNumberMatchesNothing)
{
    const dialplan plan{{{"any", "rest", ".*", {"hangup"}}}};
    EXPECT_FALSE(plan.find("default", std::string(100000, '1')));
}

TEST(Dialplan, StandardExtensionsWorkInEveryContext)
{
    const dialplan plan{dialplan::standard()};
    for (const char* number : {"9196", "9197", "9180", "9480", "9664", "5900", "1000"})
        EXPECT_TRUE(plan.find("public", number)) << number;
}

TEST(Dialplan, InlineStepsMayContainProtectedSeparators)
{
    const auto steps = parse_inline("set:a='1,2',playback:tone_stream://%(1\\,2\\,3),park");
    ASSERT_EQ(steps.size(), 3u);
    EXPECT_EQ(steps[0].data, "a=1,2");
    EXPECT_EQ(steps[1].data, "tone_stream://%(1,2,3)");
    EXPECT_EQ(steps[2].application, "park");
    EXPECT_EQ(parse_inline("m:^:set:a=1,2^park")[0].data, "a=1,2");
}

TEST(Settings, APatternThatDoesNotCompileIsAProblem)
{
    config::node root;
    std::string problem;
    ASSERT_TRUE(
        config::parse_toml("[[switch.dialplan]]\npattern = '('\nactions = ['park']\n", "x.toml", root, problem));
    config::loader from{root};
    settings out;
    out.read(from.root().table("switch"));
    ASSERT_EQ(from.problems().size(), 1u);
    EXPECT_NE(from.problems()[0].find("pattern"), std::string::npos);
}

TEST(Settings, UsersAndDefaultsAreRead)
{
    config::node root;
    std::string problem;
    ASSERT_TRUE(config::parse_toml("[switch.users.1000]\npassword = 's'\n", "x.toml", root, problem));
    config::loader from{root};
    settings out;
    out.read(from.root().table("switch"));
    EXPECT_TRUE(from.problems().empty());
    ASSERT_EQ(out.users.size(), 1u);
    EXPECT_EQ(out.users[0].number, "1000");
    EXPECT_EQ(out.users[0].caller_id_number, "1000");
    EXPECT_FALSE(out.dialplan.empty());
}

TEST(Text, WordsKeepQuotedBlanksTogether)
{
    EXPECT_EQ(text::words("a  'b c' d", 4), (std::vector<std::string>{"a", "b c", "d"}));
    EXPECT_EQ(text::words("a b c d", 2), (std::vector<std::string>{"a", "b c d"}));
    EXPECT_EQ(text::words("O'Brien x", 4), (std::vector<std::string>{"O'Brien", "x"}));
    EXPECT_TRUE(text::words("   ", 4).empty());
}

TEST(Variables, AreFoundInAnyCaseAndKeepTheOrderOfSetting)
{
    variable_store all;
    all.set("a", "1");
    all.set("b", "2");
    all.set("A", "3");
    EXPECT_EQ(all.get("a"), "3");
    EXPECT_EQ(all.begin()->first, "b");
    all.set("b", "");
    EXPECT_EQ(all.find("b"), nullptr);
}

TEST(Variables, ExpressionsAreReplacedWithinBounds)
{
    const auto variable = [](std::string_view name) { return name == "x" ? std::string{"12345"} : std::string{}; };
    const auto global = [](std::string_view name) { return "<" + std::string{name} + ">"; };
    const auto function = [](std::string_view verb, std::string_view args) {
        return std::string{verb} + '/' + std::string{args};
    };
    const auto run = [&](std::string_view text) { return expand(text, variable, global, function); };
    EXPECT_EQ(run("a${x}b"), "a12345b");
    EXPECT_EQ(run("${x:1:2} ${x:-2} ${x:0:-1}"), "23 45 1234");
    EXPECT_EQ(run("$${host}"), "<host>");
    EXPECT_EQ(run("${echo(${x})}"), "echo/12345");
    EXPECT_EQ(run("\\${x} $5 ${unclosed"), "${x} $5 ${unclosed");
    EXPECT_EQ(run(std::string(3000, '$') + std::string(3000, '{')).size(), 6000u);
}

}  // namespace
}  // namespace strowger::softswitch
