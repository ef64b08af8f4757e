#include "hub/json_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace strowger::hub {
namespace {

constexpr std::uint64_t every(std::uint8_t byte)
{
    return 0x0101010101010101ULL * byte;
}

std::uint64_t load8(const char* at) noexcept
{
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    return word;
}

/// Not 0 when one of eight bytes is none that JSON can hold as it is: a control, a quote, a backslash, or beyond
/// ASCII. The lowest bit that is set lies in the first such byte; those above may be wrong, for a borrow runs up.
std::uint64_t special_bytes(std::uint64_t word) noexcept
{
    constexpr auto high = every(0x80);
    const auto quote = word ^ every('"');
    const auto backslash = word ^ every('\\');
    const auto below_space = (word - every(0x20)) & ~word;
    const auto is_quote = (quote - every(1)) & ~quote;
    const auto is_backslash = (backslash - every(1)) & ~backslash;
    return (word | below_space | is_quote | is_backslash) & high;
}

bool special(char c) noexcept
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x80 || c == '"' || c == '\\';
}

/// Copies 8 bytes. @return the mask of special_bytes()
std::uint64_t copy8(char* out, const char* in) noexcept
{
    const auto word = load8(in);
    std::memcpy(out, &word, 8);
    return special_bytes(word);
}

/// Copies 4 bytes. @return not 0 when one of them is special
std::uint64_t copy4(char* out, const char* in) noexcept
{
    std::uint32_t word = 0;
    std::memcpy(&word, in, 4);
    std::memcpy(out, &word, 4);
    return special_bytes(word | (std::uint64_t{word} << 32U));
}

#if defined(__SSE2__)
/// Copies 16 bytes. @return a bit for each that is special
unsigned copy16(char* out, const char* in) noexcept
{
    const auto block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block);
    const auto low = _mm_cmplt_epi8(block, _mm_set1_epi8(0x20));  // signed: what is beyond ASCII too
    const auto quote = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const auto backslash = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, _mm_or_si128(quote, backslash))));
}
#endif

/// Copies the part of `text` before its first special byte; may write up to 16 bytes more. @return its size
std::size_t copy_plain(char* out, std::string_view text) noexcept
{
    const char* in = text.data();
    const auto size = text.size();
    std::size_t at = 0;
#if defined(__SSE2__)
    for (; at + 16 <= size; at += 16)
        if (const auto found = copy16(out + at, in + at))
            return at + static_cast<std::size_t>(std::countr_zero(found));
    // The end once more, with what is in front of it: known to be plain there.
    if (size >= 16 && copy16(out + size - 16, in + size - 16) == 0) return size;
#endif
    for (; at + 8 <= size; at += 8)
        if (const auto found = copy8(out + at, in + at))
            return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    if (size >= 8 && copy8(out + size - 8, in + size - 8) == 0) return size;
    if (size >= 4 && size < 8 && (copy4(out, in) | copy4(out + size - 4, in + size - 4)) == 0) return size;
    for (; at < size && !special(in[at]); ++at) out[at] = in[at];
    return at;
}

char* write_ascii_escape(char* out, char c) noexcept
{
    static constexpr std::string_view plain = "\"\\\n\r\t\b\f";
    static constexpr std::string_view letter = "\"\\nrtbf";
    static constexpr std::string_view hex = "0123456789abcdef";
    *out++ = '\\';
    if (const auto known = plain.find(c); known != std::string_view::npos) {
        *out++ = letter[known];
        return out;
    }
    const auto byte = static_cast<unsigned char>(c);
    for (const char it : {'u', '0', '0', hex[byte >> 4U], hex[byte & 15U]}) *out++ = it;
    return out;
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

char* write_json_escaped(char* out, std::string_view text) noexcept
{
    while (true) {
        const auto plain = copy_plain(out, text);
        out += plain;
        if (plain == text.size()) return out;
        text.remove_prefix(plain);
        std::size_t used = 1;
        if (static_cast<unsigned char>(text[0]) < 0x80) {
            out = write_ascii_escape(out, text[0]);
        } else if (const auto size = utf8_sequence(text); size > 0) {
            std::memcpy(out, text.data(), size);
            out += size;
            used = size;
        } else {
            std::memcpy(out, "\xEF\xBF\xBD", 3);
            out += 3;
        }
        text.remove_prefix(used);
    }
}

void append_json_escaped(std::string& out, std::string_view text)
{
    // In pieces, so that the room asked for stays small whatever the text holds.
    constexpr std::size_t piece = 4096;
    std::array<char, escaped_room(piece)> room;
    while (!text.empty()) {
        auto size = std::min(piece, text.size());
        while (size < text.size() && size > piece - 3 && continuation(text[size])) --size;  // no sequence is cut
        out.append(room.data(), write_json_escaped(room.data(), text.substr(0, size)));
        text.remove_prefix(size);
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
