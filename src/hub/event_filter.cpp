#include "hub/event_filter.hpp"

#include "hub/glob.hpp"

#include <algorithm>
#include <array>

namespace strowger::hub {
namespace {

/// Source: FreeSWITCH `switch_types.h` (switch_event_types_t).
constexpr auto known_events = std::to_array<std::string_view>({"CUSTOM",
                                                               "CLONE",
                                                               "CHANNEL_CREATE",
                                                               "CHANNEL_DESTROY",
                                                               "CHANNEL_STATE",
                                                               "CHANNEL_CALLSTATE",
                                                               "CHANNEL_ANSWER",
                                                               "CHANNEL_HANGUP",
                                                               "CHANNEL_HANGUP_COMPLETE",
                                                               "CHANNEL_EXECUTE",
                                                               "CHANNEL_EXECUTE_COMPLETE",
                                                               "CHANNEL_HOLD",
                                                               "CHANNEL_UNHOLD",
                                                               "CHANNEL_BRIDGE",
                                                               "CHANNEL_UNBRIDGE",
                                                               "CHANNEL_PROGRESS",
                                                               "CHANNEL_PROGRESS_MEDIA",
                                                               "CHANNEL_OUTGOING",
                                                               "CHANNEL_PARK",
                                                               "CHANNEL_UNPARK",
                                                               "CHANNEL_APPLICATION",
                                                               "CHANNEL_ORIGINATE",
                                                               "CHANNEL_UUID",
                                                               "CHANNEL_DATA",
                                                               "API",
                                                               "LOG",
                                                               "INBOUND_CHAN",
                                                               "OUTBOUND_CHAN",
                                                               "STARTUP",
                                                               "SHUTDOWN",
                                                               "SHUTDOWN_REQUESTED",
                                                               "PUBLISH",
                                                               "UNPUBLISH",
                                                               "TALK",
                                                               "NOTALK",
                                                               "SESSION_CRASH",
                                                               "SESSION_HEARTBEAT",
                                                               "MODULE_LOAD",
                                                               "MODULE_UNLOAD",
                                                               "DTMF",
                                                               "MESSAGE",
                                                               "PRESENCE_IN",
                                                               "PRESENCE_OUT",
                                                               "PRESENCE_PROBE",
                                                               "NOTIFY_IN",
                                                               "MESSAGE_WAITING",
                                                               "MESSAGE_QUERY",
                                                               "ROSTER",
                                                               "CODEC",
                                                               "BACKGROUND_JOB",
                                                               "DETECTED_SPEECH",
                                                               "DETECTED_TONE",
                                                               "PRIVATE_COMMAND",
                                                               "HEARTBEAT",
                                                               "TRAP",
                                                               "ADD_SCHEDULE",
                                                               "DEL_SCHEDULE",
                                                               "EXE_SCHEDULE",
                                                               "RE_SCHEDULE",
                                                               "RELOADXML",
                                                               "NOTIFY",
                                                               "PHONE_FEATURE",
                                                               "PHONE_FEATURE_SUBSCRIBE",
                                                               "SEND_MESSAGE",
                                                               "RECV_MESSAGE",
                                                               "SEND_INFO",
                                                               "RECV_INFO",
                                                               "REQUEST_PARAMS",
                                                               "GENERAL",
                                                               "COMMAND",
                                                               "CLIENT_DISCONNECTED",
                                                               "SERVER_DISCONNECTED",
                                                               "RECV_RTCP_MESSAGE",
                                                               "SEND_RTCP_MESSAGE",
                                                               "CALL_SECURE",
                                                               "CALL_UPDATE",
                                                               "CALL_SETUP_REQ",
                                                               "CALL_SETUP_RESULT",
                                                               "CALL_DETAIL",
                                                               "NAT",
                                                               "RECORD_START",
                                                               "RECORD_STOP",
                                                               "PLAYBACK_START",
                                                               "PLAYBACK_STOP",
                                                               "FAILURE",
                                                               "SOCKET_DATA",
                                                               "MEDIA_BUG_START",
                                                               "MEDIA_BUG_STOP",
                                                               "CONFERENCE_DATA_QUERY",
                                                               "CONFERENCE_DATA",
                                                               "DEVICE_STATE",
                                                               "TEXT",
                                                               "CERT_RELOAD"});

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

bool event_filter::rule::matches(std::string_view event, std::string_view of) const noexcept
{
    return glob_match(name, event) && (subclass.empty() || glob_match(subclass, of));
}

std::vector<event_filter::rule> event_filter::read(const std::vector<std::string>& entries)
{
    std::vector<rule> out;
    for (const auto& raw : entries) {
        const auto entry = trimmed(raw);
        if (entry.empty()) continue;
        const auto blank = entry.find_first_of(" \t");
        const auto first = entry.substr(0, blank);
        if (blank != std::string_view::npos && same_folded(first, "CUSTOM")) {
            out.push_back({"CUSTOM", std::string{trimmed(entry.substr(blank))}});
        } else if (entry.find("::") != std::string_view::npos) {
            out.push_back({"CUSTOM", std::string{entry}});
        } else if (same_folded(entry, "ALL")) {
            out.push_back({"*", ""});
        } else {
            out.push_back({std::string{entry}, ""});
            const auto is = [&](std::string_view name) { return glob_match(entry, name); };
            if (std::ranges::none_of(known_events, is)) unknown_.emplace_back(entry);
        }
    }
    return out;
}

event_filter::event_filter(const std::vector<std::string>& include, const std::vector<std::string>& exclude,
                           bool publish_all)
    : include_{read(include)}, exclude_{read(exclude)}, publish_all_{publish_all}
{
}

bool event_filter::wants(std::string_view name, std::string_view subclass) const noexcept
{
    const auto hit = [&](const rule& it) { return it.matches(name, subclass); };
    if (std::ranges::any_of(exclude_, hit)) return false;
    return include_.empty() ? publish_all_ : std::ranges::any_of(include_, hit);
}

}  // namespace strowger::hub
