// Applications on variables, and those that only write a line.
#include "base/log.hpp"
#include "softswitch/application.hpp"
#include "softswitch/dialplan.hpp"
#include "softswitch/text.hpp"

#include <array>

namespace strowger::softswitch {
namespace {

void assign(channel& who, std::string_view pair)
{
    const auto [name, value] = text::cut(pair, '=');
    const auto bare = text::trim(name);
    if (bare.empty()) return;
    who.variables().set(bare, value == "undef" ? std::string_view{} : text::trim(value));
}

task<> set(channel& who, std::string pair)
{
    assign(who, pair);
    co_return;
}

task<> multiset(channel& who, std::string pairs)
{
    char separator = ' ';
    std::string_view rest = pairs;
    if (rest.size() > 2 && rest.starts_with("^^")) {
        separator = rest[2];
        rest.remove_prefix(3);
    }
    for (const auto& each : text::split(rest, separator, 64)) assign(who, each);
    co_return;
}

task<> unset(channel& who, std::string name)
{
    who.variables().unset(text::trim(name));
    co_return;
}

/// `export [nolocal:]name=value`: legs dialled from here get it too.
task<> export_variable(channel& who, std::string pair)
{
    constexpr std::string_view elsewhere = "nolocal:";
    std::string_view rest = pair;
    const bool local = !rest.starts_with(elsewhere);
    if (!local) rest.remove_prefix(elsewhere.size());
    const auto name = text::trim(text::cut(rest, '=').first);
    if (name.empty()) co_return;
    assign(who, rest);
    auto exported = std::string{who.variables().get("export_vars")};
    exported += exported.empty() ? "" : ",";
    exported += name;
    who.variables().set("export_vars", exported);
}

task<> write_log(channel& who, std::string arguments)
{
    auto [name, message] = text::cut(arguments, ' ');
    auto severity = log::level::info;
    if (!log::parse_level(name, severity)) message = arguments;
    log::write(severity, "dialplan", message, {{"leg", who.uuid()}});
    co_return;
}

task<> info(channel& who, std::string)
{
    for (const auto& [name, value] : who.variables())
        log::info("dialplan", "variable", {{"leg", who.uuid()}, {"name", name}, {"value", value}});
    co_return;
}

task<> execute_all(channel& who, std::string arguments)
{
    for (const auto& step : parse_inline(arguments)) {
        if (!who.ready()) co_return;
        co_await who.execute(step.application, step.data);
    }
}

task<> evaluate(channel&, std::string)
{
    co_return;  // what it is for has happened when its argument was expanded
}

constexpr std::array table{
    application{"eval", "", "Do Nothing", false, true, evaluate},
    application{"execute_inline", "<app>:<data>,<app>:<data>", "Execute applications", false, false, execute_all},
    application{"export", "<varname>=<value>", "Export a channel variable across a bridge", false, true,
                export_variable},
    application{"info", "", "Display Call Info", false, true, info},
    application{"log", "<log_level> <log_string>", "Logs to the logger", false, true, write_log},
    application{"multiset", "[^^<delim>]<varname>=<value> <var2>=<val2>", "Set many channel variables", false, true,
                multiset},
    application{"set", "<varname>=<value>", "Set a channel variable", false, true, set},
    application{"unset", "<varname>", "Unset a channel variable", false, true, unset},
};

}  // namespace

std::span<const application> variable_applications()
{
    return table;
}

}  // namespace strowger::softswitch
