#include "media/tone_stream.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace strowger::media {
namespace {

constexpr std::size_t max_characters = 4096;
constexpr std::size_t max_elements = 256;
constexpr std::int64_t max_ms = 3600000;
constexpr std::int64_t max_plays = 1000000;
constexpr double lowest_dbm0 = -63;
constexpr double highest_dbm0 = 0;
// A full-scale sine is +3.14 dBm0 (G.711) and -3.01 dBov.
constexpr double dbm0_to_dbov = -6.15;

struct dtmf {
    char digit;
    double low_hz, high_hz;
};
constexpr auto dtmf_tones = std::to_array<dtmf>({
    {'1', 697, 1209},
    {'2', 697, 1336},
    {'3', 697, 1477},
    {'A', 697, 1633},  //
    {'4', 770, 1209},
    {'5', 770, 1336},
    {'6', 770, 1477},
    {'B', 770, 1633},  //
    {'7', 852, 1209},
    {'8', 852, 1336},
    {'9', 852, 1477},
    {'C', 852, 1633},  //
    {'*', 941, 1209},
    {'0', 941, 1336},
    {'#', 941, 1477},
    {'D', 941, 1633},  //
});

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

template <class Number>
bool read_number(std::string_view text, Number least, Number most, Number& out)
{
    text = trimmed(text);
    if (text.starts_with('+')) text.remove_prefix(1);
    Number value{};
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size() || !(value >= least && value <= most)) return false;
    out = value;
    return true;
}

bool read_plays(std::string_view text, std::int64_t& out)
{
    return read_number<std::int64_t>(text, -1, max_plays, out) && out != 0;
}

std::string_view take_until(std::string_view& text, char stop)
{
    const auto end = std::min(text.find(stop), text.size());
    const auto taken = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return taken;
}

/// Reads one script, element by element, under the settings made so far.
class parser {
public:
    explicit parser(std::uint32_t rate_hz) : rate_hz_{rate_hz} {}

    result<void> read(std::string_view text)
    {
        while (!text.empty()) {
            const char c = text.front();
            if (c == ';' || std::isspace(static_cast<unsigned char>(c)) != 0) {
                text.remove_prefix(1);
                continue;
            }
            const bool setting = text.size() > 1 && text[1] == '=';
            if (auto done = setting ? read_setting(take_until(text, ';')) : read_tone(text); !done) return done;
            if (script.size() > max_elements) return errc::tone_too_long;
        }
        if (script.empty()) return errc::tone_empty;
        return {};
    }

    std::vector<tone_stream::element> script;
    std::int64_t plays = 1;

private:
    result<void> read_setting(std::string_view text)
    {
        const auto value = text.substr(2);
        const auto good = [](bool read, errc otherwise) -> result<void> {
            if (read) return {};
            return otherwise;
        };
        const auto fade = [&](double direction) {
            fade_direction_ = direction;
            return read_number<std::int64_t>(value, 0, max_ms, fade_ms_);
        };
        switch (text.front()) {
            case 'v':
                return good(read_number(value, lowest_dbm0, highest_dbm0, level_dbm0_), errc::tone_bad_setting);
            case 'd':
                return good(read_number<std::int64_t>(value, 0, max_ms, on_ms_), errc::tone_bad_setting);
            case 'w':
                return good(read_number<std::int64_t>(value, 0, max_ms, off_ms_), errc::tone_bad_setting);
            case '>':
                return good(fade(-1), errc::tone_bad_setting);
            case '<':
                return good(fade(1), errc::tone_bad_setting);
            case '+':
                return good(read_number(value, 0.0, -lowest_dbm0, fade_db_), errc::tone_bad_setting);
            case 'l':
                return good(read_plays(value, next_plays_), errc::tone_bad_loops);
            case 'L':
                return good(read_plays(value, plays), errc::tone_bad_loops);
            default:
                return errc::tone_unknown_element;
        }
    }

    result<void> read_tone(std::string_view& text)
    {
        const char sign = text.front();
        text.remove_prefix(1);
        tone_stream::element one;
        const auto found =
            std::ranges::find(dtmf_tones, std::toupper(static_cast<unsigned char>(sign)), &dtmf::digit);
        if (found != dtmf_tones.end()) {
            one.frequencies_hz = {found->low_hz, found->high_hz};
            one.frequencies = 2;
        } else if (sign != '%' || !text.starts_with('(')) {
            return errc::tone_unknown_element;
        }
        auto on_ms = on_ms_;
        auto off_ms = off_ms_;
        if (text.starts_with('(')) {
            text.remove_prefix(1);
            if (text.find(')') == std::string_view::npos) return errc::tone_unclosed;
            auto inside = take_until(text, ')');
            if (!read_number<std::int64_t>(take_until(inside, ','), 0, max_ms, on_ms) ||
                !read_number<std::int64_t>(take_until(inside, ','), 0, max_ms, off_ms))
                return errc::tone_bad_duration;
            if (auto done = read_frequencies(inside, one); !done) return done;
        }
        if (on_ms + off_ms == 0) return errc::tone_bad_duration;  // would never end, playing nothing
        one.on = samples(on_ms);
        one.off = samples(off_ms);
        return add(one);
    }

    result<void> read_frequencies(std::string_view list, tone_stream::element& one) const
    {
        if (one.frequencies > 0) return list.empty() ? result<void>{} : errc::tone_unknown_element;  // a DTMF digit
        do {
            if (one.frequencies == one.frequencies_hz.size()) return errc::tone_too_many_frequencies;
            auto& hz = one.frequencies_hz[one.frequencies++];
            if (!read_number(take_until(list, ','), 0.0, rate_hz_ / 2.0, hz) || hz <= 0)
                return errc::tone_bad_frequency;
        } while (!list.empty());
        return {};
    }

    result<void> add(tone_stream::element one)
    {
        one.level_dbm0 = level_dbm0_;
        one.fade_db = fade_direction_ * fade_db_;
        one.fade_step = samples(fade_ms_);
        one.plays = std::exchange(next_plays_, 1);
        script.push_back(one);
        return {};
    }

    std::uint64_t samples(std::int64_t ms) const { return static_cast<std::uint64_t>(ms) * rate_hz_ / 1000; }

    // libteletone's own defaults
    double level_dbm0_ = -7;
    double fade_db_ = 1;
    double fade_direction_ = 0;
    std::int64_t fade_ms_ = 0;
    std::int64_t on_ms_ = 250;
    std::int64_t off_ms_ = 62;
    std::int64_t next_plays_ = 1;
    std::uint32_t rate_hz_;
};

/// Cuts `;loops=N` off, in any case, wherever the script has it: what follows it is not looked at.
result<std::int64_t> take_loops(std::string_view& spec)
{
    static constexpr std::string_view word = ";loops=";
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    const auto found = std::ranges::search(spec, word, same);
    if (found.empty()) return 1;
    const auto value = spec.substr(static_cast<std::size_t>(found.end() - spec.begin()));
    std::int64_t plays = 1;
    if (!read_plays(value.substr(0, value.find(';')), plays)) return errc::tone_bad_loops;
    spec = spec.substr(0, static_cast<std::size_t>(found.begin() - spec.begin()));
    return plays;
}

std::int64_t times(std::int64_t a, std::int64_t b)
{
    return a < 0 || b < 0 ? -1 : a * b;
}

}  // namespace

result<std::unique_ptr<tone_stream>> tone_stream::parse(std::string_view spec, std::uint32_t rate_hz)
{
    if (rate_hz < 8000 || rate_hz > 192000) return errc::bad_rate;
    if (spec.size() > max_characters) return errc::tone_too_long;
    const auto loops = take_loops(spec);
    if (!loops) return loops.error();
    parser script{rate_hz};
    if (const auto read = script.read(spec); !read) return read.error();
    return std::unique_ptr<tone_stream>{
        new tone_stream{std::move(script.script), times(*loops, script.plays), rate_hz}};
}

tone_stream::tone_stream(std::vector<element> script, std::int64_t plays, std::uint32_t rate_hz)
    : script_{std::move(script)}, rate_hz_{rate_hz}, plays_left_{plays}
{
}

bool tone_stream::next(std::span<std::int16_t> pcm) noexcept
{
    std::size_t filled = 0;
    while (filled < pcm.size()) {
        if (position_ == 0 && !begin_element()) break;
        const element& now = script_[at_];
        const auto part = pcm.subspan(filled);
        const bool sounding = position_ < now.on;
        const auto left = (sounding ? now.on : now.on + now.off) - position_;
        const auto taken = part.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, part.size())));
        if (sounding) {
            fill_tone(taken);
        } else {
            std::ranges::fill(taken, std::int16_t{0});
        }
        position_ += taken.size();
        filled += taken.size();
        if (position_ == now.on + now.off) {
            position_ = 0;
            ++element_plays_;
        }
    }
    std::ranges::fill(pcm.subspan(filled), std::int16_t{0});
    return filled > 0;
}

/// Chooses what plays next. @return false when the script is over
bool tone_stream::begin_element() noexcept
{
    if (plays_left_ == 0) return false;
    if (script_[at_].plays >= 0 && element_plays_ >= script_[at_].plays) {
        element_plays_ = 0;
        if (++at_ == script_.size()) {
            at_ = 0;
            if (plays_left_ > 0 && --plays_left_ == 0) return false;
        }
    }
    const element& now = script_[at_];
    level_dbm0_ = now.level_dbm0;
    tone_.emplace(std::span{now.frequencies_hz}.first(now.frequencies), rate_hz_, 0.0);
    return true;
}

void tone_stream::fill_tone(std::span<std::int16_t> pcm) noexcept
{
    const element& now = script_[at_];
    // Several tones share the level, as libteletone has it.
    const double shared = dbm0_to_dbov - 20 * std::log10(static_cast<double>(now.frequencies));
    for (auto at = position_; !pcm.empty();) {
        const auto until_step = now.fade_step > 0 ? now.fade_step - at % now.fade_step : pcm.size();
        const auto part = pcm.first(static_cast<std::size_t>(std::min<std::uint64_t>(until_step, pcm.size())));
        tone_->set_level(level_dbm0_ + shared);
        tone_->next(part);
        at += part.size();
        pcm = pcm.subspan(part.size());
        const double faded = level_dbm0_ + now.fade_db;
        if (part.size() == until_step && now.fade_step > 0 && faded >= lowest_dbm0 && faded <= highest_dbm0)
            level_dbm0_ = faded;
    }
}

}  // namespace strowger::media
