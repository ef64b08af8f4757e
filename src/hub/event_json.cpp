#include "hub/event_json.hpp"

#include "base/clock.hpp"
#include "hub/glob.hpp"
#include "hub/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace strowger::hub {
namespace {

constexpr std::size_t max_names = 4096;
constexpr std::uint32_t none = 0xFFFFFFFF;

/// Cheap and good enough for names that differ in length or in their ends.
std::uint64_t hash_of(std::string_view text) noexcept
{
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15ULL;
    std::uint64_t hash = text.size() * odd;
    const auto mix = [&](std::uint64_t word) { hash = (hash ^ word) * odd, hash ^= hash >> 29U; };
    while (text.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), 8);
        mix(word);
        text.remove_prefix(8);
    }
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), text.size());
    mix(word);
    return hash;
}

template <class Number>
std::optional<Number> number(std::string_view text)
{
    Number value = 0;
    const auto [stop, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

event_json::event_json(options with) : with_{std::move(with)}
{
    node_part_ = ",\"node_id\":";
    append_json_string(node_part_, with_.node_id);
    epoch_part_ = ",\"epoch\":";
    append_json_integer(epoch_part_, with_.epoch_us);
}

event_json::name event_json::decide(std::string_view header, std::uint64_t hash) const
{
    name out{std::string{header}, ",\"", hash};
    append_json_escaped(out.key, header);
    out.key += "\":\"";
    out.omit = (!with_.include.empty() && !any_glob_matches(with_.include, header)) ||
               any_glob_matches(with_.exclude, header);
    out.redact = any_glob_matches(with_.redact, header);
    out.variable = header.starts_with("variable_");
    if (header == "Unique-ID") out.is = role::uuid;
    if (header == "Event-Date-Timestamp") out.is = role::timestamp;
    if (header == "Event-Sequence") out.is = role::sequence;
    return out;
}

void event_json::make_room(std::size_t headers)
{
    if (names_.size() > max_names) {  // somebody makes names up: forget them all
        names_.clear();
        slots_.clear();
    }
    const auto wanted = std::max<std::size_t>(1024, 2 * (names_.size() + headers));
    if (slots_.size() >= wanted) return;
    std::size_t size = 1024;
    while (size < 2 * wanted) size *= 2;
    slots_.assign(size, 0);
    for (std::uint32_t i = 0; i < names_.size(); ++i) {
        auto at = names_[i].hash & (size - 1);
        while (slots_[at] != 0) at = (at + 1) & (size - 1);
        slots_[at] = i + 1;
    }
}

std::uint32_t event_json::look_up(std::string_view header)
{
    const auto hash = hash_of(header);
    auto at = hash & (slots_.size() - 1);
    for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
        const auto index = slots_[at] - 1;
        if (names_[index].hash == hash && names_[index].text == header) return index;
    }
    names_.push_back(decide(header, hash));
    slots_[at] = static_cast<std::uint32_t>(names_.size());
    return slots_[at] - 1;
}

/// Backwards, so that of a repeated name the last value is the one chosen.
void event_json::pick(const pbx::event& what, bool variables)
{
    make_room(what.size());
    if (++event_no_ == 0) {
        for (auto& it : names_) it.last_event = 0;
        event_no_ = 1;
    }
    uuid_ = timestamp_ = sequence_ = {};
    key_bytes_ = 0;
    chosen_.assign(what.size(), none);
    std::uint32_t guess = 0;
    std::uint32_t before = none;
    for (auto i = what.size(); i-- > 0;) {
        const auto header = what[i];
        const bool guessed = guess < names_.size() && names_[guess].text == header.name;
        const auto index = guessed ? guess : look_up(header.name);
        if (!guessed && before != none) names_[before].follower = index;
        auto& known = names_[index];
        before = index;
        guess = known.follower;
        if (known.last_event == event_no_) continue;
        known.last_event = event_no_;
        if (known.is == role::uuid) uuid_ = header.value;
        if (known.is == role::timestamp) timestamp_ = header.value;
        if (known.is == role::sequence) sequence_ = header.value;
        if (known.omit || (!variables && known.variable)) continue;
        chosen_[i] = index;
        key_bytes_ += known.key.size();
    }
}

void event_json::write_head(const pbx::event& what, std::uint64_t seq, bool variables)
{
    std::string& out = head_;
    out = "{\"event_name\":";
    append_json_string(out, what.name());
    const auto happened = number<std::int64_t>(timestamp_);
    out += ",\"timestamp\":";
    append_json_integer(out, happened && !with_.stamp_when_published ? *happened : now_us());
    out += node_part_;
    if (!uuid_.empty()) {
        out += ",\"uuid\":";
        append_json_string(out, uuid_);
    }
    if (!what.subclass().empty()) {
        out += ",\"subclass\":";
        append_json_string(out, what.subclass());
    }
    if (const auto sequence = number<std::uint64_t>(sequence_)) {
        out += ",\"sequence\":";
        append_json_unsigned(out, *sequence);
    }
    out += ",\"seq\":";
    append_json_unsigned(out, seq);
    out += epoch_part_;
    if (!variables) out += ",\"truncated\":true";
    out += ",\"headers\":{";
}

/// The most that the event can come to.
std::size_t event_json::room_for(const pbx::event& what) const
{
    constexpr std::size_t quotes_and_stars = 4;
    return head_.size() + key_bytes_ + what.size() * quotes_and_stars + escaped_room(what.bytes()) + 64;
}

char* event_json::write_headers(const pbx::event& what, char* out) const
{
    bool first = true;
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
        if (chosen_[i] == none) continue;
        const auto& known = names_[chosen_[i]];
        const std::string_view key = std::string_view{known.key}.substr(first ? 1 : 0);
        first = false;
        std::memcpy(out, key.data(), key.size());
        out = write_json_escaped(out + key.size(), known.redact ? "***" : what[i].value);
        *out++ = '"';
    }
    return out;
}

std::string_view event_json::write(const pbx::event& what, std::uint64_t seq, bool variables)
{
    constexpr std::string_view body_key = ",\"body\":\"";
    pick(what, variables);
    write_head(what, seq, variables);
    if (const auto room = room_for(what); room > buffer_size_) {
        buffer_ = std::make_unique_for_overwrite<char[]>(2 * room);
        buffer_size_ = 2 * room;
    }
    char* out = buffer_.get();
    std::memcpy(out, head_.data(), head_.size());
    out = write_headers(what, out + head_.size());
    *out++ = '}';
    if (!what.body().empty()) {
        std::memcpy(out, body_key.data(), body_key.size());
        out = write_json_escaped(out + body_key.size(), what.body());
        *out++ = '"';
    }
    *out++ = '}';
    return {buffer_.get(), static_cast<std::size_t>(out - buffer_.get())};
}

}  // namespace strowger::hub
