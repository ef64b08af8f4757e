#include "hub/agent.hpp"

#include "hub/json_view.hpp"
#include "support/fake_bus.hpp"
#include "support/fake_host.hpp"
#include "support/nats_server.hpp"

#include <latch>
#include <thread>

#include <gtest/gtest.h>

namespace strowger::hub {
namespace {

using namespace std::chrono_literals;
using test::eventually;

/// An agent on a fake switch and a broker in memory.
class Agent : public testing::Test {
protected:
    Agent()
    {
        with.subject_prefix = "P";
        with.node_id = "PBX-7";
        with.drain_ms = 1000;
    }
    void start()
    {
        auto made = std::make_unique<test::fake_bus>();
        bus = made.get();
        subject = agent::create(with, host, std::move(made)).value();
        ASSERT_TRUE(subject->start());
    }
    /// The answer without the keys that every answer has, when those are as they must be.
    std::string ask(const std::string& on, std::string_view payload)
    {
        if (!subject) start();
        const auto text = bus->ask(on, payload);
        const auto json = json_view::parse(text);
        if (!json) return "no JSON: " + text;
        const bool good = json->find("success")->is_true();
        EXPECT_EQ(json->find("status")->text(), good ? "success" : "error");
        EXPECT_EQ(json->find("node_id")->text(), "pbx_7");
        EXPECT_EQ(std::to_string(json->find("timestamp")->integer().value()).size(), 16u);
        std::string out;
        json->for_each_member([&](json_view key, json_view value) {
            const auto name = key.text();
            if (name != "success" && name != "status" && name != "timestamp" && name != "node_id")
                out += (out.empty() ? "" : ",") + std::string{key.raw()} + ":" + std::string{value.raw()};
            return true;
        });
        return out;
    }
    std::string last_call() const
    {
        const auto calls = host.calls();
        return calls.empty() ? "" : calls.back().first + " " + calls.back().second;
    }
    std::int64_t counter(const char* name)
    {
        const auto text = bus->ask("P.cmd.status", "");
        const auto json = json_view::parse(text).value();
        return json.find("data")->find(name)->integer().value();
    }

    settings with;
    test::fake_host host;
    test::fake_bus* bus = nullptr;
    std::unique_ptr<agent> subject;
};

constexpr const char* bad_json = R"("message":"Invalid JSON payload","code":"bad_json")";
constexpr const char* no_command =
    R"("message":"Missing or invalid 'command' field","code":"missing_command","field":"command")";

struct row {
    const char* subject;
    std::string payload;
    std::string answer;
};

class AgentAnswers : public Agent, public testing::WithParamInterface<row> {};
TEST_P(AgentAnswers, AsDocumented)
{
    EXPECT_EQ(ask(GetParam().subject, GetParam().payload), GetParam().answer) << GetParam().payload;
}

std::string echoed(const char* text)
{
    return R"("message":"API command executed","data":")" + std::string{text} + "\"";
}
std::string missing(const char* message, const char* field)
{
    return R"("message":")" + std::string{message} + R"(","code":"missing_field","field":")" + field + "\"";
}
std::string invalid(const char* message, const char* field)
{
    return R"("message":")" + std::string{message} + R"(","code":"invalid_field","field":")" + field + "\"";
}
std::string text_of(std::size_t size)
{
    return std::string(size, 'x');
}

INSTANTIATE_TEST_SUITE_P(
    Payloads, AgentAnswers,
    testing::Values(
        row{"P.api", "", bad_json}, row{"P.api", " \r\n", bad_json}, row{"P.api", R"({"command":)", bad_json},
        row{"P.api", "[1", bad_json}, row{"P.api", "[]", no_command}, row{"P.api", "5", no_command},
        row{"P.api", "-5", no_command}, row{"P.api", "5x", bad_json}, row{"P.api", "true", no_command},
        row{"P.api", "null", no_command}, row{"P.api", R"({"command":"echo"} x)", bad_json},
        row{"P.api", "echo hi there", echoed("hi there")}, row{"P.api", "  echo   a  b ", echoed("a  b")},
        row{"P.api", R"("echo quoted")", echoed("quoted")}, row{"P.api", "echo", echoed("")},
        row{"P.api", "echo a\x01", bad_json}, row{"P.api", "echo \xFF", bad_json},
        row{"P.api", "echo a\tb", echoed("a\\tb")}, row{"P.api", "&park", bad_json}, row{"P.api", "'x'", bad_json},
        row{"P.api", std::string(65, 'v'), bad_json}, row{"P.api", R"({"command":"a\u0000b"})", bad_json},
        row{"P.api", "{\"command\":\"\xFF\"}", bad_json},
        row{"P.api", std::string(65, '[') + std::string(65, ']'), bad_json},
        row{"P.api.pbx_7", "echo x", echoed("x")}, row{"P.node.pbx_7", "echo x", echoed("x")},
        row{"P.api", R"({"args":"x"})", no_command}, row{"P.api", R"({"command":""})", no_command},
        row{"P.api", R"({"command":null})", no_command}, row{"P.api", R"({"command":5})", no_command},
        row{"P.api", R"({"command":")" + text_of(256) + "\"}", no_command},
        row{"P.api", R"({"command":"echo","args":"x","command":"version"})", echoed("x")},
        row{"P.api", R"({"COMMAND":"echo","Args":"x"})", echoed("x")},
        row{"P.api", R"({"command":"echo one two"})", echoed("one two")},
        row{"P.api", R"({"command":"echo","args":null})", echoed("")},
        row{"P.api", R"({"command":"echo","args":["a","b c"]})", echoed("a b c")},
        row{"P.api", R"({"command":"echo","args":5})", invalid("args must be a string", "args")},
        row{"P.api", R"({"command":"echo","args":[1]})", invalid("args must be a string", "args")},
        row{"P.api", R"({"command":"echo","args":"k\u00f6ln \"q\" \\"})", echoed("k\xC3\xB6ln \\\"q\\\" \\\\")},
        row{"P.api", R"({"command":"global_getvar","args":"k"})", echoed("v")},
        row{"P.api", "nonsense", R"("message":"INVALID COMMAND!\n","code":"api_error")"},
        row{"P.cmd.hangup", "", bad_json}, row{"P.cmd.hangup", "text", bad_json}, row{"P.cmd.hangup", "[]", bad_json},
        row{"P.cmd.hangup", "\"x\"", bad_json}, row{"P.cmd.originate", "5", bad_json},
        row{"P.cmd.dialplan.enable", "", R"("message":"Dialplan manager not initialized","code":"not_ready")"},
        row{"P.cmd.dialplan.status", "garbage {",
            R"("message":"Dialplan manager not initialized","code":"not_ready")"},
        row{"P.cmd.dialplan.audio.pbx_7", "{}", R"("message":"Dialplan manager not initialized","code":"not_ready")"},
        row{"P.cmd.dialplan.audio", "garbage", bad_json},
        row{"P.cmd.dialplan.dance", "{}", R"("message":"Unknown dialplan command","code":"unknown_command")"},
        row{"P.api", R"({"command":"dialplan.dance"})",
            R"("message":"Unknown dialplan command","code":"unknown_command")"},
        row{"P.api", "dialplan.enable", R"("message":"Dialplan manager not initialized","code":"not_ready")"}));

INSTANTIATE_TEST_SUITE_P(
    Originate, AgentAnswers,
    testing::Values(row{"P.cmd.originate", "{}", missing("Missing required fields", "endpoint")},
                    row{"P.cmd.originate", R"({"endpoint":"e"})", missing("Missing required fields", "extension")},
                    row{"P.cmd.originate", R"({"endpoint":"","extension":"1"})",
                        invalid("endpoint must be between 1 and 255 characters", "endpoint")},
                    row{"P.cmd.originate", R"({"endpoint":5,"extension":"1"})",
                        invalid("endpoint must be between 1 and 255 characters", "endpoint")},
                    row{"P.cmd.originate", R"({"endpoint":")" + text_of(256) + R"(","extension":"1"})",
                        invalid("endpoint must be between 1 and 255 characters", "endpoint")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":""})",
                        invalid("extension must be between 1 and 255 characters", "extension")},
                    row{"P.cmd.originate", R"({"endpoint":"e","destination":7})",
                        invalid("extension must be between 1 and 255 characters", "destination")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","context":")" + text_of(128) + "\"}",
                        invalid("context must be 127 characters or fewer", "context")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","dialplan":")" + text_of(64) + "\"}",
                        invalid("dialplan must be 63 characters or fewer", "dialplan")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","caller_id_name":[]})",
                        invalid("caller_id_name must be 127 characters or fewer", "caller_id_name")},
                    row{"P.cmd.originate",
                        R"({"endpoint":"e","extension":"1","caller_id_number":")" + text_of(64) + "\"}",
                        invalid("caller_id_number must be 63 characters or fewer", "caller_id_number")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","timeout":0})",
                        invalid("timeout must be between 1 and 600 seconds", "timeout")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","timeout":"30"})",
                        invalid("timeout must be between 1 and 600 seconds", "timeout")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","variables":[]})",
                        invalid("variables must be an object of scalar values", "variables")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","variables":{"a":null}})",
                        invalid("variables must be an object of scalar values", "variables")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","variables":{"1a":"x"}})",
                        invalid("variables contains an invalid name or value", "variables")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","variables":{"a":"x\ny"}})",
                        invalid("variables contains an invalid name or value", "variables")},
                    row{"P.cmd.originate",
                        R"({"endpoint":"e","extension":"1","variables":{"Execute_On_Answer":"system x"}})",
                        invalid("variables contains an invalid name or value", "variables")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","uuid":"short"})",
                        invalid("uuid must be between 8 and 63 characters", "uuid")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","uuid":"has blanks here"})",
                        invalid("uuid must be between 8 and 63 characters", "uuid")},
                    row{"P.cmd.originate", R"({"endpoint":"user/1 &system","extension":"1"})",
                        invalid("endpoint contains forbidden characters", "endpoint")},
                    row{"P.cmd.originate", R"({"endpoint":"{a=b","extension":"1"})",
                        invalid("endpoint contains forbidden characters", "endpoint")},
                    row{"P.cmd.originate", R"({"endpoint":"{a=b,execute_on_answer=system}user/1","extension":"1"})",
                        invalid("endpoint contains forbidden characters", "endpoint")},
                    row{"P.cmd.originate", R"({"endpoint":"{^^:a=b:api_on_answer=x}user/1","extension":"1"})",
                        invalid("endpoint contains forbidden characters", "endpoint")},
                    row{"P.cmd.originate", R"({"endpoint":"[x_originate_hook_y=1]user/1","extension":"1"})",
                        invalid("endpoint contains forbidden characters", "endpoint")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1 2"})",
                        invalid("extension contains forbidden characters", "extension")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"&"})",
                        invalid("extension contains forbidden characters", "extension")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"&park("})",
                        invalid("extension contains forbidden characters", "extension")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","context":"a b"})",
                        invalid("context contains forbidden characters", "context")},
                    row{"P.cmd.originate", R"({"endpoint":"e","extension":"1","caller_id_name":"a\nb"})",
                        invalid("caller_id_name contains forbidden characters", "caller_id_name")},
                    row{"P.api", R"({"command":"originate"})", missing("Missing required fields", "endpoint")},
                    row{"P.api", R"({"command":"call.originate"})", missing("Missing required fields", "endpoint")},
                    row{"P.cmd.originate",
                        R"({"endpoint":"{a='x y'}user/1000","destination":"&park","uuid":"12345678","timeout":30})",
                        R"("message":"Call originated successfully","data":"+OK 12345678\n","uuid":"12345678",)"
                        R"("endpoint":"{a='x y'}user/1000","destination":"&park")"}));

INSTANTIATE_TEST_SUITE_P(
    HangupAndBridge, AgentAnswers,
    testing::Values(
        row{"P.cmd.hangup", "{}", missing("Missing uuid", "uuid")},
        row{"P.cmd.hangup", R"({"uuid":null})", missing("Missing uuid", "uuid")},
        row{"P.cmd.hangup", R"({"uuid":"x"})", invalid("uuid must be between 2 and 63 characters", "uuid")},
        row{"P.cmd.hangup", R"({"uuid":7})", invalid("uuid must be between 2 and 63 characters", "uuid")},
        row{"P.cmd.hangup", R"({"uuid":"a b"})", invalid("uuid contains forbidden characters", "uuid")},
        row{"P.cmd.hangup", R"({"uuid":"ab","cause":5})", invalid("cause must be 63 characters or fewer", "cause")},
        row{"P.cmd.hangup", R"({"uuid":"ab","cause":"A B"})",
            invalid("cause contains forbidden characters", "cause")},
        row{"P.cmd.hangup", R"({"uuid":"ab","cause":"A-B"})",
            invalid("cause contains forbidden characters", "cause")},
        row{"P.api", "hangup", missing("Missing uuid", "uuid")},
        row{"P.cmd.bridge", R"({"uuid":"ab"})", missing("Missing required fields", "destination")},
        row{"P.cmd.bridge", R"({"destination":"ab"})", missing("Missing required fields", "uuid")},
        row{"P.cmd.bridge", R"({"uuid":"x","destination":"ab"})",
            invalid("uuid must be between 2 and 63 characters", "uuid")},
        row{"P.cmd.bridge", R"({"uuid":"ab","destination":""})",
            invalid("destination must be between 1 and 255 characters", "destination")},
        row{"P.cmd.bridge", R"({"uuid":"ab","destination":"user/1 x"})",
            invalid("destination contains forbidden characters", "destination")},
        row{"P.cmd.bridge", R"({"uuid":"ab","destination":"user/1"})",
            R"("message":"-ERR No such channel!\n","data":"ab","code":"api_error")"}));

TEST_F(Agent, ErrAndUsageAtTheStartAreFailuresElsewhereNot)
{
    host.on("err", [](auto) { return pbx::api_reply{true, " -ERR No such channel!\n"}; });
    host.on("usage", [](auto) { return pbx::api_reply{true, "-USAGE: x\n"}; });
    host.on("inside", [](auto) { return pbx::api_reply{true, "caller -ERR name\n"}; });
    host.on("silent", [](auto) { return pbx::api_reply{false, ""}; });
    EXPECT_EQ(ask("P.api", "err"), R"("message":" -ERR No such channel!\n","code":"api_error")");
    EXPECT_EQ(ask("P.api", "usage"), R"("message":"-USAGE: x\n","code":"api_error")");
    EXPECT_EQ(ask("P.api", "inside"), echoed("caller -ERR name\\n"));
    EXPECT_EQ(ask("P.api", "silent"), R"("message":"Unknown error","code":"api_error")");
}

TEST_F(Agent, OriginatePassesEverythingAsData)
{
    ask("P.cmd.originate", R"({"endpoint":"user/1","extension":"9196","context":"public","caller_id_name":"A, \"B\"",
        "caller_id_number":"55","timeout":7,"variables":{"a":"x, {y}='z'","n":5,"b":true},"dialplan":"enum"})");
    ASSERT_EQ(host.originates().size(), 1u);
    const auto got = host.originates()[0];
    EXPECT_EQ(got.endpoint, "user/1");
    EXPECT_EQ(got.extension, "9196");
    EXPECT_EQ(got.context, "public");
    EXPECT_EQ(got.dialplan, "enum");
    EXPECT_EQ(got.caller_id_name, "A, \"B\"");
    EXPECT_EQ(got.caller_id_number, "55");
    EXPECT_EQ(got.timeout, 7s);
    EXPECT_EQ(got.variables,
              (std::vector<std::pair<std::string, std::string>>{{"a", "x, {y}='z'"}, {"n", "5"}, {"b", "true"}}));
}

TEST_F(Agent, OriginateFailureNamesTheCause)
{
    host.on_originate = [](const auto&) {
        return pbx::originate_reply{false, "-ERR USER_NOT_REGISTERED\n", "", pbx::cause::none};
    };
    EXPECT_EQ(ask("P.cmd.originate", R"({"endpoint":"user/1","extension":"&park"})"),
              R"("message":"-ERR USER_NOT_REGISTERED\n","cause":"USER_NOT_REGISTERED","code":"api_error")");
}

TEST_F(Agent, OriginateWithArgsIsTheHostsOwnVerb)
{
    host.on("originate", [](auto) { return pbx::api_reply{true, "+OK u\n"}; });
    EXPECT_EQ(ask("P.api", R"({"command":"originate","args":"user/1000 &park"})"), echoed("+OK u\\n"));
    EXPECT_EQ(ask("P.api", "originate user/1000 &park"), echoed("+OK u\\n"));
    EXPECT_TRUE(host.originates().empty());
}

TEST_F(Agent, HangupKillsWithTheCause)
{
    host.on("uuid_kill", [](auto) { return pbx::api_reply{true, "+OK\n"}; });
    EXPECT_EQ(ask("P.cmd.hangup", R"({"uuid":"6f3f","cause":"USER_BUSY"})"),
              R"("message":"Channel hangup successful","data":"6f3f","cause":"USER_BUSY")");
    EXPECT_EQ(last_call(), "uuid_kill 6f3f USER_BUSY");
    EXPECT_EQ(ask("P.cmd.hangup", R"({"uuid":"6f3f","cause":""})"),
              R"("message":"Channel hangup successful","data":"6f3f","cause":"NORMAL_CLEARING")");
}

TEST_F(Agent, HangupOfNobodyTellsTheHostsTextAndTheUuid)
{
    host.on("uuid_kill", [](auto) { return pbx::api_reply{true, "-ERR No such channel!\n"}; });
    EXPECT_EQ(ask("P.cmd.hangup", R"({"uuid":"6f3f"})"),
              R"("message":"-ERR No such channel!\n","data":"6f3f","code":"api_error")");
}

TEST_F(Agent, BridgesToAChannelOrToADialString)
{
    host.on("uuid_bridge", [](auto) { return pbx::api_reply{true, "+OK b\n"}; });
    host.on("uuid_transfer", [](auto) { return pbx::api_reply{true, "+OK\n"}; });
    const auto leg = host.add_channel("leg-a");
    host.add_channel("leg-b");
    EXPECT_EQ(ask("P.cmd.bridge", R"({"uuid":"leg-a","destination":"leg-b"})"),
              R"("message":"Bridge initiated","data":"leg-a","destination":"leg-b")");
    EXPECT_EQ(last_call(), "uuid_bridge leg-a leg-b");
    EXPECT_EQ(ask("P.cmd.bridge", R"({"uuid":"leg-a","destination":"user/1,user/2","caller_id_name":"T, 'x"})"),
              R"("message":"Bridge initiated","data":"leg-a","destination":"user/1,user/2")");
    EXPECT_EQ(last_call(), "uuid_transfer leg-a bridge:${event_agent_bridge_destination} inline");
    EXPECT_EQ(leg->variable("event_agent_bridge_destination"), "user/1,user/2");
    EXPECT_EQ(leg->variable("effective_caller_id_name"), "T, 'x");
}

TEST_F(Agent, NodeFilterDropsSilently)
{
    start();
    for (const char* other : {R"({"command":"echo","node_id":"pbx-8"})", R"({"command":"echo","node_id":""})",
                              R"({"command":"echo","node_id":["a","b"]})", R"({"node_id":"x"})"})
        bus->deliver("P.api", other, "inbox");
    bus->deliver("P.cmd.status", R"({"node_id":"pbx-8"})", "inbox");
    bus->deliver("P.cmd.dialplan.enable", R"({"node_id":"pbx-8"})", "inbox");
    bus->deliver("P.api.pbx_7", R"({"command":"echo","node_id":"pbx-8"})", "inbox");
    for (const char* ours : {R"("PBX-7")", R"("pbx_7")", R"(["x","pbx.7"])", "5", "null", "{}"})
        EXPECT_EQ(ask("P.api", R"({"command":"echo","args":"y","node_id":)" + std::string{ours} + "}"), echoed("y"))
            << ours;
    EXPECT_EQ(bus->all().size(), 6u);
    EXPECT_EQ(counter("commands_filtered"), 7);
}

TEST_F(Agent, AsyncNeverAnswers)
{
    start();
    std::atomic<int> runs{0};
    host.on("count", [&](auto) { return ++runs, pbx::api_reply{true, ""}; });
    bus->deliver("P.api", R"({"command":"count","async":true})", "inbox");
    bus->deliver("P.cmd.async.originate", R"({"endpoint":"user/1","extension":"&park"})", "inbox");
    bus->deliver("P.cmd.async.originate.pbx_7", "garbage", "inbox");
    bus->deliver("P.cmd.async.hangup", "{}", "inbox");
    bus->deliver("P.api", R"({"command":"count"})");
    for (const char* not_async : {"\"true\"", "1", "false", "null"})
        EXPECT_NE(ask("P.api", R"({"command":"count","async":)" + std::string{not_async} + "}"), "");
    ASSERT_TRUE(eventually([&] { return runs == 6 && host.originates().size() == 1; }));
    subject->stop();
    EXPECT_EQ(bus->all().size(), 4u);
}

TEST_F(Agent, DoesNotAnswerToItself)
{
    start();
    std::atomic<int> runs{0};
    host.on("count", [&](auto) { return ++runs, pbx::api_reply{true, ""}; });
    for (const char* bad : {"P.api", "P.cmd.hangup", "P.events.channel.answer", "P.node.other", "a.*", "x y"})
        bus->deliver("P.api", "count", bad);
    ASSERT_TRUE(eventually([&] { return runs == 6; }));
    EXPECT_EQ(counter("replies_refused"), 6);
    subject->stop();
    EXPECT_EQ(bus->all().size(), 1u);
}

TEST_F(Agent, NobodyListensOnUnknownSubjects)
{
    start();
    for (const char* unknown :
         {"P.cmd.dance", "P.cmd.originate.other", "P.node.other", "P.api.other", "P.cmd.execute"})
        EXPECT_EQ(bus->deliver(unknown, "{}"), 0) << unknown;
}

TEST_F(Agent, StatusHasTheDocumentedKeysAndTypes)
{
    start();
    ask("P.api", "echo x");
    ask("P.api", "nonsense");
    const auto text = bus->ask("P.cmd.status", "");
    const auto data = json_view::parse(text)->find("data").value();
    for (const char* key : {"uptime", "events_published", "commands_received", "commands_filtered",
                            "commands_rejected", "commands_in_flight", "events_failed", "events_dropped",
                            "events_filtered", "bytes_published", "event_queue", "command_queue", "reconnects"})
        EXPECT_TRUE(data.find(key) && data.find(key)->integer()) << key;
    EXPECT_EQ(data.find("version")->text(), "2.0.0");
    EXPECT_EQ(data.find("driver")->text(), "fake");
    EXPECT_TRUE(data.find("connected")->is_true());
    EXPECT_EQ(data.find("log_level")->text(), "info");
    EXPECT_FALSE(data.find("log_level_updated"));
    EXPECT_EQ(data.find("stats")->find("requests_received")->integer(), 3);
    EXPECT_EQ(data.find("stats")->find("requests_success")->integer(), 1);
    EXPECT_EQ(data.find("stats")->find("requests_failed")->integer(), 1);
    EXPECT_EQ(data.find("commands_in_flight")->integer(), 1) << "the one being answered";
    for (const char* key : {"p50", "p99", "max"}) EXPECT_TRUE(data.find("latency_us")->find(key)->integer()) << key;
    for (const char* key : {"messages_sent", "messages_failed", "bytes_sent", "reconnects", "last_error", "url"})
        EXPECT_TRUE(data.find("driver_stats")->find(key)) << key;
}

TEST_F(Agent, LogLevelChangesAtRunTime)
{
    start();
    const auto asked = [&](const char* payload) {
        const auto text = bus->ask("P.cmd.status", payload);
        const auto json = json_view::parse(text).value();
        const auto data = json.find("data").value();
        return json.find("message")->text() + "/" + data.find("log_level")->text() +
               (data.find("log_level_updated") ? "/updated" : "");
    };
    EXPECT_EQ(asked(""), "System status/info");
    EXPECT_EQ(asked(R"({"log_level":"DEBUG"})"), "Log level updated/debug/updated");
    EXPECT_EQ(asked(R"({"log-level":"warn"})"), "Log level updated/warning/updated");
    EXPECT_EQ(asked(R"({"log_level":"0"})"), "Log level updated/emerg/updated");
    EXPECT_EQ(asked(R"({"log_level":"loud"})"), "Invalid log level value/emerg");
    EXPECT_EQ(asked(R"({"log_level":null})"), "log_level must be a non-empty string/emerg");
    EXPECT_EQ(asked(R"({"log_level":7})"), "log_level must be a non-empty string/emerg");
    EXPECT_EQ(asked(R"({"log_level":""})"), "log_level must be a non-empty string/emerg");
    const auto by_name = bus->ask("P.node.pbx_7", R"({"command":"agent.status"})");
    EXPECT_EQ(json_view::parse(by_name)->find("message")->text(), "Module status");
}

TEST_F(Agent, RepliesOfOneChannelComeInOrderAndHangupsOvertake)
{
    std::latch open{1};
    std::mutex mutex;
    std::string order;
    host.on("uuid_wait", [&](auto) { return open.wait(), pbx::api_reply{true, ""}; });
    host.on("uuid_note", [&](auto args) {
        const std::lock_guard lock{mutex};
        order += args.back();
        return pbx::api_reply{true, ""};
    });
    host.on("uuid_kill", [&](auto) {
        const std::lock_guard lock{mutex};
        order += 'K';
        return pbx::api_reply{true, ""};
    });
    start();
    bus->deliver("P.api", "uuid_wait leg-1", "inbox");
    for (const char* note : {"uuid_note leg-1 a", "uuid_note leg-1 b", "uuid_note leg-1 c"})
        bus->deliver("P.api", note, "inbox");
    EXPECT_EQ(ask("P.api", "uuid_note leg-2 z"), echoed(""));
    EXPECT_NE(ask("P.cmd.hangup", R"({"uuid":"leg-1"})"), "");
    open.count_down();
    ASSERT_TRUE(eventually([&] {
        const std::lock_guard lock{mutex};
        return order.size() == 5;
    }));
    subject->stop();
    EXPECT_EQ(order, "zKabc");
}

TEST_F(Agent, AFullPoolAnswersBusyAtOnceAndStatusNeverWaits)
{
    std::latch open{1};
    host.on("wait", [&](auto) { return open.wait(), pbx::api_reply{true, ""}; });
    with.command_workers = 2;
    with.command_queue_size = 3;
    start();
    for (int i = 0; i < 5; ++i) bus->deliver("P.api", "wait", "inbox.wait");
    EXPECT_EQ(ask("P.api", "echo x"), R"("message":"Agent busy","code":"busy")");
    EXPECT_EQ(counter("commands_rejected"), 1);
    EXPECT_NE(ask("P.cmd.originate", R"({"endpoint":"user/1","extension":"&park","uuid":"12345678"})").find("+OK"),
              std::string::npos)
        << "originates have threads of their own";
    open.count_down();
    subject->stop();  // nobody may look at the latch after this
}

TEST_F(Agent, OriginatesHaveTheirOwnCap)
{
    std::latch open{1};
    host.on_originate = [&](const auto&) {
        open.wait();
        return pbx::originate_reply{true, "+OK x\n", "x", pbx::cause::none};
    };
    with.max_concurrent_originates = 2;
    start();
    for (int i = 0; i < 2; ++i) bus->deliver("P.cmd.originate", R"({"endpoint":"user/1","extension":"1"})", "inbox");
    EXPECT_EQ(ask("P.cmd.originate", R"({"endpoint":"user/1","extension":"1"})"),
              R"("message":"Agent busy","code":"busy")");
    EXPECT_EQ(ask("P.api", "echo x"), echoed("x"));
    open.count_down();
    subject->stop();  // nobody may look at the latch after this
}

TEST_F(Agent, ATimeoutIsAnsweredOnceAndTheLateResultDiscarded)
{
    std::latch open{1};
    host.on("wait", [&](auto) { return open.wait(), pbx::api_reply{true, "late"}; });
    with.command_timeout = 20;
    EXPECT_EQ(ask("P.api", "wait"), R"("message":"Command timed out","code":"timeout")");
    open.count_down();
    subject->stop();
    EXPECT_EQ(bus->all().size(), 1u);
}

TEST_F(Agent, StopAnswersWhatItCouldNotFinish)
{
    std::latch open{1};
    host.on("wait", [&](auto) { return open.wait(), pbx::api_reply{true, "late"}; });
    with.command_workers = 1;
    with.drain_ms = 20;
    start();
    bus->deliver("P.api", "wait", "inbox.1");
    bus->deliver("P.api", "echo x", "inbox.2");
    std::thread stop{[&] { subject->stop(); }};
    ASSERT_TRUE(bus->wait_for(2));
    open.count_down();
    stop.join();
    ASSERT_EQ(bus->all().size(), 2u);
    for (const auto& it : bus->all()) EXPECT_NE(it.payload.find("Agent not ready"), std::string::npos);
}

TEST_F(Agent, AThrowingHostIsAnInternalError)
{
    host.on("boom", [](auto) -> pbx::api_reply { throw std::runtime_error{"inside"}; });
    EXPECT_EQ(ask("P.api", "boom"), R"("message":"Internal error","code":"internal")");
}

TEST_F(Agent, TooLargeRequestsAndRepliesAreToldSo)
{
    with.max_request_bytes = 100;
    EXPECT_EQ(ask("P.api", "echo " + text_of(200)),
              R"("message":"Request exceeds maximum payload size","code":"too_large")");
    host.on("big", [](auto) { return pbx::api_reply{true, text_of(1000)}; });
    bus->limit = 500;
    const auto answer = ask("P.api", "big");
    EXPECT_TRUE(answer.starts_with(R"("message":"Response exceeds maximum payload size","bytes":1)")) << answer;
    EXPECT_TRUE(answer.ends_with(R"("code":"too_large")")) << answer;
}

TEST_F(Agent, DenyWinsAndNestedVerbsAreSeen)
{
    with.api_deny = {"system", "uuid_kill * CRASH"};
    with.command_deny = {"hangup", "loglevel"};
    const auto refused = R"("message":"Command not permitted","code":"forbidden")";
    for (const char* line : {"system rm", "SYSTEM rm", "bgapi system rm", "bgapi bgapi System rm", "expand system rm",
                             "sched_api +1 none system rm", "eval ${system(rm)}", "uuid_kill x CRASH"})
        EXPECT_EQ(ask("P.api", line), refused) << line;
    EXPECT_EQ(ask("P.cmd.hangup", R"({"uuid":"ab"})"), refused);
    EXPECT_EQ(ask("P.cmd.status", R"({"log_level":"debug"})"), refused);
    EXPECT_EQ(ask("P.api", "echo ${x} system"), echoed("${x} system"));
    EXPECT_TRUE(std::ranges::none_of(host.calls(), [](const auto& it) { return it.first != "echo"; }));
    EXPECT_GE(counter("commands_rejected"), 10);
}

TEST_F(Agent, AnAllowListAllowsOnlyWhatItNames)
{
    with.api_allow = {"echo", "show *"};
    EXPECT_EQ(ask("P.api", "echo x"), echoed("x"));
    EXPECT_EQ(ask("P.api", "version"), R"("message":"Command not permitted","code":"forbidden")");
}

TEST_F(Agent, WithoutTheApiAnExtensionMayOnlyNameHarmlessApplications)
{
    with.command_deny = {"api"};
    const auto refused = R"("message":"Command not permitted","code":"forbidden")";
    EXPECT_EQ(ask("P.cmd.originate", R"~({"endpoint":"user/1","extension":"&system(x)"})~"), refused);
    EXPECT_EQ(ask("P.cmd.originate", R"({"endpoint":"loopback/app=system:x","extension":"&park"})"), refused);
    EXPECT_EQ(ask("P.cmd.originate", R"({"endpoint":"u","extension":"system:x","dialplan":"inline"})"), refused);
    EXPECT_NE(ask("P.cmd.originate", R"~({"endpoint":"user/1","extension":"&PARK()"})~").find("+OK"),
              std::string::npos);
}

TEST_F(Agent, TheTokenIsAskedForOnEverySubject)
{
    with.command_token = "s3cret";
    const auto refused = R"("message":"Unauthorized","code":"forbidden")";
    EXPECT_EQ(ask("P.api", "echo x"), refused);
    EXPECT_EQ(ask("P.api", R"({"command":"echo"})"), refused);
    EXPECT_EQ(ask("P.api", R"({"command":"echo","auth":"s3cre"})"), refused);
    EXPECT_EQ(ask("P.api", R"({"command":"echo","auth":"s3cretx"})"), refused);
    EXPECT_EQ(ask("P.cmd.status", ""), refused);
    EXPECT_EQ(ask("P.cmd.dialplan.enable", ""), refused);
    EXPECT_EQ(ask("P.api", R"({"command":"echo","args":"x","auth":"s3cret"})"), echoed("x"));
}

TEST_F(Agent, TheRateLimitCountsEachSubjectAlone)
{
    with.rate_limit = 1;
    start();
    int busy = 0;
    for (int i = 0; i < 20; ++i) busy += ask("P.api", "echo x").find("Agent busy") != std::string::npos ? 1 : 0;
    EXPECT_GE(busy, 15);
    EXPECT_EQ(ask("P.api.pbx_7", "echo x"), echoed("x"));
}

TEST_F(Agent, LoadingItselfIsLeftToTheHostsScheduler)
{
    host.on("sched_api", [](auto) { return pbx::api_reply{true, "+OK Added: 1\n"}; });
    EXPECT_EQ(ask("P.api", "reload mod_event_agent"), echoed("+OK scheduled"));
    EXPECT_EQ(last_call(), "sched_api +1 mod_event_agent reload mod_event_agent");
}

TEST_F(Agent, PublishesWhatItsFilterWants)
{
    with.exclude_events = {"DTMF"};
    start();
    host.raise(std::make_shared<const pbx::event>("DTMF"));
    host.raise(std::make_shared<const pbx::event>("CHANNEL_ANSWER"));
    host.raise(std::make_shared<const pbx::event>("CUSTOM", "sofia::register"));
    ASSERT_TRUE(bus->wait_for(2));
    EXPECT_EQ(bus->all()[0].subject, "P.events.channel.answer");
    EXPECT_EQ(bus->all()[1].subject, "P.events.custom.sofia_register");
    EXPECT_EQ(counter("events_filtered"), 1);
    EXPECT_TRUE(eventually([&] { return counter("events_published") == 2; }));
    metrics::writer page;
    subject->collect(page);
    EXPECT_NE(page.text().find("strowger_hub_events_published_total 2"), std::string::npos) << page.text();
    EXPECT_NE(subject->status_text().find("2 published"), std::string::npos) << subject->status_text();
}

TEST_F(Agent, CountersAddUpUnderFire)
{
    start();
    std::vector<std::thread> clients;
    for (int c = 0; c < 4; ++c)
        clients.emplace_back([&, c] {
            for (int i = 0; i < 500; ++i)
                bus->deliver("P.api", i % 3 == 0 ? "nonsense" : "echo x", "inbox." + std::to_string(c));
        });
    for (auto& it : clients) it.join();
    ASSERT_TRUE(bus->wait_for(2000));
    subject->stop();
    metrics::writer page;
    subject->collect(page);
    EXPECT_NE(page.text().find("outcome=\"success\"} 1332"), std::string::npos) << page.text();
    EXPECT_NE(page.text().find("outcome=\"failed\"} 668"), std::string::npos);
}

}  // namespace
}  // namespace strowger::hub
