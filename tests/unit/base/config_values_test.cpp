#include "base/config.hpp"

#include <gtest/gtest.h>

namespace strowger::config {
namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

struct everything {
    std::string name = "Ann \"Bell\"";
    std::string password;
    std::string mode = "calm";
    bool open = false;
    std::uint16_t port = 5060;
    double share = 0.5;
    std::vector<std::string> codecs{"PCMU"};

    void read(reader in)
    {
        in.get("name", name);
        in.secret("password", password);
        in.choose("mode", mode, {"calm", "busy"});
        in.get("open", open);
        in.get("port", port, 1);
        in.get("share", share);
        in.get("codecs", codecs);
    }
};

TEST(ConfigValues, ShowsDefaultsInTomlWhenTheFileSaysNothing)
{
    loader file{node{}};
    everything().read(file.root().table("sip"));

    const pairs expected{{"sip.name", R"("Ann \"Bell\"")"},
                         {"sip.password", R"("")"},
                         {"sip.mode", R"("calm")"},
                         {"sip.open", "false"},
                         {"sip.port", "5060"},
                         {"sip.share", "0.5"},
                         {"sip.codecs", R"(["PCMU"])"}};
    EXPECT_EQ(file.values(), expected);
}

TEST(ConfigValues, ShowsWhatTheFileSaidAndHidesSecrets)
{
    node root;
    std::string problem;
    ASSERT_TRUE(parse_toml("[sip]\npassword = 'hush'\nport = 7000\ncodecs = ['PCMA', 'L16']\n", "x", root, problem));
    loader file{root};
    everything().read(file.root().table("sip"));

    const auto& values = file.values();
    EXPECT_NE(std::ranges::find(values, pairs::value_type{"sip.password", R"("***")"}), values.end());
    EXPECT_NE(std::ranges::find(values, pairs::value_type{"sip.port", "7000"}), values.end());
    EXPECT_NE(std::ranges::find(values, pairs::value_type{"sip.codecs", R"(["PCMA", "L16"])"}), values.end());
}

TEST(ConfigValues, KeepsTheDefaultOfAValueThatWasWrong)
{
    node root;
    std::string problem;
    ASSERT_TRUE(parse_toml("[sip]\nmode = 'wild'\n", "x", root, problem));
    loader file{root};
    everything().read(file.root().table("sip"));

    const auto& values = file.values();
    EXPECT_NE(std::ranges::find(values, pairs::value_type{"sip.mode", R"("calm")"}), values.end());
    EXPECT_EQ(file.problems().size(), 1U);
}

TEST(ConfigProblems, NameTheEnvironmentVariableThatIsWrong)
{
    const auto environment = [](const char* name) {
        return std::string_view{name} == "STROWGER_SIP_PORT" ? "many" : nullptr;
    };
    loader file{node{}, environment};
    everything().read(file.root().table("sip"));

    ASSERT_EQ(file.problems().size(), 1U);
    EXPECT_NE(file.problems().front().find("environment variable STROWGER_SIP_PORT"), std::string::npos)
        << file.problems().front();
}

}  // namespace
}  // namespace strowger::config
