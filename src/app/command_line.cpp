#include "app/command_line.hpp"

#include "app/commands.hpp"
#include "base/config.hpp"

#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

namespace strowger::app {
namespace {

constexpr auto about =
    "Strowger, a telephone exchange for programs: phones call, programs watch and command the calls over NATS.";

constexpr auto main_examples = R"(Examples:
  strowger up                                   start everything; no configuration needed
  strowger events                               watch calls live
  strowger api originate loopback/9196 '&park'  place a call
  strowger doctor                               what is wrong on this machine, and how to mend it
Exit codes: 0 well, 1 failed, 2 used wrongly. More: `strowger <command> --help`, `man strowger`.)";

constexpr auto up_examples =
    R"(The configuration is --config, else ./strowger.toml, else /etc/strowger/strowger.toml, else built-in defaults.
If nothing answers on 127.0.0.1:4222 and no other server is configured, an installed nats-server runs as a child.
Examples:
  strowger up
  strowger up --config office.toml --log-level debug
  STROWGER_SWITCH_SIP_PORT=5070 strowger up     any key of the file has such a variable)";

constexpr auto switch_examples =
    R"(The hub joins in only when the configuration has a [hub] table or NATS_URL is set; no nats-server is started.
Examples:
  strowger switch
  NATS_URL=nats://127.0.0.1:4222 strowger switch)";

constexpr auto api_examples =
    R"(Prints what the switch answers. Put -- before a command that has words beginning with a dash.
Examples:
  strowger api status
  strowger api show channels
  strowger api originate user/1000 9196
  strowger api --node pbx_7 uuid_kill 6f3f0c1e-5f0b-4d57-9a3c-0b5f3a1c2d4e
  strowger api --json version)";

constexpr auto events_examples =
    R"(Filters: event names with *, in any case (also sub-classes of CUSTOM), or a uuid or its first 8 digits.
Examples:
  strowger events
  strowger events 'CHANNEL_*' DTMF
  strowger events 'sofia::*'
  strowger events 13d8b082
  strowger events --json CHANNEL_HANGUP_COMPLETE | jq .headers.\"Hangup-Cause\")";

constexpr auto doctor_examples =
    R"(Prints one line a check: ok, warn or fail, with how to mend it. The exit code is 1 if something fails.
Examples:
  strowger doctor
  strowger doctor --config office.toml)";

constexpr auto check_examples =
    R"(Prints each problem on a line of its own, or a summary. The exit code is 1 if there is a problem.
Examples:
  strowger check-config
  strowger check-config office.toml
  strowger check-config --dump                  every key with its value; secrets as ***)";

/// Everything the arguments said.
struct arguments {
    common_options common;
    std::string config, level, format;
    api_options api;
    events_options events;
    double timeout_s = 65;
    bool dump = false;
};

void add_config(CLI::App& to, arguments& out)
{
    to.add_option("--config,-c", out.config, "Configuration file (TOML)")->type_name("FILE");
}

void add_logging(CLI::App& to, arguments& out)
{
    const auto known = [](const std::string& text) {
        log::level ignored{};
        return log::parse_level(text, ignored)
                   ? std::string{}
                   : "expected debug, info, notice, warning, err, crit, alert or emerg; got \"" + text + "\"";
    };
    to.add_option("--log-level", out.level, "Least severe line to write: debug, info, notice, warning, err …")
        ->type_name("LEVEL")
        ->check(CLI::Validator{known, ""});
    to.add_option("--log-format", out.format, "human or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"human", "json"}));
}

void add_url(CLI::App& to, std::string& url)
{
    to.add_option("--url", url, "NATS server, instead of the configured one")->type_name("URL");
}

CLI::App* add_command(CLI::App& app, const char* name, const char* what, const char* examples)
{
    auto* command = app.add_subcommand(name, what);
    command->footer(examples);
    return command;
}

void describe(CLI::App& app, arguments& out)
{
    app.footer(main_examples);
    app.set_version_flag("--version", std::string{"strowger "} + STROWGER_VERSION, "Print the version");
    app.require_subcommand(1);

    auto* up =
        add_command(app, "up", "Start the exchange: switch, hub, health page, NATS if nobody has one", up_examples);
    add_config(*up, out);
    add_logging(*up, out);
    auto* only_switch = add_command(app, "switch", "Start the embedded switch alone", switch_examples);
    add_config(*only_switch, out);
    add_logging(*only_switch, out);

    auto* api = add_command(app, "api", "Send one command to the switch and print its answer", api_examples);
    add_config(*api, out);
    add_url(*api, out.api.bus.url);
    api->add_option("--node,-n", out.api.node, "The node to ask, instead of all")->type_name("ID");
    api->add_option("--timeout,-t", out.timeout_s, "How long to wait for the answer [s]")
        ->capture_default_str()
        ->type_name("SECONDS")
        ->check(CLI::Range(0.001, 86400.0));
    api->add_flag("--json", out.api.json, "Print the whole reply as JSON");
    api->add_option("command", out.api.words, "The command and its arguments")->required();

    auto* events = add_command(app, "events", "Print events as they happen, until Ctrl-C", events_examples);
    add_config(*events, out);
    add_url(*events, out.events.bus.url);
    events->add_flag("--json", out.events.json, "Print each event as one line of JSON, as it was published");
    events->add_option("--count", out.events.count, "Leave after so many events")->type_name("N");
    events->add_option("filter", out.events.filters, "Which events; none: all");

    auto* doctor = add_command(app, "doctor", "Look for what is wrong on this machine", doctor_examples);
    add_config(*doctor, out);
    auto* check = add_command(app, "check-config", "Say whether a configuration file is good", check_examples);
    check->add_option("file", out.config, "The file; none: the one that `up` would read");
    check->add_flag("--dump", out.dump, "Print every key with the value that counts");
}

/// CLI11 would only say that some sub-command is required.
bool names_no_command(const CLI::App& app, int argc, char** argv)
{
    if (argc < 2 || argv[1][0] == '-') return false;
    std::vector<std::string> known;
    for (const auto* command : app.get_subcommands({})) known.push_back(command->get_name());
    if (std::ranges::find(known, argv[1]) != known.end()) return false;
    const auto near = config::nearest(argv[1], known);
    std::fprintf(stderr, "strowger: no command \"%s\"; %s\nRun strowger --help for all of them.\n", argv[1],
                 near.empty() ? "expected up, switch, api, events, doctor or check-config"
                              : ("did you mean \"" + std::string{near} + "\"?").c_str());
    return true;
}

int run_chosen(const CLI::App& app, arguments& given)
{
    given.common.config = given.config;
    if (log::level level{}; log::parse_level(given.level, level)) given.common.log_level = level;
    if (!given.format.empty())
        given.common.log_format = given.format == "json" ? log::format::json : log::format::human;
    given.api.timeout = std::chrono::milliseconds{static_cast<std::int64_t>(given.timeout_s * 1000)};

    const std::string name = app.get_subcommands().front()->get_name();
    if (name == "up") return run_up(given.common);
    if (name == "switch") return run_switch(given.common);
    if (name == "api") return run_api(given.common, given.api);
    if (name == "events") return run_events(given.common, given.events);
    if (name == "doctor") return run_doctor(given.common);
    return run_check_config(given.common, given.dump);
}

}  // namespace

int run(int argc, char** argv)
try {
    CLI::App app{about, "strowger"};
    arguments given;
    describe(app, given);
    if (names_no_command(app, argc, argv)) return exit_wrong_use;
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? exit_well : exit_wrong_use;
    }
    return run_chosen(app, given);
} catch (const std::exception& problem) {
    std::fprintf(stderr, "strowger: %s\n", problem.what());
    return exit_failed;
}

}  // namespace strowger::app
