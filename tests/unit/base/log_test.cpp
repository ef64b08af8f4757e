#include "base/log.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strowger::log {
namespace {

struct line {
    level severity;
    std::string logger, text, leg;
};

/// Collects lines for as long as it lives.
class recorder {
public:
    explicit recorder(level threshold)
    {
        start(threshold,
              [this](level severity, std::string_view logger, std::string_view text, std::string_view leg) {
                  lines.push_back({severity, std::string{logger}, std::string{text}, std::string{leg}});
              });
    }
    ~recorder() { stop(); }
    std::vector<line> lines;
};

TEST(Log, WritesWhatIsAtOrAboveTheThreshold)
{
    recorder to{level::warning};
    error("test", "one");
    warn("test", "two");
    notice("test", "three");
    EXPECT_FALSE(enabled(level::notice));
    set_level(level::debug);
    EXPECT_EQ(get_level(), level::debug);
    debug("test", "four");
    ASSERT_EQ(to.lines.size(), 3U);
    EXPECT_EQ(to.lines[0].severity, level::err);
    EXPECT_EQ(to.lines[1].text, "two");
    EXPECT_EQ(to.lines[2].text, "four");
}

TEST(Log, QuotesOnlyTheValuesThatNeedIt)
{
    recorder to{level::info};
    info("sip", "login rejected",
         {{"peer", "10.0.0.5:5060"},
          {"why", "bad secret"},
          {"n", 17},
          {"on", true},
          {"empty", ""},
          {"eq", "a=b"},
          {"quote", "say \"x\"\n"}});
    ASSERT_EQ(to.lines.size(), 1U);
    EXPECT_EQ(to.lines[0].logger, "sip");
    EXPECT_EQ(to.lines[0].text,
              R"(login rejected peer=10.0.0.5:5060 why="bad secret" n=17 on=true empty="" eq="a=b" )"
              R"(quote="say \"x\"\u000a")");
}

TEST(Log, LetsNoPeerSpeakToTheTerminal)
{
    recorder to{level::info};
    info("sip", "request", {{"from", "\x1b[2J\x7f"}, {"name", "Zo\xc3\xab"}});
    EXPECT_EQ(to.lines.at(0).text, "request from=\"\\u001b[2J\\u007f\" name=Zo\xc3\xab");
}

TEST(Log, GivesTheLegToTheSink)
{
    recorder to{level::info};
    info("sip", "answered", {{"leg", "0b4b2f5e"}, {"code", 200}});
    info("sip", "started");
    ASSERT_EQ(to.lines.size(), 2U);
    EXPECT_EQ(to.lines[0].leg, "0b4b2f5e");
    EXPECT_EQ(to.lines[0].text, "answered leg=0b4b2f5e code=200");
    EXPECT_EQ(to.lines[1].leg, "");
}

TEST(Log, IsSilentBeforeStartAndAfterStop)
{
    EXPECT_FALSE(enabled(level::emerg));
    std::vector<line> lines;
    {
        recorder to{level::info};
        info("test", "heard");
        stop();
        info("test", "not heard");
        lines = to.lines;
    }
    EXPECT_EQ(lines.size(), 1U);
}

TEST(Log, JsonLinesParseWhateverIsInThem)
{
    testing::internal::CaptureStderr();
    start(level::info, format::json);
    info("te\"st", "a \\ b", {{"leg", "u-1"}, {"tab", "\t\x01"}, {"bad utf-8", "x\xff\xc3"}, {"n", 5}});
    stop();
    const auto written = testing::internal::GetCapturedStderr();
    ASSERT_TRUE(written.ends_with('\n')) << written;
    const auto parsed = boost::json::parse(written).as_object();
    EXPECT_EQ(parsed.at("logger"), "te\"st");
    EXPECT_EQ(parsed.at("message"), "a \\ b");
    EXPECT_EQ(parsed.at("level"), "info");
    EXPECT_EQ(parsed.at("tab"), "\t\x01");
    EXPECT_EQ(parsed.at("bad utf-8"), "x\xef\xbf\xbd\xef\xbf\xbd");
    EXPECT_EQ(parsed.at("leg"), "u-1");
    EXPECT_EQ(parsed.at("n"), "5");
    EXPECT_EQ(parsed.at("time").as_string().size(), std::string_view{"2024-01-01T00:00:00.000Z"}.size());
}

TEST(Log, HumanLinesNameTheLogger)
{
    testing::internal::CaptureStderr();
    start(level::info, format::human);
    warn("sip", "no answer", {{"peer", "10.0.0.5"}});
    stop();
    EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("sip: no answer peer=10.0.0.5\n"));
}

TEST(Log, CountsTheLinesThatAFullQueueLost)
{
    testing::internal::CaptureStderr();
    const auto before = dropped();
    start(level::info, format::human);
    constexpr std::size_t written = 30000;
    for (std::size_t i = 0; i < written; ++i) info("test", "line");
    stop();
    const auto text = testing::internal::GetCapturedStderr();
    const auto seen = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
    EXPECT_EQ(seen + dropped() - before, written);
}

TEST(Log, ManyThreadsMayWriteWhileTheSinkChanges)
{
    std::atomic<bool> done{false};
    std::vector<std::thread> writers;
    for (int i = 0; i < 3; ++i)
        writers.emplace_back([&] {
            while (!done) info("test", "line", {{"leg", "x"}});
        });
    for (int i = 0; i < 50; ++i) {
        start(level::info, [](level, std::string_view, std::string_view, std::string_view) {});
        stop();
    }
    done = true;
    for (auto& thread : writers) thread.join();
}

TEST(Log, LevelsHaveNamesAliasesAndNumbers)
{
    level out = level::info;
    for (const auto& [text, expected] :
         std::initializer_list<std::pair<std::string_view, level>>{{"debug", level::debug},
                                                                   {"WARNING", level::warning},
                                                                   {"warn", level::warning},
                                                                   {"Error", level::err},
                                                                   {"err", level::err},
                                                                   {"critical", level::crit},
                                                                   {"console", level::emerg},
                                                                   {"0", level::emerg},
                                                                   {"7", level::debug},
                                                                   {"notice", level::notice}}) {
        EXPECT_TRUE(parse_level(text, out)) << text;
        EXPECT_EQ(out, expected) << text;
        EXPECT_FALSE(to_string(out).empty());
    }
    out = level::crit;
    for (const auto* text : {"", "8", "-1", "loud", "a very long word indeed", "77"})
        EXPECT_FALSE(parse_level(text, out)) << text;
    EXPECT_EQ(out, level::crit);
}

}  // namespace
}  // namespace strowger::log
