// The scenarios that were recorded on FreeSWITCH 1.10.12, driven again: each channel must fire the same events in the
// same order with the same headers. What differs on purpose is listed here, with the reason beside it.
#include "support/recordings.hpp"

#include "fake_phone.hpp"
#include "switch_fixture.hpp"

#include <charconv>
#include <map>
#include <set>

namespace strowger::softswitch {
namespace {

struct exception {
    std::string_view what;
    std::string_view why;
};

/// Events of the recordings that the embedded switch does not fire.
constexpr exception left_out_events[] = {
    {"CHANNEL_UUID", "a leg has its final uuid from the start, so it is never renamed"},
};

/// Headers of the recordings that our events lack; a name that ends in `*` stands for all that begin so.
constexpr exception left_out_headers[] = {
    {"variable_dtmf_type", "the SIP leg's own, from SDP and RTP: the fake phone has only what an INVITE brings"},
    {"variable_rtp_*", "likewise"},
    {"variable_sip_*", "likewise"},
    {"variable_local_media_*", "likewise"},
    {"variable_remote_*", "likewise"},
    {"variable_advertised_media_ip", "likewise"},
    {"variable_original_read_*", "FreeSWITCH can put another codec in front of a leg's own; nothing here does"},
    {"variable_originate_signal_bond", "a lock between FreeSWITCH's threads"},
    {"variable_bridge_to", "likewise"},
    {"variable_bridge_hangup_cause", "B's shows in the one of its last events that A's thread was ahead of"},
    {"variable_last_bridge_*", "set by two threads of FreeSWITCH, in either order"},
    {"variable_last_sent_callee_id_*", "likewise"},
    {"variable_signal_bond", "likewise"},
    {"variable_transfer_history", "after two transfers it is a list in the recording's JSON, which is not read here"},
    {"Other-Leg-Callee-ID-*", "empty there until the bridge has told both ends"},
    {"Hangup-Cause", "of an application that ended before its leg's hang-up was told: see order_ends()"},
};

bool matches(std::string_view pattern, std::string_view name)
{
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == name;
    const auto tail = pattern.substr(star + 1);
    if (!name.starts_with(pattern.substr(0, star))) return false;
    return tail.empty() || name.find(tail.substr(0, tail.find('*'))) != std::string_view::npos;
}

bool left_out(std::string_view header)
{
    return std::ranges::any_of(left_out_headers, [&](const auto& each) { return matches(each.what, header); });
}

using events = std::vector<pbx::event_ptr>;

std::int64_t sequence(const pbx::event& what)
{
    const auto text = what.get("Event-Sequence");
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// What an event is in a sequence: its name, and of what it tells.
std::string step(const pbx::event& what)
{
    const auto& name = what.name();
    if (name == "CHANNEL_STATE") return name + ' ' + std::string{what.get("Channel-State")};
    if (name == "CHANNEL_CALLSTATE") return name + ' ' + std::string{what.get("Channel-Call-State")};
    if (name.starts_with("CHANNEL_EXECUTE")) return name + ' ' + std::string{what.get("Application")};
    if (name == "CALL_UPDATE") return name + ' ' + std::string{what.get("Direction")};
    return name;
}

/// The events of each channel, by the channel's last name, in the order fired.
std::map<std::string, events> by_channel(events all)
{
    std::ranges::stable_sort(all, {}, [](const auto& each) { return sequence(*each); });
    std::map<std::string, std::string> names;
    for (const auto& each : all)
        if (!each->uuid().empty()) names[std::string{each->uuid()}] = each->get("Channel-Name");
    // What a leg fired before it was given its final uuid is its own too.
    for (const auto& each : all)
        if (const auto old = each->get("Old-Unique-ID"); !old.empty())
            names[std::string{old}] = names[std::string{each->uuid()}];
    std::map<std::string, events> out;
    for (const auto& each : all)
        if (!each->uuid().empty()) out[names[std::string{each->uuid()}]].push_back(each);
    return out;
}

/// FreeSWITCH's threads race when a leg goes away under an application: the end of the application and the hang-up
/// stand in the recordings in both orders. Ours is always hang-up first; the recordings are read that way.
void order_ends(events& all)
{
    for (std::size_t i = 1; i < all.size(); ++i)
        if (all[i]->name() == "CHANNEL_HANGUP" && all[i - 1]->name() == "CHANNEL_EXECUTE_COMPLETE" &&
            all[i - 1]->get("Application") == "echo")
            std::swap(all[i], all[i - 1]);
}

void drop(events& all, std::string_view step_name)
{
    std::erase_if(all, [&](const auto& each) { return step(*each) == step_name; });
}

std::vector<std::string> steps(const events& all)
{
    std::vector<std::string> out;
    for (const auto& each : all) out.push_back(step(*each));
    return out;
}

std::set<std::string> header_names(const pbx::event& what)
{
    std::set<std::string> out;
    for (std::size_t i = 0; i < what.size(); ++i)
        if (!left_out(what[i].name)) out.emplace(what[i].name);
    return out;
}

class Recordings : public switch_test {
protected:
    void load(const std::string& name)
    {
        recorded_ = test::recorded_events(STROWGER_SOURCE_DIR "/tests/recordings/freeswitch", name);
        ASSERT_FALSE(recorded_.empty());
        settings with;
        with.dialplan = dialplan::standard();
        with.dialplan.push_back(
            {"default", "2000", "^2000$", {"set hangup_after_bridge=true", "bridge loopback/9196/default"}});
        restart(std::move(with));
    }

    /// Compares each channel of the recording with ours of the same name.
    void compare(const std::vector<std::string>& dropped = {})
    {
        EXPECT_TRUE(all_gone());
        auto theirs = by_channel(recorded_), ours = by_channel(events_->all());
        for (auto& [channel_name, expected] : theirs) {
            for (const auto& each : left_out_events) drop(expected, each.what);
            for (const auto& each : dropped) drop(expected, each);
            ASSERT_TRUE(ours.count(channel_name)) << "no channel " << channel_name << " of ours";
            order_ends(expected);
            order_ends(ours[channel_name]);
            compare(channel_name, expected, ours[channel_name]);
        }
    }

    void compare(const std::string& channel_name, const events& expected, const events& got)
    {
        EXPECT_EQ(steps(expected), steps(got)) << "of " << channel_name;
        for (std::size_t i = 0; i < std::min(expected.size(), got.size()); ++i) {
            if (step(*expected[i]) != step(*got[i])) break;
            const auto want = header_names(*expected[i]), have = header_names(*got[i]);
            std::vector<std::string> missing, extra;
            std::ranges::set_difference(want, have, std::back_inserter(missing));
            std::ranges::set_difference(have, want, std::back_inserter(extra));
            EXPECT_TRUE(missing.empty())
                << channel_name << ' ' << step(*got[i]) << " lacks " << testing::PrintToString(missing);
            EXPECT_TRUE(extra.empty()) << channel_name << ' ' << step(*got[i]) << " has besides "
                                       << testing::PrintToString(extra);
        }
    }

    /// Waits until that application of that channel runs.
    void wait_for(std::string_view event_name, std::string_view channel_name, std::string_view application = {})
    {
        EXPECT_TRUE(events_->wait([&](const pbx::event& what) {
            return what.name() == event_name && what.get("Channel-Name") == channel_name &&
                   (application.empty() || what.get("Application") == application);
        })) << event_name
            << ' ' << channel_name;
    }

    /// The recorded phone calls again; @return its uuid
    std::string phone_calls(const std::string& number)
    {
        // What the technology knows of an INVITE; the rest is call control's own.
        static const std::set<std::string_view> own{"direction",  "uuid",         "call_uuid",
                                                    "session_id", "channel_name", "presence_id"};
        variables first;
        for (const auto& each : recorded_)
            if (each->name() == "CHANNEL_CREATE" && each->get("Caller-Source") == "mod_sofia")
                for (std::size_t i = 0; i < each->size(); ++i)
                    if (const auto [name, value] = (*each)[i];
                        name.starts_with("variable_") && !own.count(name.substr(9)))
                        first.emplace_back(name.substr(9), value);
        std::string uuid;
        switch_->inspect([&](switchboard& board) {
            incoming_call call;
            const auto channel_name = std::string{recorded_.front()->get("Channel-Name")};
            auto party = std::make_unique<fake_phone>(board, channel_name, first);
            phone_ = party.get();
            call.party = std::move(party);
            call.username = call.caller_id_name = call.caller_id_number = "sipp";
            call.destination_number = number;
            call.presence_id = "sipp@127.0.0.1";
            phone_->observer = board.on_incoming(std::move(call));
            uuid = static_cast<channel*>(phone_->observer)->uuid();
        });
        return uuid;
    }
    void phone_hangs_up()
    {
        switch_->inspect([&](switchboard&) { phone_->observer->on_ended(pbx::cause::normal_clearing, 200, {}); });
    }

    events recorded_;
    fake_phone* phone_ = nullptr;
};

TEST_F(Recordings, Echo)
{
    load("echo");
    const std::string uuid = "13d8b082-6ddd-43b2-b23c-28eb70f73d95";
    EXPECT_EQ(
        api("originate {origination_uuid=" + uuid +
            ",origination_caller_id_number=5551234,origination_caller_id_name=Alice}loopback/9196/default &park"),
        "+OK " + uuid + '\n');
    wait_for("CHANNEL_PARK", "loopback/9196-a");
    wait_for("CHANNEL_EXECUTE", "loopback/9196-b", "echo");
    EXPECT_EQ(api("uuid_setvar " + uuid + " custom_var hello"), "+OK\n");
    EXPECT_EQ(api("uuid_getvar " + uuid + " custom_var"), "hello");
    EXPECT_EQ(api("uuid_exists " + uuid), "true");
    EXPECT_EQ(api("uuid_send_dtmf " + uuid + " 1234"), "+OK " + uuid + " sent DTMF 1234.\n");
    EXPECT_EQ(api("uuid_broadcast " + uuid + " tone_stream://%(200,100,440) aleg"), "+OK Message sent\n");
    wait_for("PRIVATE_COMMAND", "loopback/9196-a");
    EXPECT_EQ(api("uuid_hold " + uuid), "+OK Success\n");
    EXPECT_EQ(api("uuid_hold off " + uuid), "-ERR Operation failed\n");
    EXPECT_EQ(api("uuid_kill " + uuid + " CALL_REJECTED"), "+OK\n");
    compare();
    EXPECT_EQ(events_->wait("CHANNEL_HANGUP_COMPLETE", uuid)->get("variable_last_app"), "playback");
}

TEST_F(Recordings, Bridge)
{
    load("bridge");
    const std::string a = "5d44db11-7650-4c24-883d-0a817b3f3226", b = "115827b7-35ce-4c62-967b-ece8a3a16ab8";
    api("originate {origination_uuid=" + a + ",origination_caller_id_number=1001}loopback/9197/default &park");
    wait_for("CHANNEL_PARK", "loopback/9197-a");
    wait_for("PLAYBACK_START", "loopback/9197-b");
    api("originate {origination_uuid=" + b + ",origination_caller_id_number=1002}loopback/9196/default &park");
    wait_for("CHANNEL_PARK", "loopback/9196-a");
    EXPECT_EQ(api("uuid_bridge " + a + ' ' + b), "+OK " + b + '\n');
    wait_for("CHANNEL_BRIDGE", "loopback/9197-a");
    EXPECT_TRUE(eventually([&] { return api("show calls").find("CS_EXCHANGE_MEDIA") != std::string::npos; }));
    EXPECT_EQ(api("uuid_transfer " + b + " 9196"), "+OK\n");
    wait_for("CHANNEL_EXECUTE", "loopback/9196-a", "echo");
    wait_for("CHANNEL_DESTROY", "loopback/9197-b");
    EXPECT_EQ(api("hupall NORMAL_CLEARING"), "+OK hangup all channels with cause NORMAL_CLEARING\n");
    compare();
}

TEST_F(Recordings, ParkAnswer)
{
    load("park-answer");
    const std::string uuid = "622eae66-c7f6-4a83-8737-87a45fd07af8";
    EXPECT_TRUE(api("bgapi originate {origination_uuid=" + uuid + "}loopback/9180/default &park")
                    .starts_with("+OK Job-UUID: "));
    wait_for("CHANNEL_EXECUTE", "loopback/9180-b", "sleep");
    EXPECT_EQ(api("uuid_answer " + uuid), "+OK\n");
    EXPECT_EQ(api("uuid_park " + uuid), "+OK\n");
    wait_for("CHANNEL_PARK", "loopback/9180-a");
    EXPECT_EQ(api("uuid_audio " + uuid + " start read mute"),
              "-USAGE: <uuid> [start [read|write] [mute|level <level>]|stop]\n");
    EXPECT_EQ(api("uuid_displace " + uuid + " start nofile.wav"), "-ERR Cannot displace session!\n");
    EXPECT_EQ(api("uuid_kill " + uuid), "+OK\n");
    const auto job = events_->wait([](const pbx::event& what) { return what.name() == "BACKGROUND_JOB"; });
    ASSERT_TRUE(job);
    EXPECT_EQ(job->body(), "-ERR NORMAL_CLEARING\n");
    EXPECT_EQ(job->get("Job-Command"), "originate");
    EXPECT_EQ(job->get("Content-Length"), "21");
    compare();
}

TEST_F(Recordings, Failures)
{
    load("failures");
    EXPECT_EQ(api("originate loopback/9480/default &park"), "-ERR NORMAL_CLEARING\n");
    // The leg called N/A is the one that FreeSWITCH makes before it looks for the gateway.
    std::erase_if(recorded_, [](const auto& each) { return each->get("Channel-Name") == "N/A"; });
    compare();
}

TEST_F(Recordings, SipInboundEcho)
{
    load("sip-inbound-echo");
    phone_calls("9196");
    wait_for("CHANNEL_EXECUTE", std::string{recorded_.front()->get("Channel-Name")}, "echo");
    phone_hangs_up();
    compare();
}

TEST_F(Recordings, SipInboundBridge)
{
    load("sip-inbound-bridge");
    phone_calls("2000");
    wait_for("CALL_UPDATE", std::string{recorded_.front()->get("Channel-Name")});
    wait_for("CHANNEL_EXECUTE", "loopback/9196-b", "echo");
    EXPECT_TRUE(eventually([&] { return api("show calls").find("CS_EXCHANGE_MEDIA") != std::string::npos; }));
    phone_hangs_up();
    compare();
}

}  // namespace
}  // namespace strowger::softswitch
