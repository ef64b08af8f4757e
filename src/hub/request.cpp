#include "hub/request.hpp"

#include "hub/glob.hpp"
#include "hub/json_text.hpp"

#include <algorithm>

namespace strowger::hub {
namespace {

constexpr std::size_t max_verb = 64;
constexpr std::size_t max_command = 255;

reply bad_json()
{
    return reply::failure(code::bad_json, "Invalid JSON payload");
}
reply no_command()
{
    return reply::failure(code::missing_command, "Missing or invalid 'command' field", "command");
}

bool letter(char c)
{
    return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_';
}
bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/// `[A-Za-z_][A-Za-z0-9_.:-]{0,63}`
bool verb_like(std::string_view text)
{
    return !text.empty() && text.size() <= max_verb && letter(text.front()) && std::ranges::all_of(text, [](char c) {
        return letter(c) || digit(c) || c == '.' || c == ':' || c == '-';
    });
}

bool clean_utf8(std::string_view text)
{
    while (!text.empty()) {
        const auto size = utf8_sequence(text);
        const auto first = static_cast<unsigned char>(text.front());
        if (size == 0 || (first < 0x20 && first != '\t') || first == 0x7F) return false;
        text.remove_prefix(size);
    }
    return true;
}

std::variant<request, reply> plain_text(std::string_view line)
{
    if (!clean_utf8(line) || !verb_like(line.substr(0, line.find_first_of(" \t")))) return bad_json();
    request out;
    out.line = line;
    return out;
}

std::variant<request, reply> read_value(bool on_api, json_view value)
{
    request out;
    if (value.is_object()) {
        out.fields = value;
        out.is_json = true;
        return out;
    }
    if (!on_api) return bad_json();
    if (value.is_string()) return plain_text(trimmed_blanks(value.text()));
    return no_command();
}

/// A lane where an empty payload stands for `{}`.
bool may_be_empty(lane to, std::string_view action)
{
    return to == lane::status || (to == lane::dialplan && action != "audio" && action != "autoanswer");
}

api_call split(std::string_view line)
{
    const auto blank = line.find_first_of(" \t\r\n");
    if (blank == std::string_view::npos) return {std::string{line}, "", false};
    const auto rest = trimmed_blanks(line.substr(blank));
    return {std::string{line.substr(0, blank)}, std::string{rest}, !rest.empty()};
}

std::optional<std::string> joined(const json_view& list)
{
    std::string out;
    bool good = true;
    bool first = true;
    list.for_each_item([&](json_view item) {
        if (!first) out += ' ';
        first = false;
        good = item.is_string();
        if (good) out += item.text();
        return good;
    });
    if (!good) return std::nullopt;
    return out;
}

}  // namespace

std::string_view trimmed_blanks(std::string_view text) noexcept
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::variant<request, reply> read_request(lane to, std::string_view action, std::string_view payload)
{
    const auto text = trimmed_blanks(payload);
    const bool on_api = to == lane::api;
    const bool lax = to == lane::dialplan && may_be_empty(to, action);
    if (text.empty()) return may_be_empty(to, action) ? std::variant<request, reply>{request{}} : bad_json();
    const char first = text.front();
    const bool json_like = first == '{' || first == '[' || first == '"' || first == '-' || digit(first) ||
                           text == "true" || text == "false" || text == "null";
    const auto value = json_like ? json_view::parse(text) : std::nullopt;
    if (lax && (!value || !value->is_object())) return request{};
    if (value) return read_value(on_api, *value);
    return on_api && !json_like ? plain_text(text) : bad_json();
}

std::variant<api_call, reply> read_api_call(const request& from)
{
    if (!from.line.empty()) return split(from.line);
    const auto command = from.fields.field("command");
    if (!command || !command->is_string()) return no_command();
    const auto name = command->text();
    if (name.size() > max_command || trimmed_blanks(name).empty()) return no_command();
    const auto args = from.fields.field("args");
    if (!args) return split(trimmed_blanks(name));
    api_call out{std::string{trimmed_blanks(name)}, "", true};
    std::optional<std::string> text;
    if (args->is_string()) text = args->text();
    if (args->is_array()) text = joined(*args);
    if (!text) return reply::failure(code::invalid_field, "args must be a string", "args");
    out.args = trimmed_blanks(*text);
    return out;
}

bool meant_for(const json_view& fields, std::string_view node)
{
    const auto wanted = fields.field("node_id");
    if (!wanted) return true;
    if (wanted->is_string()) return slug(wanted->text()) == node;
    if (!wanted->is_array()) return true;
    bool mine = false;
    wanted->for_each_item([&](json_view item) {
        mine = item.is_string() && slug(item.text()) == node;
        return !mine;
    });
    return mine;
}

std::string_view channel_of(std::string_view verb, std::string_view args) noexcept
{
    constexpr std::string_view family = "uuid_";
    if (verb.size() <= family.size() || !same_folded(verb.substr(0, family.size()), family)) return {};
    return args.substr(0, args.find_first_of(" \t"));
}

}  // namespace strowger::hub
