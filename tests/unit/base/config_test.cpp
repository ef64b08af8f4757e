#include "base/config.hpp"

#include <map>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strowger::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

node tree(std::string_view toml)
{
    node root;
    std::string problem;
    EXPECT_TRUE(parse_toml(toml, "test.toml", root, problem)) << problem;
    return root;
}

node xml_parameters(std::initializer_list<std::pair<std::string, std::string>> parameters)
{
    node root;
    for (const auto& [name, value] : parameters) {
        node text;
        text.is = node::kind::text;
        text.scalar = value;
        root.members.emplace_back(name, text);
    }
    return root;
}

environment variables(std::map<std::string, std::string> all)
{
    return [all = std::move(all)](const char* name) -> const char* {
        const auto found = all.find(name);
        return found == all.end() ? nullptr : found->second.c_str();
    };
}

/// Reads one key of [sip]; nothing if it was refused. `problem` is the complaint.
template <class Value>
std::optional<Value> read(std::string_view toml, std::string* problem = nullptr, environment env = {})
{
    loader file{tree(toml), std::move(env)};
    Value value{};
    file.root().table("sip").get("key", value);
    const auto problems = file.problems();
    if (problems.empty()) return value;
    if (problem != nullptr) *problem = problems.front();
    return std::nullopt;
}

TEST(Config, ReadsEachType)
{
    EXPECT_EQ(read<std::string>("[sip]\nkey = 'text'"), "text");
    EXPECT_EQ(read<bool>("[sip]\nkey = true"), true);
    EXPECT_EQ(read<int>("[sip]\nkey = -5"), -5);
    EXPECT_EQ(read<double>("[sip]\nkey = 2.5"), 2.5);
    EXPECT_EQ(read<double>("[sip]\nkey = 1e-9"), 1e-9) << "no digit may be lost";
    EXPECT_EQ(read<double>("[sip]\nkey = 3"), 3.0);
    EXPECT_THAT(read<std::vector<std::string>>("[sip]\nkey = ['a', 'b']").value(), ElementsAre("a", "b"));
    EXPECT_THAT(read<std::vector<std::string>>("[sip]\nkey = 'a, b ,c'").value(), ElementsAre("a", "b", "c"));
}

TEST(Config, LeavesTheDefaultOfAMissingKey)
{
    loader file{tree("")};
    std::string text = "default";
    std::uint16_t port = 5060;
    std::string mode;
    auto sip = file.root().table("sip");
    sip.get("text", text);
    sip.get("port", port, 1);
    sip.choose("mode", mode, {"a", "b"});
    EXPECT_EQ(text, "default");
    EXPECT_EQ(port, 5060);
    EXPECT_THAT(file.problems(), IsEmpty()) << "a default need not be one of the choices";
}

TEST(Config, RefusesAWrongTypeAndSaysWhereAndWhatItExpected)
{
    std::string problem;
    EXPECT_FALSE(read<std::string>("[sip]\nkey = 5", &problem));
    EXPECT_EQ(problem, "sip.key: expected a text in quotes (line 2)");
    EXPECT_FALSE(read<bool>("[sip]\nkey = 'true'", &problem));
    EXPECT_EQ(problem, "sip.key: expected true or false (line 2)");
    EXPECT_FALSE(read<int>("[sip]\nkey = '5'", &problem));
    EXPECT_FALSE(read<int>("[sip]\nkey = 5.0", &problem));
    EXPECT_FALSE(read<double>("[sip]\nkey = '2.5'", &problem));
    EXPECT_EQ(problem, "sip.key: expected a number (line 2)");
    EXPECT_FALSE(read<double>("[sip]\nkey = inf", &problem));
    EXPECT_FALSE(read<std::vector<std::string>>("[sip]\nkey = [1, 2]", &problem));
    EXPECT_FALSE(read<std::vector<std::string>>("[sip]\nkey = 1", &problem));
    EXPECT_EQ(problem, "sip.key: expected a list of texts (line 2)");
}

TEST(Config, HoldsNumbersToTheirRange)
{
    std::string problem;
    EXPECT_EQ(read<std::uint16_t>("[sip]\nkey = 65535"), 65535);
    EXPECT_FALSE(read<std::uint16_t>("[sip]\nkey = 65536", &problem));
    EXPECT_EQ(problem, "sip.key: expected a whole number from 0 to 65535 (line 2)");
    EXPECT_FALSE(read<std::uint64_t>("[sip]\nkey = -1", &problem));
    EXPECT_EQ(problem, "sip.key: expected a whole number, 0 or more (line 2)");
    loader file{tree("[sip]\nkey = 7")};
    int value = 1;
    file.root().table("sip").get("key", value, 1, 6);
    EXPECT_EQ(value, 1) << "a refused value changes nothing";
    EXPECT_EQ(file.problems().size(), 1U);
}

TEST(Config, ChoosesAmongWords)
{
    loader file{tree("[log]\nlevel = 'loud'\nform = 3")};
    std::string level = "info";
    std::string form = "human";
    auto log = file.root().table("log");
    log.choose("level", level, {"info", "debug"});
    log.choose("form", form, {"human", "json"});
    EXPECT_EQ(level, "info");
    EXPECT_THAT(file.problems(), ElementsAre("log.level: expected one of info, debug; got \"loud\" (line 2)",
                                             "log.form: expected one of human, json; got \"3\" (line 3)"));
}

TEST(Config, NeverShowsASecret)
{
    loader file{tree("[user]\npassword = 1234567")};
    std::string password;
    file.root().table("user").secret("password", password);
    ASSERT_EQ(file.problems().size(), 1U);
    EXPECT_THAT(file.problems().front(), testing::Not(HasSubstr("1234567")));
}

TEST(Config, NamesAnUnknownKeyAndTheNearestKnownOne)
{
    loader file{tree("[sip]\nprot = 5060\nzzzzzzzz = 1\n[spi]\nx = 1")};
    int port = 0;
    file.root().table("sip").get("port", port);
    EXPECT_THAT(file.problems(),
                testing::UnorderedElementsAre("sip.prot: unknown key (line 2); did you mean \"port\"?",
                                              "sip.zzzzzzzz: unknown key (line 3)",
                                              "spi: unknown key (line 4); did you mean \"sip\"?"));
}

TEST(Config, TheNearestWordSharesALetter)
{
    const std::vector<std::string> known{"on", "port", "bind_address"};
    EXPECT_EQ(nearest("prot", known), "port");
    EXPECT_EQ(nearest("bind_adress", known), "bind_address");
    EXPECT_EQ(nearest("listen", known), "");
    EXPECT_EQ(nearest("x", known), "");
    EXPECT_EQ(nearest("", known), "");
}

TEST(Config, TheEnvironmentOverridesTheFile)
{
    const auto env = variables({{"STROWGER_SIP_KEY", "7"}});
    EXPECT_EQ(read<int>("[sip]\nkey = 5", nullptr, env), 7);
    EXPECT_EQ(read<int>("", nullptr, env), 7);
    EXPECT_EQ(read<double>("", nullptr, env), 7.0);
    EXPECT_EQ(read<std::string>("", nullptr, env), "7");
    EXPECT_EQ(read<bool>("", nullptr, env), true);
    EXPECT_THAT(read<std::vector<std::string>>("", nullptr, variables({{"STROWGER_SIP_KEY", "a,b"}})).value(),
                ElementsAre("a", "b"));
}

TEST(Config, AWrongVariableIsNamed)
{
    std::string problem;
    EXPECT_FALSE(read<bool>("[sip]\nkey = true", &problem, variables({{"STROWGER_SIP_KEY", "maybe"}})));
    EXPECT_EQ(problem, "sip.key: expected true or false (environment variable STROWGER_SIP_KEY)");
    EXPECT_EQ(read<bool>("", nullptr, variables({{"STROWGER_SIP_KEY", "off"}})), false);
}

TEST(Config, VariablesSpellDotsAndDashesAsUnderscores)
{
    loader file{tree("[users.al-ice]\npassword = 'a'"), variables({{"STROWGER_USERS_AL_ICE_PASSWORD", "b"}})};
    auto users = file.root().named_tables("users");
    ASSERT_EQ(users.size(), 1U);
    std::string password;
    users.front().second.secret("password", password);
    EXPECT_EQ(password, "b");
}

TEST(Config, LooseNamesIgnoreCaseAndDashes)
{
    loader file{xml_parameters({{"Node-ID", "fs1"}, {"publish_all_events", "yes"}, {"max-queue", "5"}}), {}, true};
    std::string node_id;
    bool all = false;
    int queue = 0;
    auto root = file.root();
    EXPECT_TRUE(root.has("node_id"));
    root.get("node_id", node_id);
    root.get("publish-all-events", all);
    root.get("max_queue", queue);
    EXPECT_EQ(node_id, "fs1");
    EXPECT_TRUE(all);
    EXPECT_EQ(queue, 5);
    EXPECT_THAT(file.problems(), IsEmpty());
}

TEST(Config, OfRepeatedLooseParametersTheLastThatSaysSomethingWins)
{
    loader file{xml_parameters({{"url", "first"}, {"URL", "second"}, {"url", ""}}), {}, true};
    std::string url;
    file.root().get("url", url);
    EXPECT_EQ(url, "second");
    EXPECT_THAT(file.problems(), IsEmpty());
}

TEST(Config, LooseTruthIsFreeSwitchs)
{
    for (const auto* word : {"true", "YES", "on", "t", "enabled", "active", "allow", "1", "42"}) {
        loader file{xml_parameters({{"key", word}}), {}, true};
        bool value = false;
        file.root().get("key", value);
        EXPECT_TRUE(value) << word;
    }
    for (const auto* word : {"false", "no", "off", "0", "banana"}) {
        loader file{xml_parameters({{"key", word}}), {}, true};
        bool value = true;
        file.root().get("key", value);
        EXPECT_FALSE(value) << word;
        EXPECT_THAT(file.problems(), IsEmpty());
    }
}

TEST(Config, TablesKeepTheOrderInWhichTheyWereWritten)
{
    loader file{tree("[users.zoe]\n[users.adam]\n[users.mia]\n[x]\ninline = {b = {}, a = {}}")};
    std::string order;
    auto root = file.root();
    for (const auto& [name, table] : root.named_tables("users")) order += name + " ";
    for (const auto& [name, table] : root.table("x").named_tables("inline")) order += name + " ";
    EXPECT_EQ(order, "zoe adam mia b a ");
}

TEST(Config, ReadsArraysOfTables)
{
    loader file{tree("[[dialplan]]\npattern = 'a'\n[[dialplan]]\npatern = 'b'")};
    std::string all;
    for (auto& entry : file.root().tables("dialplan")) {
        std::string pattern = "?";
        entry.get("pattern", pattern);
        all += pattern;
    }
    EXPECT_EQ(all, "a?");
    EXPECT_THAT(file.problems(), ElementsAre("dialplan[1].patern: unknown key (line 4); did you mean \"pattern\"?"));
}

TEST(Config, SaysWhenATableIsSomethingElse)
{
    loader file{tree("sip = 5\ndialplan = 6\nusers = {a = 1}")};
    auto root = file.root();
    int port = 3;
    root.table("sip").get("port", port);
    EXPECT_TRUE(root.tables("dialplan").empty());
    EXPECT_EQ(root.named_tables("users").size(), 1U);
    EXPECT_EQ(port, 3);
    EXPECT_THAT(file.problems(), ElementsAre("sip: expected a table, [sip] (line 1)",
                                             "dialplan: expected an array of tables, [[dialplan]] (line 2)",
                                             "users.a: expected a table, [users.a] (line 3)"));
}

TEST(Config, ASyntaxErrorNamesFileAndLine)
{
    node root;
    std::string problem;
    EXPECT_FALSE(parse_toml("a = 1\nb = = 2\n", "my.toml", root, problem));
    EXPECT_THAT(problem, testing::StartsWith("my.toml:2: "));
}

TEST(Config, TooDeepANestIsRefused)
{
    std::string text = "a = ";
    for (int i = 0; i < 20; ++i) text += "[";
    for (int i = 0; i < 20; ++i) text += "]";
    node root;
    std::string problem;
    EXPECT_FALSE(parse_toml(text, "my.toml", root, problem));
    EXPECT_EQ(problem, "my.toml:1: nested more than 16 deep");
}

TEST(Config, ADateIsAText)
{
    EXPECT_EQ(read<std::string>("[sip]\nkey = 1979-05-27"), "1979-05-27");
}

}  // namespace
}  // namespace strowger::config
