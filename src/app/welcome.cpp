#include "app/welcome.hpp"

#include "app/nats_url.hpp"

#include <algorithm>
#include <cctype>

namespace strowger::app {
namespace {

constexpr std::size_t label_columns = 12;

std::string line(std::string_view label, std::string_view text)
{
    std::string out = "  ";
    out.append(label);
    out.resize(std::max(out.size(), 2 + label_columns), ' ');
    return out.append(text) + "\n";
}

/// "9196" of "^9196$"; any other pattern as it is.
std::string number_of(std::string_view pattern)
{
    std::string_view inner = pattern;
    if (inner.starts_with('^')) inner.remove_prefix(1);
    if (inner.ends_with('$')) inner.remove_suffix(1);
    const bool plain = !inner.empty() && std::ranges::all_of(inner, [](char c) {
        return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '*' || c == '#';
    });
    return std::string{plain ? inner : pattern};
}

std::string phones(const softswitch::settings& with)
{
    const auto& sip = with.sip;
    const std::string at = sip.bind + ":" + std::to_string(sip.port) + (sip.tcp ? " (UDP or TCP), " : " (UDP), ");
    if (!sip.require_auth) return at + "any user name, no password";
    if (with.users.empty()) return at + "but nobody may register yet: add [switch.users.1000] with a password";
    const auto& first = with.users.front().number;
    return at + "user " + first + " with the password of [switch.users." + first + "]" +
           (with.users.size() > 1 ? "; " + std::to_string(with.users.size()) + " users in all" : "");
}

std::string extensions(const softswitch::settings& with)
{
    std::string out;
    for (const auto& entry : with.dialplan) {
        if (!out.empty()) out += ", ";
        out += number_of(entry.pattern);
        if (!entry.name.empty()) out.append(" ").append(entry.name);
    }
    return out;
}

std::string bus_line(const settings& with, const running& what)
{
    if (!what.hub) return "off: no [hub] in the configuration and no NATS_URL";
    std::string out = without_credentials(with.hub.nats.url);
    if (what.own_nats) return out + " (our own nats-server; it ends with us)";
    return what.nats_connected ? out
                               : out + " does not answer yet; trying on (`strowger doctor` says how to mend it)";
}

}  // namespace

std::string welcome_text(const settings& with, const running& what)
{
    std::string out = "\n";
    out += line("Phones", phones(with.softswitch));
    out += line("Dial", extensions(with.softswitch));
    out += line("NATS", bus_line(with, what));
    if (what.hub) {
        out += line("Watch", "strowger events");
        out += line("Command", "strowger api status");
        out += line("", "strowger api originate loopback/9196 '&park'");
    }
    if (with.http.enabled) {
        const auto page = "http://" + with.http.bind + ":" + std::to_string(with.http.port);
        out += line("Health", page + "/health and " + page + "/metrics");
    }
    return out + "\nReady. Ctrl-C ends the calls and stops.\n";
}

}  // namespace strowger::app
