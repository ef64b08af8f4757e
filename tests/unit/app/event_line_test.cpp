#include "app/event_line.hpp"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

namespace strowger::app {
namespace {

constexpr auto answer = R"({"event_name":"CHANNEL_ANSWER","timestamp":1795218391760481,"node_id":"pbx_7",
    "uuid":"13d8b082-6ddd-43b2-b23c-28eb70f73d95","seq":7,"epoch":100,"headers":{"Call-Direction":"inbound",
    "Caller-Caller-ID-Number":"5551234","Caller-Destination-Number":"9196","Answer-State":"answered"}})";

class EventLine : public testing::Test {
protected:
    void SetUp() override
    {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
    static std::string line(std::string_view json) { return render_line(parse_event(json).value(), false); }
};

event_view numbered(std::int64_t seq, std::int64_t epoch = 1, std::string node = "a")
{
    event_view out;
    out.name = "HEARTBEAT";
    out.node = std::move(node);
    out.seq = seq;
    out.epoch = epoch;
    return out;
}

TEST_F(EventLine, ShowsTimeNameShortUuidDirectionPartiesAndState)
{
    EXPECT_EQ(line(answer), "23:46:31.760  CHANNEL_ANSWER            13d8b082  inbound   5551234 → 9196  answered");
}

TEST_F(EventLine, ShowsTheApplicationThatRuns)
{
    EXPECT_EQ(line(R"j({"event_name":"CHANNEL_EXECUTE","timestamp":0,"uuid":"13d8b082-6ddd","headers":{
                  "Application":"playback","Application-Data":"tone_stream://%(200,100,440)"}})j"),
              "00:00:00.000  CHANNEL_EXECUTE           13d8b082            playback(tone_stream://%(200,100,440))");
}

TEST_F(EventLine, ShowsWhyACallEndedAndHowLongItWas)
{
    EXPECT_EQ(line(R"({"event_name":"CHANNEL_HANGUP_COMPLETE","timestamp":0,"uuid":"13d8b082-6ddd","headers":{
                  "Hangup-Cause":"USER_BUSY","variable_duration":"12"}})"),
              "00:00:00.000  CHANNEL_HANGUP_COMPLETE   13d8b082            USER_BUSY after 12s");
}

TEST_F(EventLine, IsShortForAnEventWithoutACall)
{
    EXPECT_EQ(line(R"({"event_name":"RELOADXML","timestamp":0,"headers":{}})"), "00:00:00.000  RELOADXML");
}

TEST_F(EventLine, LetsNoCallerDriveTheTerminal)
{
    const auto text = line(
        "{\"event_name\":\"CHANNEL_CREATE\",\"timestamp\":0,\"uuid\":\"1\",\"headers\":{"
        "\"Caller-Caller-ID-Number\":\"\\u001b[2Jx\\u009by\",\"Answer-State\":\"a\\nb\"}}");
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(text.find("\xC2\x9B"), std::string::npos);
    EXPECT_NE(text.find("[2Jx y → ?"), std::string::npos) << text;
}

TEST_F(EventLine, CutsALongTextAtACharacter)
{
    std::string long_text;
    for (int i = 0; i < 200; ++i) long_text += "ä";
    const auto text =
        line(R"({"event_name":"CHANNEL_CREATE","timestamp":0,"headers":{"Answer-State":")" + long_text + "\"}}");
    EXPECT_LT(text.size(), 260U);
    EXPECT_TRUE(text.ends_with("ä…")) << text;
}

TEST_F(EventLine, ColoursOnlyWhenAsked)
{
    const auto event = parse_event(answer).value();
    EXPECT_NE(render_line(event, true).find("\x1b[32mCHANNEL_ANSWER"), std::string::npos);
    EXPECT_EQ(render_line(event, false).find('\x1b'), std::string::npos);
}

TEST_F(EventLine, RefusesWhatIsNoEvent)
{
    EXPECT_FALSE(parse_event("status"));
    EXPECT_FALSE(parse_event("[1]"));
    EXPECT_FALSE(parse_event(R"({"timestamp":1})"));
    EXPECT_FALSE(parse_event(""));
}

TEST(EventFilter, WantsEverythingWithoutPatterns)
{
    EXPECT_TRUE(event_filter{{}}.wants(parse_event(answer).value()));
}

TEST(EventFilter, KnowsNamesGlobsSubclassesAndUuids)
{
    const auto event = parse_event(answer).value();
    EXPECT_TRUE(event_filter{{"channel_*"}}.wants(event));
    EXPECT_TRUE((event_filter{{"HEARTBEAT", "CHANNEL_*WER"}}.wants(event)));
    EXPECT_TRUE(event_filter{{"13d8b082"}}.wants(event));
    EXPECT_TRUE(event_filter{{"13d8b082-6ddd-43b2-b23c-28eb70f73d95"}}.wants(event));
    EXPECT_FALSE(event_filter{{"13d8b083"}}.wants(event));
    EXPECT_FALSE(event_filter{{"CHANNEL"}}.wants(event));

    event_view custom;
    custom.name = "CUSTOM";
    custom.subclass = "sofia::register";
    EXPECT_TRUE(event_filter{{"sofia::*"}}.wants(custom));
    EXPECT_FALSE(event_filter{{"sofia::unregister"}}.wants(custom));
}

TEST(SequenceWatch, SaysNothingWhileNothingIsMissing)
{
    sequence_watch watch;
    for (int seq = 40; seq < 50; ++seq) EXPECT_FALSE(watch.observe(numbered(seq)));
    EXPECT_EQ(watch.missed(), 0U);
}

TEST(SequenceWatch, CountsWhatIsMissing)
{
    sequence_watch watch;
    EXPECT_FALSE(watch.observe(numbered(1)));
    EXPECT_EQ(watch.observe(numbered(5)), "missed 3 events of node a (number 2 to 4)");
    EXPECT_EQ(watch.observe(numbered(7)), "missed 1 event of node a (number 6)");
    EXPECT_FALSE(watch.observe(numbered(8)));
    EXPECT_EQ(watch.missed(), 4U);
}

TEST(SequenceWatch, KeepsNodesApartAndNoticesANewStart)
{
    sequence_watch watch;
    EXPECT_FALSE(watch.observe(numbered(10, 1, "a")));
    EXPECT_FALSE(watch.observe(numbered(99, 1, "b")));
    EXPECT_FALSE(watch.observe(numbered(11, 1, "a")));
    EXPECT_EQ(watch.observe(numbered(1, 2, "a")), "node a has started anew; numbering begins again");
    EXPECT_FALSE(watch.observe(numbered(2, 2, "a")));
    EXPECT_EQ(watch.missed(), 0U);
}

TEST(SequenceWatch, LeavesEventsWithoutANumberAlone)
{
    sequence_watch watch;
    EXPECT_FALSE(watch.observe(numbered(5)));
    EXPECT_FALSE(watch.observe(numbered(0)));
    EXPECT_FALSE(watch.observe(numbered(6)));
}

}  // namespace
}  // namespace strowger::app
