#include "hub/event_json.hpp"

#include "base/clock.hpp"
#include "hub/json_view.hpp"
#include "support/recordings.hpp"

#include <map>

#include <gtest/gtest.h>

namespace strowger::hub {
namespace {

event_json::options options()
{
    return {"pbx_7", 99, false, {"*password*", "*secret*"}, {}, {}};
}

std::string written(const pbx::event& what, event_json::options with = options(), bool variables = true)
{
    event_json writer{std::move(with)};
    return std::string{writer.write(what, 5, variables)};
}

std::string header(const std::string& json, std::string_view name)
{
    const auto all = json_view::parse(json);
    if (!all) return "not JSON";
    const auto found = all->find("headers")->find(name);
    return found ? found->text() : "(none)";
}

TEST(EventJson, HasTheDocumentedKeys)
{
    pbx::event what{"CHANNEL_PARK"};
    what.add("Event-Name", "CHANNEL_PARK");
    what.add("Event-Date-Timestamp", "1767700000123456");
    what.add("Event-Sequence", "457");
    what.add("Unique-ID", "6f3f");
    EXPECT_EQ(written(what),
              R"({"event_name":"CHANNEL_PARK","timestamp":1767700000123456,"node_id":"pbx_7",)"
              R"("uuid":"6f3f","sequence":457,"seq":5,"epoch":99,"headers":{"Event-Name":"CHANNEL_PARK",)"
              R"("Event-Date-Timestamp":"1767700000123456","Event-Sequence":"457","Unique-ID":"6f3f"}})");
}

TEST(EventJson, SubclassAndBodyWhereTheyExist)
{
    pbx::event what{"CUSTOM", "sofia::register"};
    what.set_body("line\n");
    const auto json = written(what);
    EXPECT_NE(json.find(R"("subclass":"sofia::register")"), std::string::npos);
    EXPECT_NE(json.find(R"("body":"line\n")"), std::string::npos);
    EXPECT_EQ(json.find("\"uuid\""), std::string::npos);
    EXPECT_EQ(json.find("\"sequence\""), std::string::npos);
}

TEST(EventJson, TheLastOfRepeatedHeadersWins)
{
    pbx::event what{"API"};
    what.add("A", "1");
    what.add("B", "x");
    what.add("A", "2");
    what.add("a", "other name");
    const auto json = written(what);
    EXPECT_EQ(header(json, "A"), "2");
    EXPECT_EQ(header(json, "a"), "other name");
    EXPECT_EQ(json.find("\"1\""), std::string::npos);
}

TEST(EventJson, ARepeatedUuidCountsByItsLastValueToo)
{
    pbx::event what{"API"};
    what.add("Unique-ID", "first");
    what.add("variable_x", "1");
    what.add("variable_x", "2");
    what.add("Unique-ID", std::string(3000, 'u'));
    const auto json = written(what, options(), false);
    EXPECT_EQ(json_view::parse(json)->find("uuid")->text(), std::string(3000, 'u'));
    EXPECT_EQ(header(json, "Unique-ID"), std::string(3000, 'u'));
    EXPECT_EQ(header(json, "variable_x"), "(none)");
}

TEST(EventJson, ArraysPassAndBadUtf8IsRepaired)
{
    pbx::event what{"API"};
    what.add("list", "ARRAY::a|:b");
    what.add("bad", "x\xFFy");
    EXPECT_EQ(header(written(what), "list"), "ARRAY::a|:b");
    EXPECT_EQ(header(written(what), "bad"), "x\xEF\xBF\xBDy");
}

TEST(EventJson, RedactsAndChoosesHeaders)
{
    pbx::event what{"API"};
    what.add("variable_SIP_Password", "hunter2");
    what.add("Caller-ANI", "1");
    what.add("Channel-Name", "x");
    EXPECT_EQ(header(written(what), "variable_SIP_Password"), "***");
    auto with = options();
    with.include = {"caller-*", "variable_*"};
    with.exclude = {"*ani"};
    const auto json = written(what, with);
    EXPECT_EQ(header(json, "Caller-ANI"), "(none)");
    EXPECT_EQ(header(json, "Channel-Name"), "(none)");
    EXPECT_EQ(header(json, "variable_SIP_Password"), "***");
}

TEST(EventJson, WithoutVariablesItSaysTruncated)
{
    pbx::event what{"API"};
    what.add("variable_x", "1");
    what.add("Other", "2");
    const auto json = written(what, options(), false);
    EXPECT_EQ(header(json, "variable_x"), "(none)");
    EXPECT_EQ(header(json, "Other"), "2");
    EXPECT_NE(json.find("\"truncated\":true"), std::string::npos);
}

TEST(EventJson, WithoutATimestampOrOnDemandItStampsNow)
{
    const auto stamp = [](const std::string& json) { return json_view::parse(json)->find("timestamp")->integer(); };
    pbx::event what{"API"};
    const auto before = now_us();
    EXPECT_GE(stamp(written(what)), before);
    what.add("Event-Date-Timestamp", "5");
    auto with = options();
    with.stamp_when_published = true;
    EXPECT_GE(stamp(written(what, with)), before);
    EXPECT_EQ(stamp(written(what)), 5);
}

TEST(EventJson, SurvivesEndlessNewHeaderNames)
{
    event_json writer{options()};
    for (int i = 0; i < 20000; ++i) {
        pbx::event what{"API"};
        const auto name = "variable_" + std::to_string(i);
        what.add(name, std::to_string(i));
        what.add("Unique-ID", "u");
        ASSERT_EQ(header(std::string{writer.write(what, 1, true)}, name), std::to_string(i));
    }
}

TEST(EventJson, RecordedEventsKeepEveryHeader)
{
    for (const char* name : {"echo", "bridge", "park-answer"}) {
        const auto events = test::recorded_events(STROWGER_SOURCE_DIR "/tests/recordings/freeswitch", name);
        ASSERT_GT(events.size(), 20u) << name;
        event_json writer{{"n", 1, false, {}, {}, {}}};
        for (const auto& it : events) {
            const auto out = writer.write(*it, 1, true);
            std::map<std::string, std::string> expected;
            for (std::size_t i = 0; i < it->size(); ++i) expected[std::string{(*it)[i].name}] = (*it)[i].value;
            std::map<std::string, std::string> seen;
            const auto json = json_view::parse(out);
            ASSERT_TRUE(json) << out;
            json->find("headers")->for_each_member([&](json_view key, json_view value) {
                EXPECT_TRUE(seen.emplace(key.text(), value.text()).second) << "twice: " << key.text();
                return true;
            });
            ASSERT_EQ(seen, expected);
        }
    }
}

}  // namespace
}  // namespace strowger::hub
