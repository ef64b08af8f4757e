#include "app/event_line.hpp"

#include "hub/glob.hpp"
#include "hub/json_view.hpp"

#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>

namespace strowger::app {
namespace {

constexpr std::size_t name_columns = 24;
constexpr std::size_t short_uuid = 8;
constexpr std::size_t most_detail_bytes = 160;
constexpr std::size_t most_nodes = 1024;

std::string text_of(const hub::json_view& in, std::string_view key)
{
    const auto found = in.field(key);
    return found && found->is_string() ? found->text() : std::string{};
}

std::int64_t number_of(const hub::json_view& in, std::string_view key)
{
    const auto found = in.field(key);
    return found ? found->integer().value_or(0) : 0;
}

/// C0 and DEL, and the C1 controls (U+0080 to U+009F, in UTF-8 C2 80 to C2 9F), become one blank each.
std::string printable(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
            out += ' ';
            ++i;
        } else {
            out += byte < 0x20 || byte == 0x7F ? ' ' : text[i];
        }
    }
    return out;
}

/// Cuts at a character's boundary.
std::string shortened(std::string text, std::size_t most)
{
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    return text.substr(0, most) + "…";
}

std::string short_id(std::string_view uuid)
{
    return std::string{uuid.substr(0, short_uuid)};
}

std::string local_time(std::int64_t timestamp_us)
{
    const auto seconds = static_cast<std::time_t>(timestamp_us / 1'000'000);
    std::tm local{};
    localtime_r(&seconds, &local);
    std::array<char, 32> text{};
    const auto used = std::strftime(text.data(), text.size(), "%H:%M:%S", &local);
    std::snprintf(text.data() + used, text.size() - used, ".%03d", static_cast<int>(timestamp_us / 1000 % 1000));
    return text.data();
}

std::string joined(std::initializer_list<std::string_view> words)
{
    std::string out;
    for (const auto word : words) {
        if (word.empty()) continue;
        if (!out.empty()) out += ' ';
        out += word;
    }
    return out;
}

std::string application(const event_view& e)
{
    std::string out{e.header("Application")};
    if (const auto data = e.header("Application-Data"); !data.empty()) out.append("(").append(data).append(")");
    if (const auto answer = e.header("Application-Response"); !answer.empty()) out.append(" = ").append(answer);
    return out;
}

std::string hang_up(const event_view& e)
{
    std::string out{e.header("Hangup-Cause")};
    if (const auto seconds = e.header("variable_duration"); !seconds.empty())
        out.append(" after ").append(seconds) += "s";
    return out;
}

std::string peers(const event_view& e)
{
    const auto a = e.header("Bridge-A-Unique-ID");
    const auto b = e.header("Bridge-B-Unique-ID");
    if (!a.empty() && !b.empty()) return short_id(a) + " <-> " + short_id(b);
    const auto other = e.header("Other-Leg-Unique-ID");
    return other.empty() ? "" : "with " + short_id(other);
}

std::string codec(const event_view& e)
{
    const auto name = e.header("Channel-Read-Codec-Name");
    return name.empty() ? "" : joined({name, std::string{e.header("Channel-Read-Codec-Rate")} + " Hz"});
}

std::string custom(const event_view& e)
{
    const auto user = e.header("from-user");
    const auto who = user.empty() ? std::string{} : std::string{user}.append("@").append(e.header("from-host"));
    return joined({e.subclass, who, e.header("contact")});
}

/// What this kind of event is about.
std::string detail(const event_view& e)
{
    const std::string_view name = e.name;
    if (name == "CHANNEL_STATE") return std::string{e.header("Channel-State")};
    if (name == "CHANNEL_CALLSTATE")
        return joined({e.header("Original-Channel-Call-State"), "->", e.header("Channel-Call-State")});
    if (name.starts_with("CHANNEL_HANGUP") || name == "CHANNEL_DESTROY") return hang_up(e);
    if (name.starts_with("CHANNEL_EXECUTE")) return application(e);
    if (name == "CHANNEL_BRIDGE" || name == "CHANNEL_UNBRIDGE" || name == "CALL_UPDATE") return peers(e);
    if (name == "CUSTOM") return custom(e);
    if (name == "CODEC") return codec(e);
    if (name == "DTMF") return joined({e.header("DTMF-Digit"), e.header("DTMF-Source")});
    if (name == "API") return joined({e.header("API-Command"), e.header("API-Command-Argument")});
    if (name == "BACKGROUND_JOB")
        return joined({short_id(e.header("Job-UUID")), e.header("Job-Command"), e.header("Job-Command-Arg")});
    if (name == "HEARTBEAT") return joined({e.header("Session-Count"), "calls, up", e.header("Up-Time")});
    if (name.starts_with("PLAYBACK_")) return std::string{e.header("Playback-File-Path")};
    if (name.starts_with("RECORD_")) return std::string{e.header("Record-File-Path")};
    return std::string{e.header("Answer-State")};
}

std::string_view colour_of(std::string_view name)
{
    if (name.starts_with("CHANNEL_HANGUP") || name == "CHANNEL_DESTROY") return "\x1b[31m";   // red: an end
    if (name == "CHANNEL_ANSWER" || name == "CHANNEL_BRIDGE") return "\x1b[32m";              // green: people talk
    if (name == "CHANNEL_CREATE" || name.starts_with("CHANNEL_PROGRESS")) return "\x1b[33m";  // yellow: it begins
    if (name == "CUSTOM") return "\x1b[35m";
    if (name.starts_with("CHANNEL_EXECUTE") || name == "CHANNEL_PARK") return "\x1b[36m";
    return "\x1b[2m";  // the rest steps back
}

std::string padded(std::string text, std::size_t columns)
{
    if (text.size() < columns) text.resize(columns, ' ');
    return text;
}

std::string parties(const event_view& e)
{
    const auto caller = e.header("Caller-Caller-ID-Number");
    const auto destination = e.header("Caller-Destination-Number");
    if (caller.empty() && destination.empty()) return {};
    return std::string{caller.empty() ? "?" : caller}.append(" → ").append(destination.empty() ? "?" : destination);
}

bool looks_like_uuid(std::string_view text) noexcept
{
    return text.size() >= short_uuid && std::ranges::all_of(text, [](char c) {
               return c == '-' || std::isxdigit(static_cast<unsigned char>(c)) != 0;
           });
}

}  // namespace

std::string_view event_view::header(std::string_view key) const noexcept
{
    const auto found = headers.find(key);
    return found == headers.end() ? std::string_view{} : std::string_view{found->second};
}

std::optional<event_view> parse_event(std::string_view text)
{
    const auto object = hub::json_view::parse(text);
    if (!object || !object->is_object()) return std::nullopt;
    event_view out;
    out.name = text_of(*object, "event_name");
    if (out.name.empty()) return std::nullopt;
    out.subclass = text_of(*object, "subclass");
    out.node = text_of(*object, "node_id");
    out.uuid = text_of(*object, "uuid");
    out.timestamp_us = number_of(*object, "timestamp");
    out.seq = number_of(*object, "seq");
    out.epoch = number_of(*object, "epoch");
    if (const auto headers = object->field("headers"); headers && headers->is_object())
        headers->for_each_member([&out](const hub::json_view& key, const hub::json_view& value) {
            if (value.is_string()) out.headers.insert_or_assign(key.text(), value.text());
            return true;
        });
    return out;
}

std::string render_line(const event_view& event, bool coloured)
{
    std::string out = local_time(event.timestamp_us) + "  ";
    if (coloured) out += colour_of(event.name);
    out += padded(printable(event.name), name_columns);
    if (coloured) out += "\x1b[0m";
    std::string rest = padded(printable(short_id(event.uuid)), short_uuid) + "  ";
    rest += padded(printable(event.header("Call-Direction")), sizeof "outbound");
    for (const auto& part : {parties(event), detail(event)})
        if (!part.empty()) rest += " " + shortened(printable(part), most_detail_bytes) + " ";
    rest.erase(rest.find_last_not_of(' ') + 1);
    return rest.empty() ? out.substr(0, out.find_last_not_of(' ') + 1) : out + "  " + rest;
}

bool event_filter::wants(const event_view& event) const noexcept
{
    if (patterns_.empty()) return true;
    return std::ranges::any_of(patterns_, [&](std::string_view pattern) {
        if (looks_like_uuid(pattern)) return hub::glob_match(std::string{pattern} + "*", event.uuid);
        return hub::glob_match(pattern, event.name) ||
               (!event.subclass.empty() && hub::glob_match(pattern, event.subclass));
    });
}

std::optional<std::string> sequence_watch::observe(const event_view& event)
{
    if (event.seq <= 0) return std::nullopt;
    const auto known = nodes_.find(event.node);
    if (known == nodes_.end()) {
        if (nodes_.size() < most_nodes) nodes_.emplace(event.node, place{event.epoch, event.seq});
        return std::nullopt;
    }
    const place before = known->second;
    known->second = {event.epoch, before.epoch == event.epoch ? std::max(before.seq, event.seq) : event.seq};
    const std::string node = printable(event.node);
    if (before.epoch != event.epoch) return "node " + node + " has started anew; numbering begins again";
    const auto missing = event.seq - before.seq - 1;
    if (missing <= 0) return std::nullopt;
    missed_ += static_cast<std::uint64_t>(missing);
    return "missed " + std::to_string(missing) + (missing == 1 ? " event" : " events") + " of node " + node +
           " (number " + std::to_string(before.seq + 1) +
           (missing == 1 ? "" : " to " + std::to_string(event.seq - 1)) + ")";
}

}  // namespace strowger::app
