#include "hub/call_checks.hpp"

#include "hub/glob.hpp"

#include <algorithm>
#include <array>

namespace strowger::hub {
namespace {

constexpr std::size_t max_variable_name = 128;
constexpr std::array<std::string_view, 7> exec_names{"api_on_*",
                                                     "api_hangup_hook",
                                                     "execute_on_*",
                                                     "exec_after_bridge_app",
                                                     "exec_after_bridge_arg",
                                                     "bridge_pre_execute_*",
                                                     "*_originate_hook*"};
constexpr std::array<std::string_view, 11> harmless{"park",   "echo",  "playback", "bridge", "conference", "hold",
                                                    "answer", "sleep", "transfer", "fifo",   "valet_park"};

bool control(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}
bool word(char c)
{
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_';
}
bool name_byte(char c)
{
    return word(c) || c == '.' || c == ':' || c == '-';
}

/// The bracket that closes the block `open` starts; 0 if it starts none.
char closing(char open)
{
    switch (open) {
        case '{':
            return '}';
        case '[':
            return ']';
        case '<':
            return '>';
        default:
            return 0;
    }
}

/// Calls visit(block) for the inside of every block, visit_outside(c) for every other byte.
/// @return false when a block is not closed
template <class Block, class Outside>
bool walk(std::string_view text, Block visit, Outside visit_outside)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char close = closing(text[i]);
        if (close == 0) {
            visit_outside(text[i]);
            continue;
        }
        const auto end = text.find(close, i);
        if (end == std::string_view::npos) return false;
        visit(text.substr(i + 1, end - i - 1));
        i = end;
    }
    return true;
}

/// The name that stands before the `=` at `at`, and, since a block may choose its own separator, every tail of it.
bool exec_name_before(std::string_view block, std::size_t at)
{
    while (at > 0 && block[at - 1] == ' ') --at;
    auto from = at;
    while (from > 0 && name_byte(block[from - 1])) --from;
    const auto name = block.substr(from, at - from);
    for (std::size_t i = 0; i < name.size(); ++i)
        if ((i == 0 || !word(name[i - 1])) && exec_variable(name.substr(i))) return true;
    return false;
}

}  // namespace

bool has_control(std::string_view text) noexcept
{
    return std::ranges::any_of(text, control);
}

bool has_blank_or_control(std::string_view text) noexcept
{
    return std::ranges::any_of(text, [](char c) { return c == ' ' || control(c); });
}

bool exec_variable(std::string_view name) noexcept
{
    return any_glob_matches(exec_names, name);
}

bool variable_name(std::string_view name) noexcept
{
    return !name.empty() && name.size() <= max_variable_name && word(name[0]) &&
           !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, name_byte);
}

bool dial_string(std::string_view text) noexcept
{
    bool blank = false;
    const bool closed = walk(
        text, [](std::string_view) {}, [&](char c) { blank = blank || c == ' '; });
    return closed && !blank && !has_control(text);
}

bool sets_exec_variable(std::string_view dial_string) noexcept
{
    bool found = false;
    const auto look = [&](std::string_view block) {
        for (auto at = block.find('='); at != std::string_view::npos; at = block.find('=', at + 1))
            found = found || exec_name_before(block, at);
    };
    walk(dial_string, look, [](char) {});
    return found;
}

bool runs_application(std::string_view dial_string) noexcept
{
    return glob_match("*loopback/app=*", dial_string);
}

bool extension(std::string_view text) noexcept
{
    if (has_control(text)) return false;
    if (!text.starts_with('&')) return text.find(' ') == std::string_view::npos;
    const auto name_size =
        static_cast<std::size_t>(std::ranges::find_if_not(text.substr(1), word) - text.substr(1).begin());
    const auto rest = text.substr(1 + name_size);
    return name_size > 0 && (rest.empty() || (rest.size() >= 2 && rest.front() == '(' && rest.back() == ')'));
}

bool harmless_extension(std::string_view text) noexcept
{
    if (!text.starts_with('&')) return true;
    const auto name = text.substr(1, text.find('(') == std::string_view::npos ? text.size() : text.find('(') - 1);
    return std::ranges::any_of(harmless, [&](auto app) { return same_folded(app, name); });
}

bool channel_id(std::string_view text) noexcept
{
    return !text.empty() && std::ranges::all_of(text, name_byte);
}

}  // namespace strowger::hub
