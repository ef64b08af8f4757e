#include "hub/subjects.hpp"

#include "hub/glob.hpp"

#include <array>

namespace strowger::hub {
namespace {

constexpr std::size_t max_slug = 128;

bool token_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::string slug(std::string_view id)
{
    std::string out;
    for (const char c : id.substr(0, max_slug)) {
        const char small = ascii_lower(c);
        out += token_byte(small) ? small : '_';
    }
    return out;
}

bool valid_prefix(std::string_view prefix) noexcept
{
    bool token = false;
    for (const char c : prefix) {
        if (c == '.') {
            if (!token) return false;
            token = false;
        } else if (token_byte(ascii_lower(c)) || c == '-') {
            token = true;
        } else {
            return false;
        }
    }
    return token;
}

std::string_view trimmed_prefix(std::string_view prefix) noexcept
{
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!prefix.empty() && blank(prefix.front())) prefix.remove_prefix(1);
    while (!prefix.empty() && (blank(prefix.back()) || prefix.back() == '.')) prefix.remove_suffix(1);
    return prefix;
}

void append_event_tail(std::string& out, std::string_view event_name)
{
    for (const char c : event_name) out += c == '_' ? '.' : ascii_lower(c);
}

std::string subclass_token(std::string_view subclass)
{
    std::string out;
    for (const char c : subclass) {
        const char small = ascii_lower(c);
        if (token_byte(small)) {
            out += small;
        } else if (!out.empty() && out.back() != '_') {
            out += '_';
        }
    }
    while (!out.empty() && out.back() == '_') out.pop_back();
    out.erase(0, std::min(out.find_first_not_of('_'), out.size()));
    return out;
}

std::vector<command_subject> command_subjects(std::string_view prefix, std::string_view node)
{
    struct row {
        std::string_view tail;
        lane to;
        bool async;
    };
    static constexpr std::array rows{
        row{".api", lane::api, false},
        row{".cmd.status", lane::status, false},
        row{".cmd.originate", lane::originate, false},
        row{".cmd.hangup", lane::hangup, false},
        row{".cmd.bridge", lane::bridge, false},
        row{".cmd.async.originate", lane::originate, true},
        row{".cmd.async.hangup", lane::hangup, true},
        row{".cmd.async.bridge", lane::bridge, true},
        row{".cmd.dialplan.*", lane::dialplan, false},
    };
    std::vector<command_subject> out;
    const std::string p{prefix};
    const std::string n = "." + std::string{node};
    for (const auto& it : rows) {
        const std::string subject = p + std::string{it.tail};
        out.push_back({subject, it.to, it.async, false});
        out.push_back({subject + n, it.to, it.async, true});
    }
    out.push_back({p + ".node" + n, lane::api, false, true});
    return out;
}

bool unsafe_reply_subject(std::string_view prefix, std::string_view reply) noexcept
{
    if (reply.find_first_of("*> \t\r\n") != std::string_view::npos) return true;
    if (!reply.starts_with(prefix) || reply.size() <= prefix.size() || reply[prefix.size()] != '.') return false;
    const auto tail = reply.substr(prefix.size() + 1);
    const auto first = tail.substr(0, tail.find('.'));
    return first == "api" || ((first == "cmd" || first == "node" || first == "events") && first != tail);
}

}  // namespace strowger::hub
