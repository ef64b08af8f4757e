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

/// "9196" of "^9196$", "10xx" of "^(10[0-9][0-9])$"; any other pattern as it is.
std::string number_of(const std::string& pattern)
{
    std::string_view inner = pattern;
    if (inner.starts_with('^')) inner.remove_prefix(1);
    if (inner.ends_with('$')) inner.remove_suffix(1);
    if (inner.starts_with('(') && inner.ends_with(')')) inner = inner.substr(1, inner.size() - 2);
    std::string out;
    while (!inner.empty()) {
        const bool any_digit = inner.starts_with("[0-9]") || inner.starts_with("\\d");
        const bool plain = std::isdigit(static_cast<unsigned char>(inner.front())) != 0;
        if (!any_digit && !plain) return pattern;
        out += any_digit ? 'x' : inner.front();
        inner.remove_prefix(any_digit ? (inner.front() == '[' ? 5 : 2) : 1);
    }
    return out;
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
