// Applications that play, listen and record.
#include "base/clock.hpp"
#include "base/log.hpp"
#include "softswitch/application.hpp"
#include "softswitch/origins.hpp"
#include "softswitch/recorder.hpp"
#include "softswitch/sources.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

#include <array>

namespace strowger::softswitch {
namespace {

using detail = channel::detail;

task<> echo(channel& who, std::string)
{
    if (!who.pre_answer() || !who.media()) co_return;
    who.take_break();
    who.media()->set_echo(true);
    while (who.ready() && !who.take_break()) co_await who.attend();
    if (auto* port = who.media()) port->set_echo(false);
}

enum class play_end : std::uint8_t { completed, interrupted, stopped, not_found };

/// A playback while it runs: what the media thread's end of it tells the script.
struct playing {
    bool ended = false;
    bool completed = false;
};

std::shared_ptr<playing> start_playing(channel& who, opened_source& what)
{
    auto state = std::make_shared<playing>();
    who.set_playhead(what.head);
    who.media()->play(std::move(what.source), [state, leg = who.weak_from_this()](bool completed) {
        state->ended = true;
        state->completed = completed;
        if (const auto alive = leg.lock()) alive->notify();
    });
    return state;
}

bool is_terminator(const channel& who, char digit)
{
    const auto configured = who.variables().get("playback_terminators");
    if (text::same(configured, "none")) return false;
    if (text::same(configured, "any")) return true;
    return (configured.empty() ? std::string_view{"*"} : configured).find(digit) != std::string_view::npos;
}

/// A digit that ends the playback, as the caller pressed it.
bool pressed_terminator(channel& who)
{
    while (const auto digit = who.next_digit()) {
        if (!is_terminator(who, digit->digit)) continue;
        who.variables().set("playback_terminator_used", {&digit->digit, 1});
        return true;
    }
    return false;
}

/// Plays it once; again from the start when another playback (uuid_broadcast) had interrupted it.
task<play_end> play_once(channel& who, std::string name, opened_source& from, bool digits_end)
{
    auto state = start_playing(who, from);
    while (who.ready() && who.media()) {
        if (state->completed) co_return play_end::completed;
        if (who.take_break() || (digits_end && pressed_terminator(who))) {
            who.media()->stop_playing();
            co_return play_end::interrupted;
        }
        if (state->ended) {
            auto again = co_await open_source(who, name, who.media()->format().rate_hz);
            if (!again || !who.ready() || !who.media()) break;
            from = std::move(*again);
            state = start_playing(who, from);
        }
        co_await who.attend();
    }
    if (auto* port = who.media(); port && !state->ended) port->stop_playing();
    co_return play_end::stopped;
}

void report_playback(channel& who, const opened_source& what, std::uint32_t rate_hz)
{
    const auto samples = what.head->samples.load(std::memory_order_relaxed);
    const auto ms = samples * 1000 / rate_hz;
    auto& values = who.variables();
    values.set("playback_last_offset_pos", std::to_string(samples));
    values.set("playback_seconds", std::to_string(ms / 1000));
    values.set("playback_ms", std::to_string(ms));
    values.set("playback_samples", std::to_string(samples));
}

task<play_end> play_file(channel& who, std::string name, bool digits_end)
{
    const auto rate_hz = who.media()->format().rate_hz;
    auto opened = co_await open_source(who, name, rate_hz);
    if (!opened) {
        if (who.ready())
            log::warn("switch", "can't play",
                      {{"leg", who.uuid()}, {"file", name}, {"problem", opened.error().message()}});
        co_return play_end::not_found;
    }
    if (!who.ready() || !who.media()) co_return play_end::stopped;
    who.take_break();
    const std::string type = opened->type;
    who.emit("PLAYBACK_START", origins::playback_start, detail::full, {},
             {{"Playback-File-Type", type}, {"Playback-File-Path", name}});
    const auto end = co_await play_once(who, name, *opened, digits_end);
    who.set_playhead(nullptr);
    report_playback(who, *opened, rate_hz);
    who.emit("PLAYBACK_STOP", origins::playback_stop, detail::full, {},
             {{"Playback-File-Type", type},
              {"Playback-File-Path", name},
              {"Playback-Status", end == play_end::interrupted ? "break" : "done"}});
    co_return end;
}

void respond_playback(channel& who, play_end end)
{
    switch (end) {
        case play_end::completed:
        case play_end::interrupted:
            return who.set_response("FILE PLAYED");
        case play_end::not_found:
            return who.set_response("FILE NOT FOUND");
        case play_end::stopped:
            return who.set_response("PLAYBACK ERROR");
    }
}

task<> playback(channel& who, std::string name)
{
    if (!who.media()) co_return;
    const auto end = co_await play_file(who, name, true);
    respond_playback(who, end);
}

task<> endless_playback(channel& who, std::string name)
{
    while (who.ready() && who.media()) {
        const auto end = co_await play_file(who, name, false);
        if (end != play_end::completed) co_return respond_playback(who, end);
    }
}

task<> send_dtmf(channel& who, std::string digits)
{
    who.send_dtmf(digits);
    co_return;
}

std::string recording_path(const channel& who, std::string name)
{
    return name.starts_with('/') ? name : who.board().configured().recordings_folder + '/' + name;
}

std::shared_ptr<recorder> open_recorder(channel& who, const std::string& path, recorder::mix how)
{
    auto made = recorder::create(who.board().disk(), path, how, who.media()->format());
    if (made) return std::move(*made);
    log::warn("switch", "can't record", {{"leg", who.uuid()}, {"file", path}, {"problem", made.error().message()}});
    return nullptr;
}

/// record <path> [<limit_s>]: until a digit, the limit, or the end of the call.
task<> record(channel& who, std::string arguments)
{
    const auto words = text::words(arguments, 4);
    if (words.empty() || !who.media()) co_return;
    const auto path = recording_path(who, words[0]);
    const auto limit = words.size() > 1 ? text::to_number(words[1]).value_or(0) : 0;
    const auto file = open_recorder(who, path, recorder::mix::read_only);
    if (!file) co_return;
    const auto started = steady_clock::now();
    const signal::deadline until =
        limit > 0 ? signal::deadline{started + std::chrono::seconds{std::min<std::int64_t>(limit, 86400)}}
                  : std::nullopt;
    who.take_break();
    who.media()->add_sink(file);
    who.emit("RECORD_START", origins::record_file_start, detail::full, {}, {{"Record-File-Path", path}});
    while (who.ready() && !who.take_break() && !pressed_terminator(who) && (!until || steady_clock::now() < *until))
        co_await who.attend(until);
    if (auto* port = who.media()) port->remove_sink(file);
    file->close();
    const auto ms = file->frames() * who.codec().ptime_ms;
    who.variables().set("record_ms", std::to_string(ms));
    who.variables().set("record_seconds", std::to_string(ms / 1000));
    who.emit("RECORD_STOP", origins::record_file_stop, detail::full, {}, {{"Record-File-Path", path}});
}

task<> record_session(channel& who, std::string arguments)
{
    const auto words = text::words(arguments, 4);
    if (!words.empty()) record_leg(who, words[0], {});
    co_return;
}

task<> stop_record_session(channel& who, std::string path)
{
    who.stop_recording(path == "all" ? path : recording_path(who, path));
    co_return;
}

/// For dialplans written for FreeSWITCH: digits are always listened for here.
task<> nothing(channel&, std::string)
{
    co_return;
}

task<> flush_dtmf(channel& who, std::string)
{
    who.flush_dtmf();
    co_return;
}

constexpr std::array table{
    application{"echo", "", "Echo", false, true, echo},
    application{"endless_playback", "<path>", "Playback File Endlessly", true, true, endless_playback},
    application{"flush_dtmf", "", "flush any queued dtmf", false, true, flush_dtmf},
    application{"playback", "<path>", "Playback File", true, true, playback},
    application{"record", "<path> [<time_limit_secs>]", "Record File", true, true, record},
    application{"record_session", "<path>", "Record Session", true, true, record_session},
    application{"send_dtmf", "<dtmf_data>", "Send DTMF to remote endpoint", false, true, send_dtmf},
    application{"start_dtmf", "", "Detect dtmf", false, true, nothing},
    application{"stop_dtmf", "", "stop inband dtmf", false, true, nothing},
    application{"stop_record_session", "<path>", "Stop Record Session", false, true, stop_record_session},
};

}  // namespace

bool record_leg(channel& who, const std::string& name, std::chrono::seconds limit)
{
    if (!who.media()) return false;
    const auto path = recording_path(who, name);
    const auto& values = who.variables();
    const auto how = values.is_true("RECORD_STEREO")      ? recorder::mix::stereo
                     : values.is_true("RECORD_READ_ONLY") ? recorder::mix::read_only
                                                          : recorder::mix::both;
    auto file = open_recorder(who, path, how);
    if (!file) return false;
    who.media()->add_sink(file);
    who.add_recording(file);
    who.emit("RECORD_START", origins::record_start, detail::full, {}, {{"Record-File-Path", path}});
    if (limit.count() > 0)
        who.board().schedule(limit, who.uuid(), [leg = who.weak_from_this(), path] {
            if (const auto alive = leg.lock()) alive->stop_recording(path);
        });
    return true;
}

bool stop_recording_leg(channel& who, const std::string& name)
{
    return who.stop_recording(name == "all" ? name : recording_path(who, name));
}

bool mask_recording_leg(channel& who, const std::string& name, bool on)
{
    return who.mask_recording(name == "all" ? name : recording_path(who, name), on);
}

std::span<const application> media_applications()
{
    return table;
}

}  // namespace strowger::softswitch
