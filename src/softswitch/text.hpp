#pragma once
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::softswitch::text {

std::string_view trim(std::string_view text) noexcept;
/// Case-insensitive comparison of ASCII.
bool same(std::string_view left, std::string_view right) noexcept;
bool contains(std::string_view text, std::string_view part) noexcept;
/// yes, on, true, t, enabled, active, allow and numbers but 0, in any case. Source: FreeSWITCH `switch_true`.
bool is_true(std::string_view text) noexcept;
bool is_false(std::string_view text) noexcept;
std::optional<std::int64_t> to_number(std::string_view text) noexcept;

/// Splits at `separator` as FreeSWITCH splits arguments: '…' keeps its content together and is taken off,
/// `\` protects a quote, a separator or a backslash. Several blanks count as one separator; the last of `most`
/// words takes what is left. Source: FreeSWITCH `switch_separate_string`.
std::vector<std::string> split(std::string_view text, char separator, std::size_t most);
inline std::vector<std::string> words(std::string_view text, std::size_t most)
{
    return split(text, ' ', most);
}

/// Cuts `text` at the first `separator`: what is before it, and what follows it (empty if there is none).
struct halves {
    std::string_view first, second;
};
halves cut(std::string_view text, char separator) noexcept;

/// A number as text, without an allocation.
class digits {
public:
    explicit digits(std::int64_t value) noexcept
        : size_{static_cast<std::size_t>(std::to_chars(text_.data(), text_.data() + text_.size(), value).ptr -
                                         text_.data())}
    {
    }
    operator std::string_view() const noexcept { return {text_.data(), size_}; }

private:
    std::array<char, 21> text_{};
    std::size_t size_;
};

/// Percent-encodes what RFC 3986 does not allow in a query, as FreeSWITCH's plain event format does.
std::string url_encode(std::string_view text);
/// Appends `text` as a JSON string with its quotes.
void append_json(std::string& out, std::string_view text);

}  // namespace strowger::softswitch::text
