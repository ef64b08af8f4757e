// The reply texts that FreeSWITCH 1.10.12 gave to some sixty API commands, against ours.
#include "hub/json_view.hpp"
#include "switch_fixture.hpp"

#include <fstream>
#include <map>
#include <sstream>

namespace strowger::softswitch {
namespace {

/// Commands whose reply differs, and why; the second test looks at the shape of those that say something.
const std::map<std::string_view, std::string_view> different{
    {"nosuchcommand foo", "the recording has the event socket's text; the engine's own is INVALID COMMAND!"},
    {"global_getvar nosuch", "likewise: the engine answers nothing, of which the event socket makes -ERR no reply"},
    {"uptime", "a number of its own"},
    {"status", "names the product and its own figures"},
    {"show status", "likewise"},
    {"version", "names the product"},
    {"show modules", "lists what there is here"},
    {"show api", "likewise"},
    {"strftime %Y", "the year goes on"},
    {"create_uuid", "random"},
    {"uuid_chat x", "no text messages here: not a verb"},
};

std::vector<std::pair<std::string, std::string>> recorded_replies(const std::string& name)
{
    std::ifstream file{STROWGER_SOURCE_DIR "/tests/recordings/freeswitch/" + name + ".replies.json"};
    std::stringstream text;
    text << file.rdbuf();
    const std::string all = text.str();
    std::vector<std::pair<std::string, std::string>> out;
    if (const auto list = hub::json_view::parse(all))
        list->for_each_item([&](hub::json_view item) {
            out.emplace_back(item.find("api")->text(), item.find("reply")->text());
            return true;
        });
    return out;
}

using Replies = switch_test;

TEST_F(Replies, EqualFreeSwitchsTexts)
{
    const auto recorded = recorded_replies("failures");
    ASSERT_GT(recorded.size(), 50u);
    for (const auto& [command, reply] : recorded)
        if (!different.count(command)) {
            EXPECT_EQ(api(command), reply) << command;
        }
}

TEST_F(Replies, KeepTheShapeWhereTheyNameTheProduct)
{
    const auto status = api("status");
    EXPECT_EQ(std::ranges::count(status, '\n'), 8);
    EXPECT_NE(status.find("UP 0 years, 0 days, "), std::string::npos);
    EXPECT_NE(status.find(") is ready\n0 session(s) since startup\n0 session(s) - peak 0, last 5min 0 \n"),
              std::string::npos)
        << status;
    EXPECT_TRUE(api("version").ends_with(" ( 64bit)\n"));
    EXPECT_TRUE(api("uptime").ends_with('\n'));
    EXPECT_EQ(api("global_getvar nosuch"), "");
    EXPECT_TRUE(api("show modules").starts_with("type,name,ikey,filename\n"));
    EXPECT_TRUE(api("show api").starts_with("name,description,syntax,ikey\n"));
    EXPECT_TRUE(api("show application").starts_with("name,description,syntax,ikey\n"));
    EXPECT_TRUE(api("show codec").starts_with("type,name,ikey\ncodec,"));
    EXPECT_EQ(api("show channels as json"), "{\"row_count\": 0}\n");
}

TEST_F(Replies, ShowListsAParkedCallAsFreeSwitchDoes)
{
    const auto recorded = recorded_replies("echo");
    const auto reply_to = [&](std::string_view command) {
        for (const auto& [each, reply] : recorded)
            if (each == command) return reply;
        return std::string{};
    };
    const auto uuid = call(
        "{origination_uuid=x1,origination_caller_id_number=5551234,origination_caller_id_name=Alice}"
        "loopback/9196/default &park");
    ASSERT_TRUE(events_->wait("CHANNEL_PARK", uuid));
    ASSERT_TRUE(eventually([&] { return api("show channels").find(",echo,") != std::string::npos; }));
    const auto header = [](const std::string& csv) { return csv.substr(0, csv.find('\n')); };
    EXPECT_EQ(header(api("show channels")), header(reply_to("show channels")));
    EXPECT_EQ(header(api("show calls")), header(reply_to("show calls")));
    // All but uuid and times of the first row.
    const auto row = [](const std::string& csv) {
        const auto from = csv.find(",loopback/9196-a,");
        return csv.substr(from, csv.find('\n', from) - from);
    };
    auto expected = row(reply_to("show channels"));
    const std::string theirs = "13d8b082-6ddd-43b2-b23c-28eb70f73d95";
    expected.replace(expected.find(theirs), theirs.size(), uuid);
    EXPECT_EQ(row(api("show channels")), expected);
    EXPECT_EQ(api("show channels count"), "\n2 total.\n");
    EXPECT_NE(api("show channels like loopback as json").find("\"row_count\":2"), std::string::npos);
}

TEST_F(Replies, AnUnknownVerbIsNotOk)
{
    const auto reply = switch_->execute(" nosuchcommand ", " foo ");
    EXPECT_FALSE(reply.ok);
    EXPECT_EQ(reply.text, "INVALID COMMAND!\n");
    EXPECT_EQ(switch_->execute(" echo ", "  blanks around  ").text, "blanks around");
}

TEST_F(Replies, AFeaturesVerbRunsUntilItIsTakenBack)
{
    auto mine = switch_->add_api({"uuid_test_thing", "<uuid>", "Tests", [](std::string_view args) {
                                      return pbx::api_reply{true, "+OK " + std::string{args}};
                                  }});
    EXPECT_EQ(api("uuid_test_thing here"), "+OK here");
    EXPECT_NE(api("show api").find("uuid_test_thing,Tests,<uuid>"), std::string::npos);
    mine.reset();
    EXPECT_FALSE(switch_->execute("uuid_test_thing", "here").ok);
}

TEST_F(Replies, AnExpressionMayCallAVerb)
{
    EXPECT_EQ(api("eval ${echo(${hostname})} and $${hostname}"), "fs-node-01 and fs-node-01");
    EXPECT_EQ(api("expand echo ${hostname:0:2}"), "fs");
    EXPECT_EQ(api("eval ${originate(null/x &park)}"), "");
}

TEST_F(Replies, SleepingBlocksItsCallerOnly)
{
    std::thread sleeper{[&] { EXPECT_EQ(api("msleep 300"), "+OK"); }};
    const auto before = steady_clock::now();
    EXPECT_EQ(api("uuid_exists x"), "false");
    EXPECT_LT(steady_clock::now() - before, std::chrono::milliseconds{250});
    sleeper.join();
}

TEST_F(Replies, ReloadingIsAnEvent)
{
    EXPECT_EQ(api("reloadxml"), "+OK [Success]\n");
    EXPECT_TRUE(events_->wait([](const pbx::event& what) { return what.name() == "RELOADXML"; }));
}

}  // namespace
}  // namespace strowger::softswitch
