#include "hub/call_commands.hpp"

#include "hub/call_checks.hpp"
#include "hub/glob.hpp"
#include "hub/request.hpp"

#include <algorithm>
#include <optional>

namespace strowger::hub {
namespace {

using problem = std::optional<reply>;

constexpr std::size_t max_variables = 64;
constexpr std::size_t max_variable_value = 1024;
constexpr const char* bad_variables = "variables contains an invalid name or value";
/// Where the destination of a bridge travels as data instead of inside a command line.
constexpr const char* destination_variable = "event_agent_bridge_destination";

reply missing(std::string_view message, std::string_view field)
{
    return reply::failure(code::missing_field, message, field);
}
reply invalid(std::string_view message, std::string_view field)
{
    return reply::failure(code::invalid_field, message, field);
}
reply forbidden_characters(std::string_view field)
{
    return invalid(std::string{field} + " contains forbidden characters", field);
}
reply not_permitted()
{
    return reply::failure(code::forbidden, "Command not permitted");
}

/// Reads an optional text of bounded length into `out`. @return the refusal, worded `<field> must be <range>`
problem take_text(const json_view& fields, std::string_view field, std::size_t least, std::size_t most,
                  std::string_view range, std::string& out)
{
    const auto value = fields.field(field);
    if (!value) return {};
    auto text = value->text();
    if (!value->is_string() || text.size() < least || text.size() > most)
        return invalid(std::string{field} + " must be " + std::string{range}, field);
    out = std::move(text);
    return {};
}

problem take_timeout(const json_view& fields, std::chrono::seconds& out)
{
    const auto value = fields.field("timeout");
    if (!value) return {};
    const auto seconds = value->integer();
    if (!seconds || *seconds < 1 || *seconds > 600)
        return invalid("timeout must be between 1 and 600 seconds", "timeout");
    out = std::chrono::seconds{*seconds};
    return {};
}

bool scalar(const json_view& value)
{
    return !value.is_null() && !value.is_object() && !value.is_array();
}

problem take_variables(const json_view& fields, const call_rules& rules,
                       std::vector<std::pair<std::string, std::string>>& out)
{
    const auto value = fields.field("variables");
    if (!value) return {};
    bool scalars = value->is_object();
    value->for_each_member([&](json_view, json_view it) { return scalars = scalar(it); });
    if (!scalars) return invalid("variables must be an object of scalar values", "variables");
    bool good = true;
    std::size_t count = 0;
    value->for_each_member([&](json_view key, json_view it) {
        auto name = key.text();
        auto text = it.is_string() ? it.text() : std::string{it.raw()};
        good = ++count <= max_variables && variable_name(name) && text.size() <= max_variable_value &&
               !has_control(text) && (rules.exec_variables || !exec_variable(name));
        const bool seen = std::ranges::any_of(out, [&](const auto& had) { return had.first == name; });
        if (good && !seen) out.emplace_back(std::move(name), std::move(text));
        return good;
    });
    if (!good) return invalid(bad_variables, "variables");
    return {};
}

problem take_uuid_of_new_leg(const json_view& fields, std::string& out)
{
    const auto value = fields.field("uuid");
    if (!value) return {};
    out = value->text();
    const auto allowed = [](char c) { return channel_id({&c, 1}) && c != '_' && c != '.' && c != ':'; };
    if (!value->is_string() || out.size() < 8 || out.size() > 63 || !std::ranges::all_of(out, allowed))
        return invalid("uuid must be between 8 and 63 characters", "uuid");
    return {};
}

bool good_dial_string(std::string_view text, const call_rules& rules)
{
    return dial_string(text) && (rules.exec_variables || !sets_exec_variable(text));
}

/// The last rows of the table: characters, and what the operator forbade.
problem check_characters(const pbx::originate_request& it, std::string_view extension_field, const call_rules& rules)
{
    if (!good_dial_string(it.endpoint, rules)) return forbidden_characters("endpoint");
    // The message names `extension` for its alias too; `field` names what the client wrote.
    if (!extension(it.extension)) return invalid("extension contains forbidden characters", extension_field);
    if (has_blank_or_control(it.context)) return forbidden_characters("context");
    if (has_blank_or_control(it.dialplan)) return forbidden_characters("dialplan");
    if (has_control(it.caller_id_name)) return forbidden_characters("caller_id_name");
    if (has_control(it.caller_id_number)) return forbidden_characters("caller_id_number");
    if (!rules.any_application &&
        (!harmless_extension(it.extension) || runs_application(it.endpoint) || same_folded(it.dialplan, "inline")))
        return not_permitted();
    return {};
}

problem take_channel(const json_view& fields, std::string& out)
{
    if (auto wrong = take_text(fields, "uuid", 2, 63, "between 2 and 63 characters", out)) return wrong;
    return {};
}

problem first_of(std::initializer_list<problem> checks)
{
    for (const auto& it : checks)
        if (it) return it;
    return {};
}

bool says_error(std::string_view text)
{
    const auto said = trimmed_blanks(text);
    return said.starts_with("-ERR") || said.starts_with("-USAGE");
}

std::string reason(const std::string& text)
{
    return text.empty() ? "Unknown error" : text;
}

/// `-ERR USER_BUSY\n` gives `USER_BUSY`.
std::string_view cause_in(std::string_view text)
{
    constexpr std::string_view error = "-ERR";
    auto said = trimmed_blanks(text);
    if (said.starts_with(error)) said = trimmed_blanks(said.substr(error.size()));
    return said.substr(0, said.find_first_of(" \r\n"));
}

}  // namespace

std::variant<pbx::originate_request, reply> read_originate(const json_view& fields, const call_rules& rules)
{
    const std::string_view extension_field = fields.field("extension") ? "extension" : "destination";
    if (!fields.field("endpoint")) return missing("Missing required fields", "endpoint");
    if (!fields.field(extension_field)) return missing("Missing required fields", "extension");
    pbx::originate_request out;
    const auto range = "between 1 and 255 characters";
    if (auto wrong = take_text(fields, "endpoint", 1, 255, range, out.endpoint)) return *wrong;
    if (take_text(fields, extension_field, 1, 255, range, out.extension))
        return invalid("extension must be between 1 and 255 characters", extension_field);
    if (auto wrong = take_text(fields, "context", 0, 127, "127 characters or fewer", out.context)) return *wrong;
    if (auto wrong = take_text(fields, "dialplan", 0, 63, "63 characters or fewer", out.dialplan)) return *wrong;
    if (auto wrong = take_text(fields, "caller_id_name", 0, 127, "127 characters or fewer", out.caller_id_name))
        return *wrong;
    if (auto wrong = take_text(fields, "caller_id_number", 0, 63, "63 characters or fewer", out.caller_id_number))
        return *wrong;
    if (auto wrong = take_timeout(fields, out.timeout)) return *wrong;
    if (auto wrong = take_variables(fields, rules, out.variables)) return *wrong;
    if (auto wrong = take_uuid_of_new_leg(fields, out.uuid)) return *wrong;
    if (auto wrong = check_characters(out, extension_field, rules)) return *wrong;
    if (out.context.empty()) out.context = "default";
    if (out.dialplan.empty()) out.dialplan = "XML";
    return out;
}

std::variant<hangup_order, reply> read_hangup(const json_view& fields)
{
    if (!fields.field("uuid")) return missing("Missing uuid", "uuid");
    hangup_order out;
    if (auto wrong = take_channel(fields, out.uuid)) return *wrong;
    if (auto wrong = take_text(fields, "cause", 0, 63, "63 characters or fewer", out.cause)) return *wrong;
    if (!channel_id(out.uuid)) return forbidden_characters("uuid");
    if (out.cause.find_first_of(".:-") != std::string::npos || (!out.cause.empty() && !channel_id(out.cause)))
        return forbidden_characters("cause");
    if (out.cause.empty()) out.cause = hangup_order{}.cause;
    return out;
}

std::variant<bridge_order, reply> read_bridge(const json_view& fields, const call_rules& rules)
{
    for (const std::string_view field : {"uuid", "destination"})
        if (!fields.field(field)) return missing("Missing required fields", field);
    bridge_order out;
    if (auto wrong =
            first_of({take_channel(fields, out.uuid),
                      take_text(fields, "destination", 1, 255, "between 1 and 255 characters", out.destination),
                      take_text(fields, "caller_id_name", 0, 127, "127 characters or fewer", out.caller_id_name),
                      take_text(fields, "caller_id_number", 0, 63, "63 characters or fewer", out.caller_id_number)}))
        return *wrong;
    if (!channel_id(out.uuid)) return forbidden_characters("uuid");
    if (!good_dial_string(out.destination, rules)) return forbidden_characters("destination");
    if (has_control(out.caller_id_name)) return forbidden_characters("caller_id_name");
    if (has_control(out.caller_id_number)) return forbidden_characters("caller_id_number");
    if (!rules.any_application && runs_application(out.destination)) return not_permitted();
    return out;
}

reply run_api(pbx::host& on, const std::string& verb, const std::string& args)
{
    const auto said = on.execute(verb, args);
    if (!said.ok || says_error(said.text)) return reply::failure(code::api_error, reason(said.text));
    return reply::success("API command executed").with("data", said.text);
}

reply run_originate(pbx::host& on, const pbx::originate_request& what)
{
    const auto made = on.originate(what);
    if (!made.ok) {
        const auto name = made.why == pbx::cause::none ? cause_in(made.text) : pbx::to_string(made.why);
        return reply::failure(code::api_error, reason(made.text)).with("cause", name);
    }
    return reply::success("Call originated successfully")
        .with("data", made.text)
        .with("uuid", made.uuid)
        .with("endpoint", what.endpoint)
        .with("destination", what.extension);
}

reply run_hangup(pbx::host& on, const hangup_order& what)
{
    const auto said = on.execute("uuid_kill", what.uuid + " " + what.cause);
    if (!said.ok || says_error(said.text))
        return reply::failure(code::api_error, reason(said.text)).with("data", what.uuid);
    return reply::success("Channel hangup successful").with("data", what.uuid).with("cause", what.cause);
}

reply run_bridge(pbx::host& on, const bridge_order& what)
{
    const auto leg = on.find(what.uuid);
    if (!leg) return reply::failure(code::api_error, "-ERR No such channel!\n").with("data", what.uuid);
    pbx::api_reply said;
    if (channel_id(what.destination) && on.find(what.destination)) {
        said = on.execute("uuid_bridge", what.uuid + " " + what.destination);
    } else {
        leg->set_variable(destination_variable, what.destination);
        if (!what.caller_id_name.empty()) leg->set_variable("effective_caller_id_name", what.caller_id_name);
        if (!what.caller_id_number.empty()) leg->set_variable("effective_caller_id_number", what.caller_id_number);
        said = on.execute("uuid_transfer", what.uuid + " bridge:${" + std::string{destination_variable} + "} inline");
    }
    if (!said.ok || says_error(said.text))
        return reply::failure(code::api_error, reason(said.text)).with("data", what.uuid);
    return reply::success("Bridge initiated").with("data", what.uuid).with("destination", what.destination);
}

}  // namespace strowger::hub
