#include "softswitch/sip/dtmf_info.hpp"

#include <cctype>
#include <charconv>

namespace strowger::softswitch::sip {
namespace {

constexpr std::uint32_t usual_ms = 250;
constexpr std::uint32_t longest_ms = 8000;

std::string_view trimmed(std::string_view text) noexcept
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
    return text;
}

bool same_word(std::string_view text, std::string_view lower) noexcept
{
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (std::tolower(static_cast<unsigned char>(text[i])) != lower[i]) return false;
    }
    return true;
}

/// A signal is a key, or its event number from 10 on ("10" is `*`). Source: mod_sofia, nua_i_info.
std::optional<char> parse_signal(std::string_view text)
{
    if (text.size() == 1 && dtmf_code(text.front())) return dtmf_digit(*dtmf_code(text.front()));
    std::uint8_t code = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), code);
    if (text.size() != 2 || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return dtmf_digit(code);
}

}  // namespace

std::optional<dtmf_key> parse_dtmf_info(std::string_view subtype, std::string_view body)
{
    dtmf_key out{'\0', usual_ms};
    if (same_word(subtype, "dtmf")) {
        const auto digit = parse_signal(trimmed(body));
        if (!digit) return std::nullopt;
        out.digit = *digit;
        return out;
    }
    if (!same_word(subtype, "dtmf-relay")) return std::nullopt;
    while (!body.empty()) {
        const auto end = body.find('\n');
        const auto line = body.substr(0, end);
        body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        const auto name = trimmed(line.substr(0, equals));
        const auto value = trimmed(line.substr(equals + 1));
        if (same_word(name, "signal")) out.digit = parse_signal(value).value_or('\0');
        std::uint32_t ms = 0;
        if (same_word(name, "duration") &&
            std::from_chars(value.data(), value.data() + value.size(), ms).ec == std::errc{} && ms > 0 &&
            ms <= longest_ms) {
            out.duration_ms = ms;
        }
    }
    if (out.digit == '\0') return std::nullopt;
    return out;
}

std::string write_dtmf_relay(const dtmf_key& key)
{
    return "Signal=" + std::string(1, key.digit) + "\r\nDuration=" + std::to_string(key.duration_ms) + "\r\n";
}

}  // namespace strowger::softswitch::sip
