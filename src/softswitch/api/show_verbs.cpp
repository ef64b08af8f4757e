// `show …`: what there is, as a table.
#include "softswitch/api/report.hpp"
#include "softswitch/api/verb.hpp"
#include "softswitch/application.hpp"
#include "softswitch/text.hpp"

#include <array>

namespace strowger::softswitch::api {
namespace {

using row = std::vector<std::string>;

// --- modules and what they bring

struct interface_row {
    std::string type, name, module;
};

std::string module_of_endpoint(const std::string& name)
{
    if (name == "sofia" || name == "sip") return "mod_sofia";
    if (name == "user") return "mod_dptools";
    return name == "tone" ? "mod_tone" : "mod_loopback";
}

std::vector<interface_row> interfaces(context& with)
{
    std::vector<interface_row> out;
    for (const auto* each : all()) out.push_back({"api", std::string{each->name}, "mod_commands"});
    for (const auto& each : with.added()) out.push_back({"api", each.verb, "mod_" + each.verb});
    for (const auto* each : all_applications())
        out.push_back({"application", std::string{each->name}, "mod_dptools"});
    out.push_back({"codec", "G.711 alaw", "CORE_PCM_MODULE"});
    out.push_back({"codec", "G.711 ulaw", "CORE_PCM_MODULE"});
    out.push_back({"codec", "RAW Signed Linear (16 bit)", "CORE_PCM_MODULE"});
    out.push_back({"dialplan", "XML", "mod_dialplan_xml"});
    out.push_back({"dialplan", "inline", "mod_dptools"});
    for (const auto& [name, way] : with.board.endpoints())
        if (name != "sip") out.push_back({"endpoint", name, module_of_endpoint(name)});
    out.push_back({"file", "local_stream", "mod_local_stream"});
    out.push_back({"file", "silence_stream", "mod_tone_stream"});
    out.push_back({"file", "tone_stream", "mod_tone_stream"});
    out.push_back({"file", "wav", "mod_sndfile"});
    out.push_back({"timer", "soft", "CORE_SOFTTIMER_MODULE"});
    return out;
}

report list_interfaces(context& with, std::string_view type, bool with_file, std::string_view module = {})
{
    report out{{"type", "name", "ikey"}, {}};
    if (with_file) out.columns.push_back("filename");
    for (const auto& each : interfaces(with)) {
        if (!type.empty() && each.type != type) continue;
        if (!module.empty() && each.module != module) continue;
        row cells{each.type, each.name, each.module};
        if (with_file) cells.push_back("strowger");
        out.rows.push_back(std::move(cells));
    }
    return out;
}

report list_verbs(context& with, std::string_view only)
{
    report out{{"name", "description", "syntax", "ikey"}, {}};
    for (const auto* each : all())
        if (only.empty() || only == each->name)
            out.rows.push_back(
                {std::string{each->name}, std::string{each->description}, std::string{each->syntax}, "mod_commands"});
    for (const auto& each : with.added())
        if (only.empty() || only == each.verb)
            out.rows.push_back({each.verb, each.description, each.syntax, "mod_" + each.verb});
    return out;
}

report list_applications(std::string_view only)
{
    report out{{"name", "description", "syntax", "ikey"}, {}};
    for (const auto* each : all_applications())
        if (only.empty() || only == each->name)
            out.rows.push_back(
                {std::string{each->name}, std::string{each->description}, std::string{each->syntax}, "mod_dptools"});
    return out;
}

// --- channels and calls

std::string shown_call_uuid(const channel& leg)
{
    const bool known = !leg.callee_direction().empty() || leg.call_uuid() != leg.uuid();
    return known ? leg.call_uuid() : std::string{};
}

std::string sent(const channel& leg, std::string_view what)
{
    return leg.callee_direction() == "SEND" ? std::string{leg.variables().get(what)} : std::string{};
}

row channel_row(context& with, const channel& leg)
{
    const auto& now = leg.profile();
    const auto& first = leg.first_profile();
    const auto codec = leg.codec();
    const auto created = leg.times().created / 1000000;
    const auto rate = std::to_string(codec.rate_hz), bits = std::to_string(codec.bit_rate);
    return {leg.uuid(),
            now.direction,
            format_local(created),
            std::to_string(created),
            leg.name(),
            std::string{to_string(leg.running_state())},
            now.caller_id_name,
            now.caller_id_number,
            now.network_address,
            now.destination_number,
            leg.current().application,
            leg.current().data,
            now.dialplan,
            now.context,
            codec.name,
            rate,
            bits,
            codec.name,
            rate,
            bits,
            "",
            with.board.events().hostname(),
            leg.presence_id(),
            std::string{leg.variables().get("presence_data")},
            std::string{leg.variables().get("accountcode")},
            std::string{to_string(leg.call_state())},
            now.callee_id_name,
            now.callee_id_number,
            std::string{leg.callee_direction()},
            shown_call_uuid(leg),
            sent(leg, "last_sent_callee_id_name"),
            sent(leg, "last_sent_callee_id_number"),
            first.caller_id_name,
            first.caller_id_number,
            first.network_address,
            first.destination_number,
            first.dialplan,
            first.context};
}

constexpr std::array<std::string_view, 38> channel_columns{"uuid",
                                                           "direction",
                                                           "created",
                                                           "created_epoch",
                                                           "name",
                                                           "state",
                                                           "cid_name",
                                                           "cid_num",
                                                           "ip_addr",
                                                           "dest",
                                                           "application",
                                                           "application_data",
                                                           "dialplan",
                                                           "context",
                                                           "read_codec",
                                                           "read_rate",
                                                           "read_bit_rate",
                                                           "write_codec",
                                                           "write_rate",
                                                           "write_bit_rate",
                                                           "secure",
                                                           "hostname",
                                                           "presence_id",
                                                           "presence_data",
                                                           "accountcode",
                                                           "callstate",
                                                           "callee_name",
                                                           "callee_num",
                                                           "callee_direction",
                                                           "call_uuid",
                                                           "sent_callee_name",
                                                           "sent_callee_num",
                                                           "initial_cid_name",
                                                           "initial_cid_num",
                                                           "initial_ip_addr",
                                                           "initial_dest",
                                                           "initial_dialplan",
                                                           "initial_context"};

bool shows(const channel& leg)
{
    return leg.running_state() < channel_state::destroy;
}

bool matches(const channel& leg, std::string_view pattern)
{
    const auto has = [&](std::string_view value) { return text::contains(value, pattern); };
    return has(leg.uuid()) || has(leg.name()) || has(leg.profile().caller_id_name) ||
           has(leg.profile().caller_id_number) || has(leg.variables().get("presence_data")) ||
           has(leg.variables().get("accountcode"));
}

report list_channels(context& with, std::string_view like)
{
    report out{{channel_columns.begin(), channel_columns.end()}, {}};
    std::string pattern{like};
    std::erase(pattern, '%');
    for (const auto& [id, leg] : with.board.channels())
        if (shows(*leg) && (pattern.empty() || matches(*leg, pattern))) out.rows.push_back(channel_row(with, *leg));
    return out;
}

/// Indices into channel_columns of what `show calls` tells about each of two legs.
constexpr std::array<std::size_t, 21> a_cells{0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 22,
                                              23, 24, 25, 26, 27, 28, 29, 21, 30, 31};
constexpr std::array<std::size_t, 19> b_cells{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 22, 23, 24, 25, 26, 27, 28, 30, 31};
constexpr std::array<std::string_view, 19> b_columns{
    "b_uuid",        "b_direction",        "b_created",          "b_created_epoch",  "b_name",
    "b_state",       "b_cid_name",         "b_cid_num",          "b_ip_addr",        "b_dest",
    "b_presence_id", "b_presence_data",    "b_accountcode",      "b_callstate",      "b_callee_name",
    "b_callee_num",  "b_callee_direction", "b_sent_callee_name", "b_sent_callee_num"};

row call_row(context& with, const channel& a, const channel* b)
{
    row out;
    const auto first = channel_row(with, a);
    for (const auto index : a_cells) out.push_back(first[index]);
    const auto second = b ? channel_row(with, *b) : row(channel_columns.size());
    for (const auto index : b_cells) out.push_back(second[index]);
    out.push_back(b ? std::to_string(a.times().bridged / 1000000) : "");
    return out;
}

/// One row for each bridged pair and for each leg that is in none; the pairs last.
report list_calls(context& with, bool bridged_only)
{
    report out{{}, {}};
    for (const auto index : a_cells) out.columns.push_back(channel_columns[index]);
    out.columns.insert(out.columns.end(), b_columns.begin(), b_columns.end());
    out.columns.push_back("call_created_epoch");
    std::vector<row> pairs;
    for (const auto& [id, leg] : with.board.channels()) {
        const auto partner = leg->partner();
        if (!shows(*leg) || (partner && !leg->leads_bridge())) continue;
        if (partner) {
            pairs.push_back(call_row(with, *leg, partner.get()));
        } else if (!bridged_only) {
            out.rows.push_back(call_row(with, *leg, nullptr));
        }
    }
    out.rows.insert(out.rows.end(), pairs.begin(), pairs.end());
    return out;
}

// --- the verb

std::string print(const report& what, std::string_view format)
{
    if (format.empty() || text::same(format, "csv") || text::same(format, "delim")) return what.as_csv();
    if (text::same(format, "json")) return what.as_json();
    return "-ERR Cannot find format " + std::string{format} + '\n';
}

std::string print_count(const report& what, std::string_view format)
{
    const auto count = std::to_string(what.rows.size());
    return text::same(format, "json") ? "{\"row_count\":" + count + "}" : '\n' + count + " total.\n";
}

/// What follows `as`; empty if nothing does.
std::string format_of(const std::vector<std::string>& words)
{
    for (std::size_t i = 1; i + 1 < words.size(); ++i)
        if (text::same(words[i], "as")) return words[i + 1];
    return {};
}

std::optional<report> table_of(context& with, std::string_view what, std::string_view only)
{
    static constexpr std::array<std::string_view, 9> types{"codec", "dialplan", "file",       "timer",   "chat",
                                                           "limit", "say",      "management", "endpoint"};
    const bool plural = what.ends_with('s');
    const auto singular = plural ? what.substr(0, what.size() - 1) : what;
    for (const auto type : types)
        if (singular == type) return list_interfaces(with, type, false);
    if (singular == "module") return list_interfaces(with, {}, true, only);
    if (what == "interfaces") return list_interfaces(with, {}, false);
    if (what == "api") return list_verbs(with, only);
    if (what == "application") return list_applications(only);
    if (what == "calls" || what == "detailed_calls") return list_calls(with, false);
    if (what == "bridged_calls" || what == "detailed_bridged_calls") return list_calls(with, true);
    if (what == "registrations") return list_registrations(with);
    if (what == "channels") return list_channels(with, {});
    if (what == "tasks" || what == "aliases" || what == "complete" || what == "nat_map") return report{};
    return std::nullopt;
}

std::string show(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 6);
    if (words.empty()) return self.usage();
    const auto& what = words[0];
    if (what.starts_with("status")) return find("status")->run(with, *find("status"), {});
    const auto second = words.size() > 1 ? std::string_view{words[1]} : std::string_view{};
    const auto format = format_of(words);
    if (what == "channels" && text::same(second, "like"))
        return print(list_channels(with, words.size() > 2 ? words[2] : ""), format);
    const bool filters = !second.empty() && !text::same(second, "as") && !text::same(second, "count");
    const auto found = table_of(with, what, filters ? second : std::string_view{});
    if (!found) return self.usage();
    return text::same(second, "count") ? print_count(*found, format) : print(*found, format);
}

std::string module_exists(context& with, const verb&, std::string_view args)
{
    const auto known = interfaces(with);
    return std::ranges::any_of(known, [&](const auto& each) { return each.module == args; }) ? "true" : "false";
}

constexpr std::string_view show_syntax =
    "codec|endpoint|application|api|dialplan|file|timer|calls [count]|channels [count|like <match "
    "string>]|calls|detailed_calls|bridged_calls|detailed_bridged_calls|aliases|complete|chat|management|modules|nat_"
    "map|say|interfaces|interface_types|tasks|limits|status";

constexpr std::array table{
    verb{"module_exists", "<module>", "Check if module exists", runs::on_control, module_exists},
    verb{"show", show_syntax, "Show various reports", runs::on_control, show},
};

}  // namespace

std::span<const verb> show_verbs()
{
    return table;
}

}  // namespace strowger::softswitch::api
