#include "app/settings.hpp"

#include <cctype>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strowger::app {
namespace {

namespace fs = std::filesystem;

const fs::path repository{STROWGER_SOURCE_DIR};

std::string text_of(const fs::path& file)
{
    std::ostringstream out;
    out << std::ifstream{file}.rdbuf();
    return out.str();
}

/// A configuration and where it stands.
struct sample {
    std::string name, text;
};

/// The fenced blocks of that language in a Markdown file.
std::vector<sample> blocks(const fs::path& file, std::string_view language)
{
    std::vector<sample> out;
    std::istringstream lines{text_of(file)};
    std::string line, text;
    bool inside = false;
    for (int number = 1; std::getline(lines, line); ++number) {
        if (!inside && line == "```" + std::string{language}) {
            inside = true;
            text.clear();
            out.push_back({file.filename().string() + ":" + std::to_string(number), ""});
        } else if (inside && line == "```") {
            inside = false;
            out.back().text = text;
        } else if (inside) {
            text += line + "\n";
        }
    }
    return out;
}

/// Every configuration that the repository shows to people.
std::vector<sample> samples()
{
    std::vector<sample> out;
    for (const char* folder : {"packaging", "examples", "docs"}) {
        if (!fs::exists(repository / folder)) continue;
        for (const auto& entry : fs::recursive_directory_iterator{repository / folder}) {
            if (entry.path().extension() == ".toml") out.push_back({entry.path().filename(), text_of(entry.path())});
            if (entry.path().extension() == ".md")
                std::ranges::copy(blocks(entry.path(), "toml"), std::back_inserter(out));
        }
    }
    std::ranges::copy(blocks(repository / "README.md", "toml"), std::back_inserter(out));
    return out;
}

/// The sample with the `#` taken from its defaults, so that they are read, too.
std::string uncommented(const std::string& text)
{
    return std::regex_replace(text, std::regex{R"((^|\n)#(\[|[a-z_]+ = ))"}, "$1$2");
}

std::vector<std::string> problems_of(const std::string& text)
{
    return load_text(text, "sample", {}).problems;
}

TEST(Settings, DefaultsAreGood)
{
    EXPECT_THAT(problems_of(""), testing::IsEmpty());
}

TEST(Settings, EverySampleInTheRepositoryLoads)
{
    const auto all = samples();
    ASSERT_GE(all.size(), 3U) << "the package's sample, and some in the documents";
    for (const auto& [name, text] : all) {
        EXPECT_THAT(problems_of(text), testing::IsEmpty()) << name;
        EXPECT_THAT(problems_of(uncommented(text)), testing::IsEmpty()) << name << ", defaults uncommented";
    }
}

TEST(Settings, ThePackagesSampleShowsTheDefaults)
{
    const auto sample = text_of(repository / "packaging/strowger.toml");
    std::set<std::pair<std::string, std::string>> defaults;
    for (auto& one : load_text("", "defaults", {}).effective) defaults.insert(std::move(one));
    for (const auto& one : load_text(uncommented(sample), "sample", {}).effective) {
        if (one.first.starts_with("switch.users.") || one.first.starts_with("switch.dialplan")) continue;
        EXPECT_TRUE(defaults.contains(one)) << one.first << " = " << one.second << " is not the default";
    }
}

/// `switch.users.1000.password` as the documents write it: `switch.users.<number>.password`.
std::string documented_form(const std::string& key)
{
    static const std::regex user{R"(^switch\.users\.\d+\.)"}, entry{R"(\[\d+\])"};
    return std::regex_replace(std::regex_replace(key, user, "switch.users.<number>."), entry, "[]");
}

TEST(Settings, TheDocumentNamesEveryKeyAndNoOther)
{
    constexpr auto everything =
        "[switch.users.1000]\npassword='x'\n[[switch.dialplan]]\npattern='1'\nactions=['echo']\n";
    std::set<std::string> real;
    for (const auto& [key, value] : load_text(everything, "all", {}).effective) real.insert(documented_form(key));
    std::set<std::string> documented;
    const auto text = text_of(repository / "docs/configuration.md");
    const std::regex row{R"(\n\| `([a-z_0-9.<>\[\]]+)` \|)"};
    for (std::sregex_iterator at{text.begin(), text.end(), row}, end; at != end; ++at) documented.insert((*at)[1]);
    EXPECT_THAT(documented, testing::ContainerEq(real));
}

TEST(Settings, AnUnknownTableIsAProblem)
{
    EXPECT_THAT(problems_of("[htpt]\nport = 1\n"),
                testing::ElementsAre("sample: htpt: unknown key (line 1); did you mean \"http\"?"));
}

TEST(Settings, TheEnvironmentWins)
{
    const auto environment = [](const char* name) {
        return std::string_view{name} == "STROWGER_HTTP_PORT" ? "8123" : nullptr;
    };
    const auto loaded = load_text("[http]\nport = 8091\n", "sample", environment);
    EXPECT_THAT(loaded.problems, testing::IsEmpty());
    EXPECT_EQ(loaded.values.http.port, 8123);
}

TEST(Settings, TheHubIsConfiguredByItsTableOrByTheEnvironment)
{
    EXPECT_FALSE(load_text("", "sample", {}).values.hub_configured);
    EXPECT_TRUE(load_text("[hub]\n", "sample", {}).values.hub_configured);
    const auto environment = [](const char* name) {
        return std::string_view{name} == "NATS_URL" ? "nats://127.0.0.1:4222" : nullptr;
    };
    EXPECT_TRUE(load_text("", "sample", environment).values.hub_configured);
}

TEST(Settings, AFileThatIsMissingIsAProblem)
{
    const auto loaded = load("/nowhere/strowger.toml", {});
    EXPECT_THAT(loaded.problems, testing::ElementsAre(testing::HasSubstr("cannot be read: No such file")));
}

}  // namespace
}  // namespace strowger::app
