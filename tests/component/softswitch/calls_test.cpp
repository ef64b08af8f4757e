#include "softswitch/text.hpp"
#include "switch_fixture.hpp"

#include <filesystem>
#include <fstream>

namespace strowger::softswitch {
namespace {

using Calls = switch_test;

std::string other_half(event_log& events, std::string_view uuid)
{
    const auto created = events.wait("CHANNEL_CREATE", uuid);
    return created ? std::string{created->get("variable_other_loopback_leg_uuid")} : std::string{};
}

TEST_F(Calls, AnOriginatedLegIsParkedAndKilledWithItsCause)
{
    const auto uuid = call("{origination_uuid=a1}loopback/9196/default &park");
    EXPECT_EQ(uuid, "a1");
    ASSERT_TRUE(events_->wait("CHANNEL_PARK", uuid));

    EXPECT_EQ(api("uuid_kill a1 CALL_REJECTED"), "+OK\n");

    const auto end = events_->wait("CHANNEL_HANGUP_COMPLETE", uuid);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->get("Hangup-Cause"), "CALL_REJECTED");
    EXPECT_EQ(end->get("variable_hangup_cause_q850"), "21");
    EXPECT_TRUE(all_gone());
    EXPECT_EQ(api("uuid_exists a1"), "false");
}

TEST_F(Calls, EveryChannelIsCreatedOnceAndDestroyedOnce)
{
    const auto uuid = call("loopback/9196/default &park");
    const auto inner = other_half(*events_, uuid);
    api("hupall");
    ASSERT_TRUE(all_gone());
    for (const auto& each : {uuid, inner})
        for (const char* name : {"CHANNEL_CREATE", "CHANNEL_HANGUP", "CHANNEL_HANGUP_COMPLETE", "CHANNEL_DESTROY"})
            EXPECT_EQ(events_->count(name, each), 1u) << name << " of " << each;
}

TEST_F(Calls, ALegThatNobodyAnswersTimesOut)
{
    EXPECT_EQ(api("originate {null_enable_auto_answer=false}null/x &park XML default n 1 1"), "-ERR NO_ANSWER\n");
    EXPECT_TRUE(all_gone());
}

TEST_F(Calls, TheCauseOfAFailedCallComesBack)
{
    EXPECT_EQ(api("originate loopback/app=hangup:USER_BUSY &park"), "-ERR USER_BUSY\n");
    EXPECT_EQ(api("originate loopback/nowhere/default &park"), "-ERR NO_ROUTE_DESTINATION\n");
    EXPECT_EQ(api("originate user/9999 &park"), "-ERR SUBSCRIBER_ABSENT\n");
    EXPECT_EQ(api("originate sofia/gateway/none/5551234 &park"), "-ERR INVALID_GATEWAY\n");
    EXPECT_EQ(api("originate nonsense/1 &park"), "-ERR CHAN_NOT_IMPLEMENTED\n");
    EXPECT_TRUE(all_gone());
}

TEST_F(Calls, TheNextAttemptIsTriedWhenTheFirstFailed)
{
    const auto uuid = call("loopback/app=hangup:USER_BUSY|null/x &park");
    EXPECT_EQ(events_->wait("CHANNEL_PARK", uuid)->get("Channel-Name"), "null/x");
}

TEST_F(Calls, WhoAnswersFirstWinsAndTheOthersLose)
{
    const auto uuid = call("{ignore_early_media=true}[null_enable_auto_answer=false]null/slow,null/fast &park");
    EXPECT_EQ(events_->wait("CHANNEL_PARK", uuid)->get("Channel-Name"), "null/fast");
    const auto lost = events_->wait([](const pbx::event& what) {
        return what.name() == "CHANNEL_HANGUP" && what.get("Channel-Name") == "null/slow";
    });
    ASSERT_TRUE(lost);
    EXPECT_EQ(lost->get("Hangup-Cause"), "LOSE_RACE");
}

TEST_F(Calls, AnEarlyEndDuringRoutingIsClean)
{
    for (int i = 0; i < 20; ++i) {
        const auto job =
            api("bgapi originate {origination_uuid=r" + std::to_string(i) + "}loopback/9180/default &park");
        if (i % 2) std::this_thread::yield();
        api("uuid_kill r" + std::to_string(i));
        api("hupall");
    }
    EXPECT_TRUE(eventually([&] {
        api("hupall");
        return switch_->facts().sessions == 0;
    }));
}

TEST_F(Calls, TransferLeavesTheParkForTheDialplan)
{
    const auto uuid = call("null/x &park");
    ASSERT_TRUE(events_->wait("CHANNEL_PARK", uuid));
    EXPECT_EQ(api("uuid_transfer " + uuid + " 9196"), "+OK\n");
    EXPECT_TRUE(events_->wait([&](const pbx::event& what) {
        return what.name() == "CHANNEL_EXECUTE" && what.uuid() == uuid && what.get("Application") == "echo";
    }));
    EXPECT_EQ(events_->count("CHANNEL_UNPARK", uuid), 1u);
}

TEST_F(Calls, TransferTakesAnInlineDialplan)
{
    const auto uuid = call("null/x &park");
    api("uuid_transfer " + uuid + " 'set:color=red,park' inline");
    ASSERT_TRUE(eventually([&] { return events_->count("CHANNEL_PARK", uuid) == 2; }));
    EXPECT_EQ(api("uuid_getvar " + uuid + " color"), "red");
}

TEST_F(Calls, TwoParkedLegsAreBridgedAndBothEndWithTheFirst)
{
    const auto a = call("tone/440 &park"), b = call("tone/880 &park");
    EXPECT_EQ(api("uuid_bridge " + a + ' ' + b), "+OK " + b + '\n');
    const auto bridged = events_->wait("CHANNEL_BRIDGE", a);
    ASSERT_TRUE(bridged);
    EXPECT_EQ(bridged->get("Bridge-B-Unique-ID"), b);
    EXPECT_EQ(bridged->get("Other-Leg-Unique-ID"), b);

    api("uuid_kill " + a);

    EXPECT_TRUE(events_->wait("CHANNEL_UNBRIDGE", a));
    EXPECT_TRUE(events_->wait("CHANNEL_HANGUP_COMPLETE", b));
    EXPECT_TRUE(all_gone());
}

TEST_F(Calls, BridgesAreUndoneAndRedoneWithoutAnEnd)
{
    const auto a = call("null/a &park"), b = call("null/b &park"), c = call("null/c &park");
    api("uuid_setvar " + b + " park_after_bridge true");
    api("uuid_bridge " + a + ' ' + b);
    ASSERT_TRUE(events_->wait("CHANNEL_BRIDGE", a));
    EXPECT_EQ(api("uuid_bridge " + a + ' ' + c), "+OK " + c + '\n');
    EXPECT_TRUE(eventually([&] { return events_->count("CHANNEL_BRIDGE", a) == 2; }));
    EXPECT_TRUE(eventually([&] { return events_->count("CHANNEL_PARK", b) == 2; }));
    EXPECT_EQ(api("uuid_exists " + b), "true");
}

TEST_F(Calls, TheBridgeApplicationDialsAndAnswersTheCaller)
{
    settings with;
    with.dialplan = dialplan::standard();
    with.dialplan.push_back({"default", "bridge", "^2000$", {"set hangup_after_bridge=true", "bridge null/b"}});
    restart(with);
    const auto a = call("loopback/2000/default &park");
    const auto inner = other_half(*events_, a);
    ASSERT_TRUE(events_->wait("CHANNEL_BRIDGE", inner));
    api("hupall");
    EXPECT_TRUE(all_gone());
}

TEST_F(Calls, AFailedBridgeHangsUpUnlessToldToContinue)
{
    const auto first = call("null/x &park");
    api("uuid_transfer " + first + " 'bridge:user/nobody,park' inline");
    const auto end = events_->wait("CHANNEL_HANGUP", first);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->get("Hangup-Cause"), "SUBSCRIBER_ABSENT");

    const auto second = call("null/x &park");
    api("uuid_transfer " + second + " 'set:continue_on_fail=true,bridge:user/nobody,park' inline");
    EXPECT_TRUE(eventually([&] { return events_->count("CHANNEL_PARK", second) == 2; }));
}

TEST_F(Calls, ABroadcastPlaysWithinThePark)
{
    const auto uuid = call("null/x &park");
    EXPECT_EQ(api("uuid_broadcast " + uuid + " tone_stream://%(60,0,440) aleg"), "+OK Message sent\n");
    const auto stop = events_->wait("PLAYBACK_STOP", uuid);
    ASSERT_TRUE(stop);
    EXPECT_EQ(stop->get("Playback-Status"), "done");
    EXPECT_TRUE(events_->wait("PRIVATE_COMMAND", uuid));
    EXPECT_EQ(events_->count("CHANNEL_UNPARK", uuid), 0u);
}

TEST_F(Calls, ABreakEndsAnEndlessPlayback)
{
    const auto uuid = call("null/x '&playback(tone_stream://%(1000,0,440);loops=-1)'");
    ASSERT_TRUE(events_->wait("PLAYBACK_START", uuid));
    EXPECT_EQ(api("uuid_break " + uuid), "+OK\n");
    const auto stop = events_->wait("PLAYBACK_STOP", uuid);
    ASSERT_TRUE(stop);
    EXPECT_EQ(stop->get("Playback-Status"), "break");
    EXPECT_TRUE(all_gone());  // nothing is left of its extension
}

TEST_F(Calls, AHangUpEndsAPlaybackAtOnce)
{
    const auto uuid = call("null/x '&playback(silence_stream://-1)'");
    ASSERT_TRUE(events_->wait("PLAYBACK_START", uuid));
    api("uuid_kill " + uuid);
    EXPECT_TRUE(all_gone());
    const auto names = events_->names(uuid);
    const auto at = [&](const char* name) { return std::ranges::find(names, name) - names.begin(); };
    EXPECT_LT(at("CHANNEL_HANGUP"), at("PLAYBACK_STOP"));
    EXPECT_LT(at("PLAYBACK_STOP"), at("CHANNEL_HANGUP_COMPLETE"));
}

TEST_F(Calls, AnInterruptedPlaybackStartsAgainAfterABroadcast)
{
    const auto uuid = call("null/x '&playback(tone_stream://%(1000,0,440);loops=-1)'");
    ASSERT_TRUE(events_->wait("PLAYBACK_START", uuid));
    api("uuid_broadcast " + uuid + " tone_stream://%(40,0,880)");
    ASSERT_TRUE(events_->wait("PRIVATE_COMMAND", uuid));
    EXPECT_EQ(api("uuid_exists " + uuid), "true");
    EXPECT_EQ(events_->count("CHANNEL_HANGUP", uuid), 0u);
}

TEST_F(Calls, HoldMusicThatCannotBePlayedStallsNobody)
{
    settings with;
    with.hold_music = "tone_stream://%(nonsense";
    restart(with);
    const auto a = call("null/a &park"), b = call("null/b &park");
    api("uuid_bridge " + a + ' ' + b);
    ASSERT_TRUE(events_->wait("CHANNEL_BRIDGE", a));
    EXPECT_EQ(api("uuid_hold " + a), "+OK Success\n");
    ASSERT_TRUE(events_->wait("PRIVATE_COMMAND", b));
    EXPECT_EQ(api("uuid_exists " + b), "true");
}

TEST_F(Calls, DigitsCrossALoopbackAndAreTold)
{
    const auto uuid = call("loopback/5900/default &park");
    const auto inner = other_half(*events_, uuid);
    ASSERT_TRUE(events_->wait("CHANNEL_PARK", inner));
    EXPECT_EQ(api("uuid_send_dtmf " + uuid + " 12"), "+OK " + uuid + " sent DTMF 12.\n");
    EXPECT_TRUE(eventually([&] { return events_->count("DTMF", inner) == 2; }));
    EXPECT_EQ(events_->wait("DTMF", inner)->get("DTMF-Digit"), "2");
}

TEST_F(Calls, ARecordingHasBothDirectionsSideBySide)
{
    const auto folder = std::filesystem::temp_directory_path() / ("strowger-record-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const auto file = (folder / "call.wav").string();
    const auto uuid = call("tone/440 &park");
    api("uuid_setvar " + uuid + " RECORD_STEREO true");
    EXPECT_EQ(api("uuid_record " + uuid + " start " + file), "+OK Success\n");
    EXPECT_EQ(api("uuid_record " + uuid + " start /proc/no/such/place.wav"), "-ERR Cannot record session!\n");
    ASSERT_TRUE(events_->wait("RECORD_START", uuid));
    EXPECT_TRUE(eventually([&] { return std::filesystem::file_size(file) > 44 + 8000; }));
    EXPECT_EQ(api("uuid_record " + uuid + " stop " + file), "+OK Success\n");
    EXPECT_EQ(events_->wait("RECORD_STOP", uuid)->get("Record-File-Path"), file);
    std::ifstream in{file, std::ios::binary};
    in.seekg(22);
    EXPECT_EQ(in.get(), 2) << "channels in the WAV header";
    std::filesystem::remove_all(folder);
}

TEST_F(Calls, AScheduledHangUpHappens)
{
    const auto uuid = call("null/x &park");
    EXPECT_EQ(api("sched_hangup +1 " + uuid), "+OK\n");
    const auto end = events_->wait("CHANNEL_HANGUP", uuid);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->get("Hangup-Cause"), "ALLOTTED_TIMEOUT");
}

TEST_F(Calls, ADialplanHookAnswersForInboundLegs)
{
    const auto hook = switch_->hook_dialplan(
        [](const pbx::dialplan_query& query) -> std::optional<std::vector<pbx::dialplan_step>> {
            if (query.destination != "7777") return std::nullopt;
            return std::vector<pbx::dialplan_step>{{"answer", ""}, {"park", ""}};
        });
    const auto uuid = call("loopback/7777/default &park");
    EXPECT_TRUE(events_->wait("CHANNEL_PARK", other_half(*events_, uuid)));
}

TEST_F(Calls, AHandleOutlivesItsCallAndItsSwitch)
{
    const auto uuid = call("null/x &park");
    const auto leg = switch_->find(uuid);
    ASSERT_TRUE(leg);
    EXPECT_TRUE(leg->alive());
    EXPECT_TRUE(leg->set_variable("color", "blue"));
    EXPECT_EQ(leg->variable("color"), "blue");
    EXPECT_EQ(leg->read_format().rate_hz, 8000u);
    EXPECT_TRUE(leg->hang_up(pbx::cause::user_busy));
    ASSERT_TRUE(all_gone());
    EXPECT_FALSE(leg->alive());
    EXPECT_FALSE(leg->hang_up(pbx::cause::user_busy));
    EXPECT_EQ(leg->variable("color"), std::nullopt);
    events_.reset();
    switch_.reset();
    EXPECT_FALSE(leg->alive());
    EXPECT_FALSE(leg->set_variable("a", "b"));
}

TEST_F(Calls, StoppingEndsCallsPolitelyAndAnswersWhoWaits)
{
    const auto uuid = call("null/x &park");
    std::string pending;
    std::thread waiting{[&] { pending = api("originate {null_enable_auto_answer=false}null/y &park"); }};
    ASSERT_TRUE(eventually([&] { return switch_->facts().sessions == 2; }));
    switch_->stop(std::chrono::seconds{2});
    waiting.join();
    EXPECT_EQ(pending, "-ERR SYSTEM_SHUTDOWN\n");
    EXPECT_EQ(events_->wait("CHANNEL_HANGUP", uuid)->get("Hangup-Cause"), "SYSTEM_SHUTDOWN");
    EXPECT_EQ(switch_->facts().sessions, 0u);
    EXPECT_EQ(api("originate null/x &park"), "-ERR SWITCH_CONGESTION\n");
    switch_->stop(std::chrono::seconds{2});
}

TEST_F(Calls, NoMoreSessionsThanConfigured)
{
    settings with;
    with.max_sessions = 2;
    restart(with);
    call("null/a &park");
    call("null/b &park");
    EXPECT_EQ(api("originate null/c &park"), "-ERR SWITCH_CONGESTION\n");
}

TEST_F(Calls, AnotherThreadsEventsAreFiredWithTheStandardHeaders)
{
    pbx::event mine{"CUSTOM", "test::thing"};
    mine.add("Color", "green");
    switch_->fire(std::move(mine));
    const auto got = events_->wait([](const pbx::event& what) { return what.subclass() == "test::thing"; });
    ASSERT_TRUE(got);
    EXPECT_EQ(got->get("Event-Subclass"), "test::thing");
    EXPECT_EQ(got->get("FreeSWITCH-Hostname"), "fs-node-01");
    EXPECT_EQ(got->get("Color"), "green");
}

TEST_F(Calls, ManyCallsComeAndGoAtOnce)
{
    settings with;
    with.sessions_per_second = 10000;
    restart(with);
    std::vector<std::thread> callers;
    std::atomic<int> well{0};
    for (int i = 0; i < 4; ++i)
        callers.emplace_back([&] {
            for (int n = 0; n < 25; ++n) {
                const auto reply = api("originate loopback/9196/default &park");
                if (reply.starts_with("+OK")) ++well;
                if (n % 3 == 0) api("hupall");
            }
        });
    for (auto& each : callers) each.join();
    api("hupall");
    EXPECT_TRUE(all_gone());
    EXPECT_GT(well, 10);
}

}  // namespace
}  // namespace strowger::softswitch
