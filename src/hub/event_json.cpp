#include "hub/event_json.hpp"

#include "base/clock.hpp"
#include "hub/glob.hpp"
#include "hub/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

namespace strowger::hub {
namespace {

constexpr std::size_t max_names = 4096;
constexpr std::uint32_t none = 0xFFFFFFFF;
constexpr std::size_t block = 16;

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

/// Inline, for the names are short and there are a hundred an event.
bool same(std::string_view a, std::string_view b) noexcept
{
    if (a.size() != b.size()) return false;
    const auto word_differs = [&](std::size_t at) {
        std::uint64_t x = 0;
        std::uint64_t y = 0;
        std::memcpy(&x, a.data() + at, 8);
        std::memcpy(&y, b.data() + at, 8);
        return x != y;
    };
    const auto size = a.size();
    if (size < 8) return a == b;
    for (std::size_t at = 0; at + 8 <= size; at += 8)
        if (word_differs(at)) return false;
    return !word_differs(size - 8);
}

/// In blocks: reads and writes up to `block` bytes too many. @return behind the key
char* copy_key(char* out, const char* key, std::size_t size) noexcept
{
    for (std::size_t at = 0; at < size; at += block) std::memcpy(out + at, key + at, block);
    return out + size;
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

event_json::name event_json::decide(std::string_view header)
{
    std::string key = ",\"";
    append_json_escaped(key, header);
    key += "\":\"";
    // Room behind it, for copy_key() reads in blocks.
    auto room = std::make_unique_for_overwrite<char[]>(header.size() + key.size() + block);
    std::memcpy(room.get(), header.data(), header.size());
    std::memcpy(room.get() + header.size(), key.data(), key.size());
    std::memset(room.get() + header.size() + key.size(), 0, block);
    name out;
    out.text = room.get();
    out.text_size = static_cast<std::uint32_t>(header.size());
    out.key_size = static_cast<std::uint32_t>(key.size());
    arena_.push_back(std::move(room));
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
        arena_.clear();
    }
    const auto wanted = std::max<std::size_t>(1024, 2 * (names_.size() + headers));
    if (slots_.size() >= wanted) return;
    std::size_t size = 1024;
    while (size < 2 * wanted) size *= 2;
    slots_.assign(size, 0);
    for (std::uint32_t i = 0; i < names_.size(); ++i) {
        auto at = hash_of({names_[i].text, names_[i].text_size}) & (size - 1);
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
        if (same({names_[index].text, names_[index].text_size}, header)) return index;
    }
    names_.push_back(decide(header));
    slots_[at] = static_cast<std::uint32_t>(names_.size());
    return slots_[at] - 1;
}

bool event_json::is(std::uint32_t index, std::string_view header) const noexcept
{
    return index < names_.size() && same({names_[index].text, names_[index].text_size}, header);
}

/// As look_up(), but tries first what followed `before` in earlier events.
std::uint32_t event_json::find(std::string_view header, std::uint32_t before)
{
    if (before == none) return look_up(header);
    if (is(names_[before].next, header)) return names_[before].next;
    const auto index = is(names_[before].after_all, header) ? names_[before].after_all : look_up(header);
    names_[before].after_all = std::exchange(names_[before].next, index);
    return index;
}

void event_json::start_event()
{
    uuid_ = timestamp_ = sequence_ = {};
    if (++event_no_ != 0) return;
    for (auto& it : names_) it.last_event = 0;
    event_no_ = 1;
}

void event_json::note(const name& known, std::string_view value) noexcept
{
    if (known.is == role::uuid) uuid_ = value;
    if (known.is == role::timestamp) timestamp_ = value;
    if (known.is == role::sequence) sequence_ = value;
}

/// Seldom: a name came twice. Looks backwards, for the last value is the one to keep.
void event_json::find_repeated(const pbx::event& what)
{
    start_event();
    repeated_.assign(what.size(), false);
    for (auto i = what.size(); i-- > 0;) {
        auto& known = names_[look_up(what[i].name)];
        repeated_[i] = std::exchange(known.last_event, event_no_) == event_no_;
    }
    start_event();
}

/// @return behind what was written; nullptr when a name came twice that find_repeated() was not asked about
char* event_json::write_headers(const pbx::event& what, bool variables, char* out)
{
    std::size_t comma = 1;  // none in front of the first
    std::uint32_t index = none;
    for (std::size_t i = 0; i < what.size(); ++i) {
        const auto header = what[i];
        if (!repeated_.empty() && repeated_[i]) continue;
        index = find(header.name, index);
        auto& known = names_[index];
        if (known.last_event == event_no_) return nullptr;
        known.last_event = event_no_;
        if (known.is != role::plain) note(known, header.value);
        if (known.omit || (!variables && known.variable)) continue;
        out = copy_key(out, known.text + known.text_size + comma, known.key_size - comma);
        comma = 0;
        out = write_json_escaped(out, known.redact ? "***" : header.value);
        *out++ = '"';
    }
    return out;
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

/// The headers are written first, for only then it is known what stands in front of them; the head goes into a gap
/// that is as long as it can get.
std::string_view event_json::write(const pbx::event& what, std::uint64_t seq, bool variables)
{
    constexpr std::string_view body_key = ",\"body\":\"";
    constexpr std::size_t around_a_header = 2 * block;  // quotes, comma, stars, and what copy_key() writes too much
    const auto text = escaped_room(what.bytes());
    const auto gap = 512 + node_part_.size() + escaped_room(what.name().size() + what.subclass().size()) + text;
    if (const auto room = gap + text + around_a_header * (what.size() + 1); room > buffer_size_) {
        buffer_ = std::make_unique_for_overwrite<char[]>(2 * room);
        buffer_size_ = 2 * room;
    }
    make_room(what.size());
    start_event();
    repeated_.clear();
    char* const headers = buffer_.get() + gap;
    char* out = write_headers(what, variables, headers);
    if (out == nullptr) {
        find_repeated(what);
        out = write_headers(what, variables, headers);
    }
    *out++ = '}';
    if (!what.body().empty()) {
        std::memcpy(out, body_key.data(), body_key.size());
        out = write_json_escaped(out + body_key.size(), what.body());
        *out++ = '"';
    }
    *out++ = '}';
    write_head(what, seq, variables);
    char* const start = headers - head_.size();
    std::memcpy(start, head_.data(), head_.size());
    return {start, static_cast<std::size_t>(out - start)};
}

}  // namespace strowger::hub
