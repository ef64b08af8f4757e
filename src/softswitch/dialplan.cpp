#include "softswitch/dialplan.hpp"

#include "softswitch/text.hpp"

#include <boost/regex.hpp>

namespace strowger::softswitch {
namespace {

using groups = boost::match_results<std::string_view::const_iterator>;

/// Puts the pattern's groups in place of `$0` to `$9`.
std::string substitute(std::string_view text, const groups& found)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool group = text[i] == '$' && i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
        if (!group) {
            out += text[i];
            continue;
        }
        const auto index = static_cast<std::size_t>(text[++i] - '0');
        if (index < found.size()) out.append(found[index].first, found[index].second);
    }
    return out;
}

std::optional<boost::regex> compile(const std::string& pattern)
{
    try {
        return boost::regex{pattern, boost::regex::perl};
    } catch (const boost::regex_error&) {
        return std::nullopt;
    }
}

/// False as well when the pattern would take too long on this number: a dialplan is not worth a stalled switch.
bool search(std::string_view number, groups& found, const boost::regex& pattern)
{
    try {
        return boost::regex_search(number.begin(), number.end(), found, pattern);
    } catch (const std::runtime_error&) {
        return false;
    }
}

}  // namespace

struct dialplan::compiled {
    dialplan_entry entry;
    boost::regex pattern;
};

dialplan::dialplan(const std::vector<dialplan_entry>& entries)
{
    for (const auto& each : entries)
        if (auto pattern = compile(each.pattern))
            entries_.push_back(std::make_shared<const compiled>(compiled{each, std::move(*pattern)}));
}

bool dialplan::compiles(const std::string& pattern)
{
    return compile(pattern).has_value();
}

std::optional<dialplan::match> dialplan::find(std::string_view context, std::string_view number) const
{
    if (number.size() > longest_number) return std::nullopt;
    for (const auto& each : entries_) {
        const auto& [entry, pattern] = *each;
        if (entry.context != context && entry.context != "any") continue;
        groups found;
        if (!search(number, found, pattern)) continue;
        match out{entry.name, {}};
        for (const auto& action : entry.actions) out.steps.push_back(parse_action(substitute(action, found)));
        return out;
    }
    return std::nullopt;
}

std::vector<dialplan_entry> dialplan::standard()
{
    return {
        {"any", "ringing", "^9180$", {"ring_ready", "sleep 60000"}},
        {"any", "busy", "^9480$", {"respond 486"}},
        {"any", "echo", "^9196$", {"answer", "echo"}},
        {"any", "milliwatt", "^9197$", {"answer", "playback tone_stream://%(251,0,1004);loops=-1"}},
        {"any", "hold_music", "^9664$", {"answer", "playback local_stream://moh"}},
        {"any", "park", "^5900$", {"answer", "park"}},
        {"any", "record", "^9193$", {"answer", "record strowger-${uuid}.wav 60"}},
        {"any", "phone", "^(10[0-9][0-9])$", {"set hangup_after_bridge=true", "bridge user/$1"}},
    };
}

std::vector<pbx::dialplan_step> parse_inline(std::string_view text)
{
    char separator = ',';
    if (text.size() > 4 && text.starts_with("m:") && text[3] == ':') {
        separator = text[2];
        text.remove_prefix(4);
    }
    std::vector<pbx::dialplan_step> out;
    for (const auto& each : text::split(text, separator, 128)) {
        const auto [application, data] = text::cut(text::trim(each), ':');
        if (!application.empty()) out.push_back({std::string{application}, std::string{data}});
    }
    return out;
}

pbx::dialplan_step parse_action(std::string_view text)
{
    const auto [application, data] = text::cut(text::trim(text), ' ');
    return {std::string{application}, std::string{text::trim(data)}};
}

}  // namespace strowger::softswitch
