#include "hub/access.hpp"

#include "hub/glob.hpp"
#include "hub/request.hpp"

#include <algorithm>

namespace strowger::hub {
namespace {

constexpr int max_nesting = 8;

bool listed(const std::vector<std::string>& globs, std::string_view verb, std::string_view line)
{
    return std::ranges::any_of(
        globs, [&](const auto& glob) { return glob_match(glob, glob.find(' ') == std::string::npos ? verb : line); });
}

std::string_view without_words(std::string_view text, int words)
{
    for (; words > 0; --words) {
        const auto blank = text.find_first_of(" \t");
        if (blank == std::string_view::npos) return {};
        text = trimmed_blanks(text.substr(blank));
    }
    return text;
}

/// The line inside a verb that runs another; empty if it does not.
std::string_view carried_line(std::string_view verb, std::string_view args)
{
    if (same_folded(verb, "bgapi") || same_folded(verb, "expand")) return trimmed_blanks(args);
    if (same_folded(verb, "sched_api")) return without_words(trimmed_blanks(args), 2);
    return {};
}

}  // namespace

access::access(const settings& from)
    : api_allow_{from.api_allow},
      api_deny_{from.api_deny},
      command_allow_{from.command_allow},
      command_deny_{from.command_deny},
      token_{from.command_token},
      everything_{from.api_deny.empty() && std::ranges::find(from.api_allow, "*") != from.api_allow.end()}
{
}

bool access::command(std::string_view name) const noexcept
{
    return any_glob_matches(command_allow_, name) && !any_glob_matches(command_deny_, name);
}

bool access::one_verb(std::string_view verb, std::string_view args) const
{
    const std::string line = std::string{verb} + (args.empty() ? "" : " ") + std::string{args};
    return listed(api_allow_, verb, line) && !listed(api_deny_, verb, line);
}

bool access::api(std::string_view verb, std::string_view args) const
{
    return everything_ || api(verb, args, 0);
}

bool access::api(std::string_view verb, std::string_view args, int depth) const
{
    if (depth > max_nesting || !one_verb(verb, args)) return false;
    if (const auto line = carried_line(verb, args); !line.empty()) {
        const auto inner = line.substr(0, line.find_first_of(" \t"));
        if (!api(inner, without_words(line, 1), depth + 1)) return false;
    }
    for (auto at = args.find("${"); at != std::string_view::npos; at = args.find("${", at + 2)) {
        const auto body = args.substr(at + 2);
        const auto end = body.find_first_of(" (}");
        if (end == std::string_view::npos || body[end] == '}') continue;  // a variable, not a verb
        const auto inner_args = body.substr(end + 1, body.find_first_of(")}", end) - end - 1);
        if (!one_verb(body.substr(0, end), trimmed_blanks(inner_args))) return false;
    }
    return true;
}

bool access::token(std::string_view given) const noexcept
{
    unsigned difference = given.size() == token_.size() ? 0 : 1;
    for (std::size_t i = 0; i < token_.size(); ++i) {
        const char theirs = i < given.size() ? given[i] : '\0';
        difference |= static_cast<unsigned char>(theirs ^ token_[i]);
    }
    return difference == 0;
}

}  // namespace strowger::hub
