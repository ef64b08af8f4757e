#include "softswitch/dial_string.hpp"

#include "softswitch/error.hpp"
#include "softswitch/text.hpp"

#include <algorithm>

namespace strowger::softswitch {
namespace {

struct brackets {
    char open, close;
};
constexpr brackets for_all{'{', '}'}, for_enterprise{'<', '>'}, for_one{'[', ']'};

/// Index of the bracket that closes text[0]; npos if none does.
std::size_t closing(std::string_view text, brackets kind) noexcept
{
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\') {
            ++i;
        } else if (c == '\'') {
            quoted = !quoted;
        } else if (!quoted && c == kind.open) {
            ++depth;
        } else if (!quoted && c == kind.close && --depth == 0) {
            return i;
        }
    }
    // An apostrophe in a name must not hide the end of the block.
    return quoted ? text.find(kind.close) : std::string_view::npos;
}

/// Takes one block off the front of `text` and adds its variables to `into`.
error_code take_block(std::string_view& text, brackets kind, variables& into)
{
    const auto end = closing(text, kind);
    if (end == std::string_view::npos) return errc::unterminated_block;
    const auto found = parse_variables(text.substr(1, end - 1));
    if (!found) return found.error();
    into.insert(into.end(), found->begin(), found->end());
    if (into.size() > dial_string::most_variables) return errc::too_many_variables;
    text = text::trim(text.substr(end + 1));
    return {};
}

/// Where the party at the front of `text` ends: a `,` or `|` outside of its leading `[…]` blocks.
std::size_t end_of_party(std::string_view text) noexcept
{
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\') {
            ++i;
        } else if (c == '\'') {
            quoted = !quoted;
        } else if (!quoted && (c == ',' || c == '|')) {
            return i;
        }
    }
    return text.size();
}

result<dial_string::party> take_party(std::string_view& text)
{
    dial_string::party out;
    text = text::trim(text);
    while (text.starts_with(for_one.open))
        if (const auto problem = take_block(text, for_one, out.settings)) return problem;
    const auto end = end_of_party(text);
    out.target = text::trim(text.substr(0, end));
    text.remove_prefix(end);
    if (out.target.empty()) return errc::empty_dial_string;
    return out;
}

}  // namespace

result<variables> parse_variables(std::string_view inside)
{
    char separator = ',';
    if (inside.size() > 2 && inside.starts_with("^^")) {
        separator = inside[2];
        inside.remove_prefix(3);
    }
    variables out;
    for (const auto& each : text::split(inside, separator, dial_string::most_variables + 1)) {
        if (out.size() == dial_string::most_variables) return errc::too_many_variables;
        const auto [name, value] = text::cut(each, '=');
        if (const auto bare = text::trim(name); !bare.empty()) out.emplace_back(bare, value);
    }
    return out;
}

std::string_view find_setting(const variables& among, std::string_view name) noexcept
{
    const auto found =
        std::find_if(among.rbegin(), among.rend(), [&](const auto& each) { return text::same(each.first, name); });
    return found == among.rend() ? std::string_view{} : std::string_view{found->second};
}

result<dial_string> dial_string::parse(std::string_view text)
{
    if (text.size() > longest) return errc::dial_string_too_long;
    text = text::trim(text);
    dial_string out;
    while (text.starts_with(for_all.open) || text.starts_with(for_enterprise.open)) {
        const auto kind = text.front() == for_all.open ? for_all : for_enterprise;
        if (const auto problem = take_block(text, kind, out.settings)) return problem;
    }
    std::size_t parties = 0;
    out.attempts.emplace_back();
    for (;;) {
        auto party = take_party(text);
        if (!party) return party.error();
        if (++parties > most_parties) return errc::too_many_legs;
        out.attempts.back().push_back(std::move(*party));
        if (text.empty()) return out;
        if (text.front() == '|') out.attempts.emplace_back();
        text.remove_prefix(1);
    }
}

}  // namespace strowger::softswitch
