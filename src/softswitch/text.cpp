#include "softswitch/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace strowger::softswitch::text {
namespace {

char lower(char c) noexcept
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool blank(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Takes quotes and backslashes off one word.
std::string clean(std::string_view word, char separator)
{
    std::string out;
    out.reserve(word.size());
    bool quoted = false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const char c = word[i];
        if (c == '\\' && i + 1 < word.size()) {
            const char next = word[i + 1];
            const bool protects = next == '\'' || next == '\\' || next == separator;
            if (protects) {
                out += next;
                ++i;
                continue;
            }
        }
        if (c == '\'') {
            quoted = !quoted;
            continue;
        }
        out += c;
    }
    // An apostrophe that nothing closes is a letter, not a quote.
    if (!quoted) return out;
    out.insert(std::min(word.find('\''), out.size()), 1, '\'');
    return out;
}

/// Where the word that starts at `from` ends.
std::size_t end_of_word(std::string_view text, std::size_t from, char separator) noexcept
{
    bool quoted = false;
    for (std::size_t i = from; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            continue;
        }
        if (text[i] == '\'' && (quoted || text.find('\'', i + 1) != std::string_view::npos)) quoted = !quoted;
        if (text[i] == separator && !quoted) return i;
    }
    return text.size();
}

}  // namespace

std::string_view trim(std::string_view text) noexcept
{
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return text;
}

bool same(std::string_view left, std::string_view right) noexcept
{
    return std::ranges::equal(left, right, [](char a, char b) { return lower(a) == lower(b); });
}

bool contains(std::string_view text, std::string_view part) noexcept
{
    return !std::ranges::search(text, part, [](char a, char b) { return lower(a) == lower(b); }).empty() ||
           part.empty();
}

bool is_true(std::string_view text) noexcept
{
    static constexpr std::array<std::string_view, 7> words{"yes", "on", "true", "t", "enabled", "active", "allow"};
    if (std::ranges::any_of(words, [&](std::string_view word) { return same(text, word); })) return true;
    const auto number = to_number(text);
    return number && *number != 0;
}

bool is_false(std::string_view text) noexcept
{
    static constexpr std::array<std::string_view, 7> words{"no",       "off",      "false",   "f",
                                                           "disabled", "inactive", "disallow"};
    if (std::ranges::any_of(words, [&](std::string_view word) { return same(text, word); })) return true;
    return to_number(text) == 0;
}

std::optional<std::int64_t> to_number(std::string_view text) noexcept
{
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::vector<std::string> split(std::string_view text, char separator, std::size_t most)
{
    if (separator == ' ') text = trim(text);
    std::vector<std::string> out;
    if (text.empty()) return out;
    for (std::size_t at = 0;;) {
        while (separator == ' ' && text[at] == ' ') ++at;
        const bool last = out.size() + 1 == most;
        const auto end = last ? text.size() : end_of_word(text, at, separator);
        out.push_back(clean(text.substr(at, end - at), separator));
        if (end == text.size()) return out;
        at = end + 1;
    }
}

halves cut(std::string_view text, char separator) noexcept
{
    const auto at = text.find(separator);
    if (at == std::string_view::npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + 1)};
}

std::string url_encode(std::string_view text)
{
    static constexpr std::string_view plain = "-_.!~*'()/:;,?@&=+$";
    static constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || plain.find(c) != std::string_view::npos) {
            out += c;
        } else {
            out += {'%', hex[byte >> 4], hex[byte & 15]};
        }
    }
    return out;
}

void append_json(std::string& out, std::string_view text)
{
    static constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (byte < 0x20) {
                    out += "\\u00";
                    out += {hex[byte >> 4], hex[byte & 15]};
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

}  // namespace strowger::softswitch::text
