// Verbs about the switch itself.
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "softswitch/api/verb.hpp"
#include "softswitch/origins.hpp"
#include "softswitch/product.hpp"
#include "softswitch/text.hpp"

#include <array>
#include <ctime>
#include <thread>

namespace strowger::softswitch::api {
namespace {

std::string status(context& with, const verb&, std::string_view)
{
    const auto load = with.board.figures();
    const auto number = [](auto value) { return std::to_string(value); };
    const auto max_rate = number(with.board.configured().sessions_per_second);
    std::string release = version_text();
    release.replace(release.find('~'), 1, "  ");
    return "UP " + spell_uptime(with.board.up()) + '\n' + product_name + " (Version " + release + ") is " +
           (with.board.closed() ? "not ready" : "ready") + '\n' + number(load.since_startup) +
           " session(s) since startup\n" + number(load.sessions) + " session(s) - peak " + number(load.peak) +
           ", last 5min " + number(load.peak_five_minutes) + " \n" + number(load.per_second) +
           " session(s) per Sec out of max " + max_rate + ", peak " + number(load.per_second_peak) + ", last 5min " +
           number(load.per_second_five_minutes) + " \n" + number(with.board.configured().max_sessions) +
           " session(s) max\nmin idle cpu 0.00/" + idle_cpu().substr(0, 5) + "\nCurrent Stack Size/Max 240K/8192K\n";
}

std::string version(context&, const verb&, std::string_view args)
{
    const auto full = version_text();
    if (text::same(args, "short")) return full.substr(0, full.find('-')).append("\n");
    return std::string{product_name}.append(" Version ").append(full).append(" ( 64bit)\n");
}

std::string uptime(context& with, const verb& self, std::string_view unit)
{
    struct scale {
        std::string_view name, letter;
        std::int64_t us;
    };
    static constexpr std::array<scale, 6> scales{{{"microseconds", "us", 1},
                                                  {"milliseconds", "ms", 1000},
                                                  {"seconds", "s", 1000000},
                                                  {"minutes", "m", 60000000},
                                                  {"hours", "h", 3600000000},
                                                  {"days", "d", 86400000000}}};
    if (unit.empty()) unit = "s";
    for (const auto& each : scales)
        if (text::same(unit, each.name) || text::same(unit, each.letter))
            return std::to_string(with.board.up().count() / each.us) + '\n';
    return self.usage();
}

std::string hostname(context& with, const verb&, std::string_view)
{
    return with.board.events().hostname();
}

std::string echo(context&, const verb&, std::string_view args)
{
    return std::string{args};
}

std::string create_uuid(context&, const verb&, std::string_view)
{
    return make_uuid();
}

std::string msleep(context&, const verb& self, std::string_view args)
{
    const auto ms = text::to_number(args);
    if (!ms || *ms < 0 || *ms > 3600000) return self.usage();
    std::this_thread::sleep_for(std::chrono::milliseconds{*ms});
    return "+OK";
}

std::string global_getvar(context& with, const verb&, std::string_view name)
{
    if (!name.empty()) return std::string{with.board.globals().get(name)};
    std::string out;
    for (const auto& [key, value] : with.board.globals()) out += key + '=' + value + '\n';
    return out;
}

std::string global_setvar(context& with, const verb& self, std::string_view args)
{
    const auto parts = text::split(args, '=', 3);
    if (parts.empty() || text::trim(parts[0]).empty()) return self.usage();
    auto& globals = with.board.globals();
    const bool only_if = parts.size() == 3 && !parts[2].empty();
    if (only_if && globals.get(parts[0]) != parts[2]) return "+OK";
    globals.set(parts[0], parts.size() > 1 ? std::string_view{parts[1]} : std::string_view{});
    return "+OK";
}

void fire_reload(context& with)
{
    auto& events = with.board.events();
    if (events.wanted("RELOADXML")) events.send(events.make("RELOADXML", origins::reload));
}

/// The configuration is read once, at the start: what changed in the file waits for the next.
std::string reloadxml(context& with, const verb&, std::string_view)
{
    fire_reload(with);
    return "+OK [Success]\n";
}

std::string load(context& with, const verb& self, std::string_view args)
{
    if (args.empty()) return self.usage();
    fire_reload(with);
    return "+OK Reloading XML\n-ERR [module load file routine returned an error]\n";
}

std::string unload(context&, const verb& self, std::string_view args)
{
    return args.empty() ? self.usage() : "-ERR [No such module!]\n";
}

std::string domain_exists(context& with, const verb& self, std::string_view args)
{
    if (args.empty()) return self.usage();
    return args == with.board.globals().get("domain") || args == with.board.configured().sip.realm ? "true" : "false";
}

std::string user_exists(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 3);
    if (words.size() < 2) return self.usage();
    const auto& users = with.board.configured().users;
    return std::ranges::any_of(users, [&](const auto& each) { return each.number == words[1]; }) ? "true" : "false";
}

std::string expand_for(context& with, std::string_view uuid, std::string_view args)
{
    if (const auto leg = with.board.find(uuid)) return leg->expand(args);
    const auto global = [&](std::string_view name) { return std::string{with.board.globals().get(name)}; };
    const auto function = [&](std::string_view verb, std::string_view rest) {
        return with.board.call_api(verb, rest);
    };
    return softswitch::expand(args, global, global, function);
}

/// Takes `uuid:<uuid>` off the front.
std::string_view take_uuid(std::string_view& args)
{
    constexpr std::string_view mark = "uuid:";
    if (!text::same(args.substr(0, mark.size()), mark)) return {};
    const auto [uuid, rest] = text::cut(args.substr(mark.size()), ' ');
    args = rest;
    return uuid;
}

std::string eval(context& with, const verb&, std::string_view args)
{
    const auto uuid = take_uuid(args);
    return expand_for(with, uuid, args);
}

std::string expand(context& with, const verb&, std::string_view args)
{
    const auto uuid = take_uuid(args);
    if (args.empty()) return "-ERR No input\n";
    const auto [name, rest] = text::cut(args, ' ');
    std::string expanded;
    with.board.control().call([&] { expanded = expand_for(with, uuid, rest); });
    const auto reply = with.execute(name, expanded);
    return reply.ok ? reply.text : reply.text + "-ERR Cannot execute command\n";
}

std::string strftime(context&, const verb&, std::string_view args)
{
    auto when = static_cast<std::time_t>(now_us() / 1000000);
    std::string format{args};
    if (const auto bar = args.find('|'); bar != std::string_view::npos) {
        when = static_cast<std::time_t>(text::to_number(args.substr(0, bar)).value_or(0));
        format = args.substr(bar + 1);
    }
    if (format.empty()) format = "%Y-%m-%d %T";
    std::tm local{};
    localtime_r(&when, &local);
    std::array<char, 1024> out{};
    return {out.data(), std::strftime(out.data(), out.size(), format.c_str(), &local)};
}

std::string url_encode(context&, const verb&, std::string_view args)
{
    return text::url_encode(args);
}

std::string set_log_level(std::string_view name)
{
    static constexpr std::array<std::string_view, 8> names{"CONSOLE", "ALERT",  "CRIT", "ERR",
                                                           "WARNING", "NOTICE", "INFO", "DEBUG"};
    auto level = log::get_level();
    if (!name.empty() && !log::parse_level(name, level)) return "-ERR syntax error, log level not set!\n";
    log::set_level(level);
    const auto number = static_cast<std::size_t>(level);
    return "+OK log level: " + std::string{names[number]} + " [" + std::to_string(number) + "]\n";
}

std::string fsctl(context& with, const verb& self, std::string_view args)
{
    if (args.empty()) return self.usage();
    const auto [what, rest] = text::cut(args, ' ');
    const auto load = with.board.figures();
    if (text::same(what, "loglevel")) return set_log_level(text::trim(rest));
    if (text::same(what, "ready_check")) return with.board.closed() ? "false" : "true";
    if (text::same(what, "shutdown_check")) return with.board.closed() ? "true" : "false";
    if (text::same(what, "last_sps"))
        return "+OK last sessions per second: " + std::to_string(load.per_second) + '\n';
    if (text::same(what, "hupall")) {
        with.board.hang_up_all(pbx::cause::manager_request);
        return "+OK\n";
    }
    return "-ERR Invalid command\nUSAGE: fsctl " + std::string{self.syntax} + '\n';
}

constexpr std::string_view fsctl_syntax =
    "[api_expansion [on|off]|recover|send_sighup|hupall|pause [inbound|outbound]|resume [inbound|outbound]|shutdown "
    "[cancel|elegant|asap|now|restart]|sps|sps_peak_reset|sync_clock|sync_clock_when_idle|reclaim_mem|max_sessions|"
    "min_dtmf_duration [num]|max_dtmf_duration [num]|default_dtmf_duration [num]|min_idle_cpu|loglevel "
    "[level]|debug_level [level]|mdns_resolve [enable|disable]]";

constexpr std::array table{
    verb{"create_uuid", "<uuid> <other_uuid>", "Create a uuid", runs::anywhere, create_uuid},
    verb{"domain_exists", "<domain>", "Check if a domain exists", runs::on_control, domain_exists},
    verb{"echo", "<data>", "Echo", runs::anywhere, echo},
    verb{"eval", "[uuid:<uuid> ]<expression>", "eval (noop)", runs::on_control, eval},
    verb{"expand", "[uuid:<uuid> ]<cmd> <args>", "Execute an api with variable expansion", runs::waiting, expand},
    verb{"fsctl", fsctl_syntax, "FS control messages", runs::on_control, fsctl},
    verb{"global_getvar", "<var>", "Get global var", runs::on_control, global_getvar},
    verb{"global_setvar", "<var>=<value> [=<value2>]", "Set global var", runs::on_control, global_setvar},
    verb{"hostname", "", "Return the system hostname", runs::anywhere, hostname},
    verb{"load", "<mod_name>", "Load Module", runs::on_control, load},
    verb{"msleep", "<milliseconds>", "Sleep N milliseconds", runs::waiting, msleep},
    verb{"reloadxml", "", "Reload XML", runs::on_control, reloadxml},
    verb{"status", "", "Show current status", runs::on_control, status},
    verb{"strftime", "<format_string>", "strftime", runs::anywhere, strftime},
    verb{"unload", "[-f] <mod_name>", "Unload module", runs::on_control, unload},
    verb{"uptime", "[us|ms|s|m|h|d|microseconds|milliseconds|seconds|minutes|hours|days]", "Show uptime",
         runs::anywhere, uptime},
    verb{"url_encode", "<string>", "Url encode a string", runs::anywhere, url_encode},
    verb{"user_exists", "<key> <user> <domain>", "Find a user", runs::on_control, user_exists},
    verb{"version", "[short]", "Version", runs::anywhere, version},
};

}  // namespace

std::span<const verb> system_verbs()
{
    return table;
}

}  // namespace strowger::softswitch::api
