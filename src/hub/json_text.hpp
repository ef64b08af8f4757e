#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace strowger::hub {

/// Appends `text` as a JSON string, quotes included. A byte that is not part of valid UTF-8 becomes one U+FFFD.
void append_json_string(std::string& out, std::string_view text);
/// The same without the quotes.
void append_json_escaped(std::string& out, std::string_view text);
/// Appends a plain integer: no exponent, no fraction.
void append_json_integer(std::string& out, std::int64_t value);
void append_json_unsigned(std::string& out, std::uint64_t value);

/// The most bytes that write_json_escaped() makes of `size` bytes, and the room it wants beyond them.
constexpr std::size_t escaped_room(std::size_t size) noexcept
{
    return 6 * size + 16;
}
/// As append_json_escaped() into memory with escaped_room() left. @return behind what was written
char* write_json_escaped(char* out, std::string_view text) noexcept;

/// Length of the valid UTF-8 sequence at the start of `text`; 0 if there is none (RFC 3629).
std::size_t utf8_sequence(std::string_view text) noexcept;

}  // namespace strowger::hub
