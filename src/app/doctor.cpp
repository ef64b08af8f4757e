#include "app/doctor.hpp"

#include "app/commands.hpp"
#include "app/nats_child.hpp"
#include "app/nats_url.hpp"
#include "bus/client.hpp"
#include "hub/json_view.hpp"
#include "net/probe.hpp"

#include <cstdio>
#include <cstdlib>

#include <sys/resource.h>
#include <unistd.h>

namespace strowger::app {
namespace {

using namespace std::chrono_literals;
using grade = finding::grade;
using findings = std::vector<finding>;

constexpr auto patience = 1s;
constexpr rlim_t enough_files = 4096;  ///< a thousand calls at four sockets each
constexpr std::size_t what_columns = 15;

std::string place(const std::string& address, std::uint16_t port)
{
    return address + ":" + std::to_string(port);
}

void configuration(const loaded_settings& loaded, findings& out)
{
    for (const auto& line : loaded.problems)
        out.push_back(
            {grade::fail, "configuration", line, "Mend that line; `strowger check-config` reads the file again."});
    if (loaded.problems.empty())
        out.push_back({grade::ok, "configuration",
                       loaded.file.empty() ? "no file, built-in defaults" : loaded.file.string(), ""});
}

/// Whether our own health page answers at the configured place: then the taken ports are ours.
bool strowger_runs(const settings& with)
{
    if (!with.http.enabled) return false;
    const auto page = net::tcp_ask(with.http.bind, with.http.port, "GET /health HTTP/1.0\r\n\r\n", "", patience);
    return page.find("\"node_id\"") != std::string::npos;
}

void port(findings& out, net::transport kind, const std::string& address, std::uint16_t number, std::string_view key,
          bool ours, std::string_view what)
{
    const auto problem = net::try_bind(kind, address, number);
    const std::string name = std::string{kind == net::transport::udp ? "UDP " : "TCP "} + place(address, number);
    if (!problem) {
        out.push_back({grade::ok, std::string{what}, name + " is free", ""});
    } else if (ours && problem == boost::system::errc::address_in_use) {
        out.push_back({grade::ok, std::string{what}, name + " is ours", ""});
    } else {
        out.push_back({grade::fail, std::string{what}, name + ": " + problem.message(),
                       "Stop the program that has it (`ss -lnp 'sport = :" + std::to_string(number) +
                           "'` names it), or set " + std::string{key} + "."});
    }
}

void rtp_range(const softswitch::settings& with, findings& out)
{
    const auto& sip = with.sip;
    unsigned taken = 0, all = 0;
    for (unsigned number = sip.rtp_port_min; number <= sip.rtp_port_max; ++number, ++all)
        if (net::try_bind(net::transport::udp, sip.bind, static_cast<std::uint16_t>(number))) ++taken;
    const auto range = std::to_string(sip.rtp_port_min) + " to " + std::to_string(sip.rtp_port_max);
    const std::string text =
        "UDP " + range + ", " + std::to_string(all - taken) + " of " + std::to_string(all) + " free";
    if (taken * 2 < all) return out.push_back({grade::ok, "RTP ports", text, ""});
    out.push_back(
        {grade::warn, "RTP ports", text, "Set switch.sip.rtp_port_min and rtp_port_max to a range that is free."});
}

/// The version in the greeting that every NATS server sends first: `INFO {"server_id":…,"version":"2.9.10",…}`.
std::string nats_version(std::string_view url)
{
    const auto number = loopback_port(url);
    if (!number) return {};
    const auto greeting = net::tcp_ask("127.0.0.1", *number, "", "\n", patience);
    if (!greeting.starts_with("INFO ")) return {};
    const auto info = hub::json_view::parse(std::string_view{greeting}.substr(5, greeting.find('\r') - 5));
    const auto version = info && info->is_object() ? info->field("version") : std::nullopt;
    return version && version->is_string() ? version->text() : std::string{};
}

void nats(const settings& with, findings& out)
{
    auto reach = with.hub.nats;
    reach.name = "strowger-doctor";
    reach.timeout_ms = std::min(reach.timeout_ms, 2000);
    const std::string url = without_credentials(reach.url);
    const auto program = find_program(with.nats_server.program);
    if (const auto client = bus::client::connect(reach)) {
        const auto version = nats_version(reach.url);
        out.push_back({grade::ok, "NATS",
                       url + " answers in " + std::to_string((*client)->info().round_trip.count()) + " us" +
                           (version.empty() ? "" : ", version " + version),
                       ""});
    } else if (program && may_run_own_server(with)) {
        out.push_back(
            {grade::ok, "NATS", url + " does not answer; `strowger up` will start " + program->string(), ""});
    } else {
        out.push_back({grade::fail, "NATS", url + ": " + client.error().message(),
                       program ? "Start that server, or mend hub.url."
                               : "Start that server, mend hub.url, or install one: apt-get install nats-server."});
    }
    if (program)
        out.push_back({grade::ok, "nats-server", program->string(), ""});
    else
        out.push_back({grade::warn, "nats-server", "not installed; needed only where no other NATS server is",
                       "apt-get install nats-server"});
}

void files(findings& out)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const std::string text = std::to_string(limit.rlim_max) + " open files allowed";
    if (limit.rlim_max >= enough_files) return out.push_back({grade::ok, "file limit", text, ""});
    out.push_back({grade::warn, "file limit", text + ", enough for " + std::to_string(limit.rlim_max / 4) + " calls",
                   "Raise it: `ulimit -Hn 65536` as root, or LimitNOFILE=65536 in the service."});
}

void codecs(const softswitch::settings& with, findings& out)
{
    std::string names;
    for (const auto& name : with.sip.codecs) names += (names.empty() ? "" : ", ") + name;
    out.push_back({grade::ok, "codecs", names + " (all built in)", ""});
}

void freeswitch(findings& out)
{
    for (const char* folder : {"/usr/local/freeswitch/lib/freeswitch/mod", "/usr/local/freeswitch/mod",
                               "/usr/lib/freeswitch/mod", "/usr/local/lib/freeswitch/mod"}) {
        std::error_code ignored;
        if (!std::filesystem::is_directory(folder, ignored)) continue;
        const bool ours = std::filesystem::exists(std::string{folder} + "/mod_event_agent.so", ignored);
        return out.push_back({grade::ok, "FreeSWITCH",
                              std::string{"modules in "} + folder +
                                  (ours ? ", mod_event_agent among them" : ", mod_event_agent not among them"),
                              ""});
    }
    out.push_back({grade::ok, "FreeSWITCH", "not found; needed only for mod_event_agent", ""});
}

bool wants_colour()
{
    const char* refused = std::getenv("NO_COLOR");
    return ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

}  // namespace

std::vector<finding> examine(const loaded_settings& loaded)
{
    findings out;
    auto with = loaded.values;
    with.hub.complete(::getenv, machine_name());
    configuration(loaded, out);
    const bool ours = strowger_runs(with);
    out.push_back(
        {grade::ok, "strowger", ours ? "runs on this machine" : "does not run with this configuration", ""});
    const auto& sip = with.softswitch.sip;
    port(out, net::transport::udp, sip.bind, sip.port, "switch.sip.port", ours, "SIP port");
    port(out, net::transport::tcp, sip.bind, sip.port, "switch.sip.port", ours, "SIP port");
    rtp_range(with.softswitch, out);
    if (with.http.enabled)
        port(out, net::transport::tcp, with.http.bind, with.http.port, "http.port", ours, "health page");
    nats(with, out);
    codecs(with.softswitch, out);
    files(out);
    freeswitch(out);
    return out;
}

std::string render(const finding& one, bool coloured)
{
    static constexpr std::array<std::string_view, 3> words{"ok", "warn", "fail"};
    static constexpr std::array<std::string_view, 3> colours{"\x1b[32m", "\x1b[33m", "\x1b[31m"};
    const auto grade = static_cast<std::size_t>(one.how);
    std::string head{words[grade]};
    head.resize(6, ' ');
    if (coloured) head = std::string{colours[grade]} + head + "\x1b[0m";
    std::string what = one.what;
    what.resize(std::max(what.size(), what_columns), ' ');
    std::string out = head + what + one.text + "\n";
    if (!one.mend.empty()) out.append(6 + what_columns, ' ').append("-> ").append(one.mend).append("\n");
    return out;
}

int run_doctor(const common_options& common)
{
    const auto found = examine(load(find_file(common.config), ::getenv));
    const bool coloured = wants_colour();
    for (const auto& one : found) std::fputs(render(one, coloured).c_str(), stdout);
    const bool failed = std::ranges::any_of(found, [](const auto& one) { return one.how == grade::fail; });
    return failed ? exit_failed : exit_well;
}

}  // namespace strowger::app
