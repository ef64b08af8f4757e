#include "hub/json_text.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace strowger::hub {
namespace {

constexpr std::uint64_t every(std::uint8_t byte)
{
    return 0x0101010101010101ULL * byte;
}

/// A bit in the lowest byte that JSON can't hold as it is: a control, a quote, a backslash or beyond ASCII.
/// Bits above the lowest may be wrong: a borrow runs upwards.
std::uint64_t special_bytes(std::uint64_t word)
{
    constexpr auto high = every(0x80);
    const auto quote = word ^ every('"');
    const auto backslash = word ^ every('\\');
    const auto below_space = (word - every(0x20)) & ~word;
    const auto is_quote = (quote - every(1)) & ~quote;
    const auto is_backslash = (backslash - every(1)) & ~backslash;
    return (word | below_space | is_quote | is_backslash) & high;
}

bool special(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\';
}

std::size_t plain_prefix(std::string_view text)
{
    static_assert(std::endian::native == std::endian::little);
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        if (const auto found = special_bytes(word)) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    }
    while (at < text.size() && !special(text[at])) ++at;
    return at;
}

void append_ascii_escape(std::string& out, char c)
{
    static constexpr std::string_view hex = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        default:
            break;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\u00";
    out += hex[byte >> 4U];
    out += hex[byte & 15U];
}

bool continuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept
{
    if (text.empty()) return 0;
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xC2 && first <= 0xDF   ? 2
                             : (first & 0xF0U) == 0xE0        ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
    if (size == 0 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if (!continuation(text[i])) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
    if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
    return size;
}

void append_json_escaped(std::string& out, std::string_view text)
{
    while (true) {
        const auto plain = plain_prefix(text);
        out.append(text.data(), plain);
        if (plain == text.size()) return;
        text.remove_prefix(plain);
        if (static_cast<unsigned char>(text[0]) < 0x80) {
            append_ascii_escape(out, text[0]);
            text.remove_prefix(1);
        } else if (const auto size = utf8_sequence(text); size > 0) {
            out.append(text.data(), size);
            text.remove_prefix(size);
        } else {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        }
    }
}

void append_json_string(std::string& out, std::string_view text)
{
    out += '"';
    append_json_escaped(out, text);
    out += '"';
}

void append_json_integer(std::string& out, std::int64_t value)
{
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

void append_json_unsigned(std::string& out, std::uint64_t value)
{
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

}  // namespace strowger::hub
