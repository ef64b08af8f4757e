// Verbs on one channel: uuid_*.
#include "softswitch/api/verb.hpp"
#include "softswitch/application.hpp"
#include "softswitch/bridge.hpp"
#include "softswitch/origins.hpp"
#include "softswitch/playhead.hpp"
#include "softswitch/sources.hpp"
#include "softswitch/text.hpp"

#include <array>

namespace strowger::softswitch::api {
namespace {

constexpr std::string_view ok = "+OK\n";
constexpr std::string_view no_session = "-ERR Cannot locate session!\n";

std::string success_or_failure(bool succeeded)
{
    return succeeded ? "+OK Success\n" : "-ERR Operation failed\n";
}

std::string uuid_kill(context& with, const verb& self, std::string_view args)
{
    if (args.empty()) return self.usage();
    const auto [uuid, cause] = text::cut(args, ' ');
    const auto leg = with.board.find(uuid);
    if (!leg) return std::string{no_such_channel};
    const auto fallback = text::trim(cause).empty() ? pbx::cause::normal_clearing : pbx::cause::none;
    leg->hang_up(pbx::parse_cause(text::trim(cause)).value_or(fallback));
    return std::string{ok};
}

std::string uuid_exists(context& with, const verb&, std::string_view args)
{
    return with.board.find(args) ? "true" : "false";
}

std::string uuid_answer(context& with, const verb&, std::string_view args)
{
    const auto leg = with.board.find(args);
    return leg && leg->answer() ? std::string{ok} : "-ERROR\n";
}

std::string uuid_pre_answer(context& with, const verb&, std::string_view args)
{
    const auto leg = with.board.find(args);
    return leg && leg->pre_answer() ? std::string{ok} : "-ERROR\n";
}

std::string uuid_ring_ready(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 2);
    if (words.empty()) return self.usage();
    const auto leg = with.board.find(words[0]);
    return leg && leg->ring_ready() ? std::string{ok} : "-ERROR\n";
}

std::string uuid_bridge(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 4);
    if (words.size() < 2) return self.usage();
    const auto a = with.board.find(words[0]);
    for (std::size_t i = 1; i < std::min<std::size_t>(words.size(), 3); ++i)
        if (join(a, with.board.find(words[i]))) return "+OK " + words[i] + '\n';
    return "-ERR Invalid uuid\n";
}

/// <uuid> [-bleg|-both] <number> [<dialplan>] [<context>]
std::string uuid_transfer(context& with, const verb& self, std::string_view args)
{
    auto words = text::words(args, 5);
    if (words.size() < 2) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return std::string{no_such_channel};
    const std::string option = words[1].starts_with('-') ? words[1] : "";
    words.erase(words.begin(), words.begin() + (option.empty() ? 1 : 2));
    words.resize(3);
    const auto partner = leg->partner();
    const bool other_only = text::same(option, "-bleg") && partner;
    if (partner && (other_only || text::same(option, "-both"))) partner->transfer(words[0], words[1], words[2]);
    if (!other_only) leg->transfer(words[0], words[1], words[2]);
    return std::string{ok};
}

std::string uuid_dual_transfer(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 3);
    if (words.size() < 3) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return std::string{no_such_channel};
    const auto send = [](channel& who, const std::string& to) {
        auto parts = text::split(to, '/', 3);
        parts.resize(3);
        who.transfer(parts[0], parts[1], parts[2]);
    };
    if (const auto partner = leg->partner()) send(*partner, words[2]);
    send(*leg, words[1]);
    return std::string{ok};
}

std::string uuid_park(context& with, const verb& self, std::string_view args)
{
    if (args.empty()) return self.usage();
    const auto leg = with.board.find(args);
    if (!leg) return std::string{no_such_channel};
    leg->park();
    return std::string{ok};
}

/// [off|toggle] <uuid>; an unknown uuid is a success to FreeSWITCH.
std::string uuid_hold(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 4);
    if (words.empty()) return self.usage() + success_or_failure(false);
    const bool off = text::same(words[0], "off"), toggle = text::same(words[0], "toggle");
    const auto leg = with.board.find(off || toggle ? (words.size() > 1 ? words[1] : "") : words[0]);
    if (!leg) return success_or_failure(true);
    const bool on = toggle ? leg->call_state() != call_state::held : !off;
    return success_or_failure(leg->hold(on));
}

/// <uuid> <path>|<app>[!<cause>]::<args> [aleg|bleg|both|holdb]
std::string uuid_broadcast(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 4);
    if (words.size() < 2) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return "-ERR invalid uuid\n";
    const auto mark = words[1].find("::");
    const bool named = mark != std::string::npos;
    const auto [application, cause] = text::cut(named ? std::string_view{words[1]}.substr(0, mark) : "playback", '!');
    const std::string data = named ? words[1].substr(mark + 2) : words[1];
    const std::string_view legs = words.size() > 2 ? std::string_view{words[2]} : "aleg";
    const bool both = text::contains(legs, "both");
    const auto partner = leg->partner();
    if (partner && (both || text::contains(legs, "bleg"))) partner->queue(std::string{application}, data, 1);
    if (both || text::contains(legs, "aleg")) leg->queue(std::string{application}, data, 1);
    if (named && words[1].substr(0, mark).find('!') != std::string::npos)
        leg->queue("hangup", cause.empty() ? "normal_clearing" : std::string{cause}, 1);
    return "+OK Message sent\n";
}

std::string uuid_break(context& with, const verb& self, std::string_view args)
{
    if (args.empty()) return self.usage();
    const auto [uuid, flags] = text::cut(args, ' ');
    const auto leg = with.board.find(uuid);
    if (!leg) return std::string{no_such_channel};
    const bool every = flags.find("all") != std::string_view::npos;
    const auto partner = flags.find("both") != std::string_view::npos ? leg->partner() : nullptr;
    leg->request_break(every);
    if (partner) partner->request_break(every);
    return std::string{ok};
}

std::string uuid_send_dtmf(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 2);
    if (words.size() < 2) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return std::string{no_session};
    if (!leg->send_dtmf(words[1])) return "-ERR Operation failed\n";
    return "+OK " + words[0] + " sent DTMF " + words[1] + ".\n";
}

std::string uuid_recv_dtmf(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 2);
    if (words.size() < 2) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return std::string{no_session};
    leg->receive_dtmf(text::cut(words[1], '@').first, 250);
    return "+OK " + words[0] + " received DTMF " + words[1] + ".\n";
}

std::string uuid_flush_dtmf(context& with, const verb&, std::string_view args)
{
    const auto leg = with.board.find(args);
    if (!leg) return "-ERR No such session\n";
    leg->flush_dtmf();
    return std::string{ok};
}

std::string uuid_setvar(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 3);
    if (words.size() < 2) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return std::string{no_such_channel};
    leg->variables().set(words[1], words.size() > 2 ? std::string_view{words[2]} : std::string_view{});
    return std::string{ok};
}

std::string uuid_setvar_multi(context& with, const verb& self, std::string_view args)
{
    const auto [uuid, rest] = text::cut(args, ' ');
    if (rest.empty()) return self.usage();
    const auto leg = with.board.find(uuid);
    if (!leg) return std::string{no_such_channel} + self.usage();
    for (const auto& pair : text::split(rest, ';', 64)) {
        const auto [name, value] = text::cut(pair, '=');
        if (!name.empty()) leg->variables().set(name, value);
    }
    return std::string{ok};
}

std::string uuid_getvar(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 4);
    if (words.size() < 2) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return std::string{no_such_channel};
    const auto* value = leg->variables().find(words[1]);
    return value ? *value : "_undef_";
}

std::string dump_json(const pbx::event& what)
{
    std::string out = "{";
    for (std::size_t i = 0; i < what.size(); ++i) {
        if (i > 0) out += ',';
        text::append_json(out, what[i].name);
        out += ':';
        text::append_json(out, what[i].value);
    }
    return out + '}';
}

std::string uuid_dump(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 2);
    if (words.empty()) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return std::string{no_such_channel};
    auto data = with.board.events().make("CHANNEL_DATA", origins::data);
    leg->describe(data, channel::detail::full);
    const std::string_view format = words.size() > 1 ? std::string_view{words[1]} : "txt";
    if (text::same(format, "json")) return dump_json(data);
    std::string out;
    for (std::size_t i = 0; i < data.size(); ++i) {
        out.append(data[i].name) += ": ";
        out += text::same(format, "plain") ? std::string{data[i].value} : text::url_encode(data[i].value);
        out += '\n';
    }
    return out + '\n';
}

/// <uuid> start|stop|mask|unmask <path> [<limit>]
std::string uuid_record(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 5);
    if (words.size() < 3) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return std::string{no_session};
    const auto limit = words.size() > 3 ? text::to_number(words[3]).value_or(0) : 0;
    const auto done = [](bool well, std::string_view problem) {
        return well ? "+OK Success\n" : "-ERR Cannot " + std::string{problem} + " session!\n";
    };
    if (text::same(words[1], "start"))
        return done(record_leg(*leg, words[2], std::chrono::seconds{std::clamp<std::int64_t>(limit, 0, 86400)}),
                    "record");
    if (text::same(words[1], "stop")) return done(stop_recording_leg(*leg, words[2]), "stop record");
    if (text::same(words[1], "mask")) return done(mask_recording_leg(*leg, words[2], true), "mask recording");
    if (text::same(words[1], "unmask")) return done(mask_recording_leg(*leg, words[2], false), "unmask recording");
    return self.usage();
}

std::string start_displacing(context& with, const std::vector<std::string>& words)
{
    const std::string cannot = "-ERR Cannot displace session!\n";
    const auto path = source_path(with.board.configured(), words[2]);
    std::uint32_t rate_hz = 0;
    with.board.control().call([&] {
        const auto leg = with.board.find(words[0]);
        if (leg && leg->pre_answer() && leg->can_displace(path)) rate_hz = leg->media()->format().rate_hz;
    });
    if (rate_hz == 0) return cannot;
    auto source = open_source_waiting(path, rate_hz);
    if (!source) return cannot;
    const auto limit = words.size() > 3 ? text::to_number(words[3]).value_or(0) : 0;
    const bool mixes = words.size() > 4 && words[4].find('m') != std::string::npos;
    bool done = false;
    with.board.control().call([&] {
        const auto leg = with.board.find(words[0]);
        done = leg && leg->displace(path, std::move(*source), mixes,
                                    std::chrono::seconds{std::clamp<std::int64_t>(limit, 0, 86400)});
    });
    return done ? "+OK Success\n" : cannot;
}

/// <uuid> start|stop <path> [<limit>] [mux]. The file is read on the caller's thread.
std::string uuid_displace(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 5);
    if (words.size() < 3) return self.usage();
    bool found = false;
    with.board.control().call([&] { found = with.board.find(words[0]) != nullptr; });
    if (!found) return std::string{no_session};
    if (text::same(words[1], "start")) return start_displacing(with, words);
    if (!text::same(words[1], "stop")) return self.usage();
    bool stopped = false;
    with.board.control().call([&] {
        const auto leg = with.board.find(words[0]);
        stopped = leg && leg->stop_displacing(source_path(with.board.configured(), words[2]));
    });
    return stopped ? "+OK Success\n" : "-ERR Cannot stop displace session!\n";
}

/// <uuid> stop | start read|write mute|level <number>. Any number but 0 mutes; a level beyond 4 changes nothing.
std::string uuid_audio(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 5);
    if (words.size() < 2) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return std::string{no_such_channel};
    if (text::same(words[1], "stop")) {
        leg->stop_audio_changes();
        return std::string{ok};
    }
    if (!text::same(words[1], "start") || words.size() < 5) return self.usage();
    const bool read = text::same(words[2], "read"), mute = text::same(words[3], "mute");
    if ((!read && !text::same(words[2], "write")) || (!mute && !text::same(words[3], "level"))) return self.usage();
    const auto which = read ? direction::read : direction::write;
    const auto number = static_cast<int>(std::clamp<std::int64_t>(text::to_number(words[4]).value_or(0), -99, 99));
    if (leg->pre_answer()) mute ? leg->mute(which, number != 0) : leg->set_level(which, number);
    return std::string{ok};
}

/// `2` is that volume, `+2` so much louder than now, `+` a step.
void change_volume(playhead& head, std::string_view value)
{
    const bool relative = value.starts_with('+') || value.starts_with('-');
    const auto fallback = value.starts_with('-') ? -1 : 1;
    auto number = text::to_number(value).value_or(0);
    if (relative) number = (number == 0 ? fallback : number) + head.steps.load();
    head.steps.store(static_cast<int>(std::clamp<std::int64_t>(number, -volume::most, volume::most)));
}

/// <uuid> pause|stop|restart|volume:<val>; a second pause goes on. FreeSWITCH's speed, seek and truncate fail here.
std::string uuid_fileman(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 4);
    if (words.size() < 2) return self.usage();
    const auto leg = with.board.find(words[0]);
    if (!leg) return std::string{no_such_channel};
    const auto head = leg->head();
    if (!head) return "-ERR No file handle!\n";
    const auto [command, value] = text::cut(words[1], ':');
    if (text::same(command, "pause")) {
        head->paused.store(!head->paused.load());
    } else if (text::same(command, "stop")) {
        head->stopping.store(true);
    } else if (text::same(command, "restart")) {
        head->restarting.store(true);
    } else if (text::same(command, "volume")) {
        change_volume(*head, value);
    } else {
        return success_or_failure(false);
    }
    return std::string{ok};
}

std::string uuid_deflect(context& with, const verb& self, std::string_view args)
{
    const auto [uuid, target] = text::cut(args, ' ');
    if (uuid.empty() || target.empty()) return self.usage();
    const auto leg = with.board.find(uuid);
    if (!leg) return "-ERR No such channel " + std::string{uuid} + "!\n";
    if (auto* party = leg->party()) party->redirect(target);
    return std::string{"+OK:"} + '\n';
}

/// The switch always stays in the path of the media.
std::string uuid_media(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 4);
    if (words.empty()) return self.usage() + success_or_failure(false);
    const bool off = text::same(words[0], "off");
    const auto leg = with.board.find(off ? (words.size() > 1 ? words[1] : "") : words[0]);
    return success_or_failure(leg && !off && leg->media());
}

constexpr std::array table{
    verb{"break", "<uuid> [all]", "uuid_break", runs::on_control, uuid_break},
    verb{"uuid_answer", "<uuid>", "answer", runs::on_control, uuid_answer},
    verb{"uuid_break", "<uuid> [all]", "Break out of media sent to channel", runs::on_control, uuid_break},
    verb{"uuid_audio", "<uuid> [start [read|write] [mute|level <level>]|stop]", "uuid_audio", runs::on_control,
         uuid_audio},
    verb{"uuid_bridge", "<uuid> <other_uuid>", "Bridge call legs", runs::on_control, uuid_bridge},
    verb{"uuid_broadcast", "<uuid> <path> [aleg|bleg|holdb|both]", "Execute dialplan application", runs::on_control,
         uuid_broadcast},
    verb{"uuid_deflect", "<uuid> <uri>", "Send a deflect", runs::on_control, uuid_deflect},
    verb{"uuid_displace", "<uuid> [start|stop] <path> [<limit>] [mux]", "Displace audio", runs::waiting,
         uuid_displace},
    verb{"uuid_dual_transfer",
         "<uuid> <A-dest-exten>[/<A-dialplan>][/<A-context>] <B-dest-exten>[/<B-dialplan>][/<B-context>]",
         "Transfer a session and its partner", runs::on_control, uuid_dual_transfer},
    verb{"uuid_dump", "<uuid> [format]", "Dump session vars", runs::on_control, uuid_dump},
    verb{"uuid_exists", "<uuid>", "Check if a uuid exists", runs::on_control, uuid_exists},
    verb{"uuid_fileman", "<uuid> <cmd>:<val>", "Manage session audio", runs::on_control, uuid_fileman},
    verb{"uuid_flush_dtmf", "<uuid>", "Flush dtmf on a given uuid", runs::on_control, uuid_flush_dtmf},
    verb{"uuid_getvar", "<uuid> <var>", "Get a variable from a channel", runs::on_control, uuid_getvar},
    verb{"uuid_hold", "[off|toggle] <uuid> [<display>]", "Place call on hold", runs::on_control, uuid_hold},
    verb{"uuid_kill", "<uuid> [cause]", "Kill channel", runs::on_control, uuid_kill},
    verb{"uuid_media", "[off] <uuid>", "Reinvite FS in or out of media path", runs::on_control, uuid_media},
    verb{"uuid_park", "<uuid>", "Park channel", runs::on_control, uuid_park},
    verb{"uuid_pre_answer", "<uuid>", "pre_answer", runs::on_control, uuid_pre_answer},
    verb{"uuid_record", "<uuid> [start|stop|mask|unmask] <path> [<limit>] [<recording_vars>]", "Record session audio",
         runs::on_control, uuid_record},
    verb{"uuid_recv_dtmf", "<uuid> <dtmf_data>", "Receive dtmf digits", runs::on_control, uuid_recv_dtmf},
    verb{"uuid_ring_ready", "<uuid> [queued]", "Sending ringing to a channel", runs::on_control, uuid_ring_ready},
    verb{"uuid_send_dtmf", "<uuid> <dtmf_data>", "Send dtmf digits", runs::on_control, uuid_send_dtmf},
    verb{"uuid_setvar", "<uuid> <var> [value]", "Set a variable", runs::on_control, uuid_setvar},
    verb{"uuid_setvar_multi", "<uuid> <var>=<value>;<var>=<value>...", "Set multiple variables", runs::on_control,
         uuid_setvar_multi},
    verb{"uuid_transfer", "<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]", "Transfer a session",
         runs::on_control, uuid_transfer},
};

}  // namespace

std::span<const verb> channel_verbs()
{
    return table;
}

}  // namespace strowger::softswitch::api
