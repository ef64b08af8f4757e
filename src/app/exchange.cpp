#include "app/exchange.hpp"

#include "app/nats_child.hpp"
#include "app/nats_url.hpp"
#include "app/process_metrics.hpp"
#include "app/welcome.hpp"
#include "base/log.hpp"
#include "bus/nats_driver.hpp"
#include "hub/agent.hpp"
#include "hub/json_text.hpp"
#include "net/http_server.hpp"
#include "net/probe.hpp"
#include "softswitch/embedded_switch.hpp"

#include <cstdlib>

namespace strowger::app {
namespace {

using namespace std::chrono_literals;

constexpr auto loopback = "127.0.0.1";
constexpr auto nats_start_limit = 800ms;
constexpr auto first_connection_limit = 300ms;  ///< so that the welcome can say that NATS is there
constexpr auto connection_poll = 2ms;
constexpr auto call_grace = 800ms;  ///< for BYEs and the events of their ends
constexpr unsigned most_drain_ms = 300;
constexpr auto logger = "strowger";

/// Before the switch tries: its own words could not name the key to change.
std::string port_problem(net::transport kind, const std::string& address, std::uint16_t port)
{
    if (port == 0) return {};
    const auto why = net::try_bind(kind, address, port);
    if (!why) return {};
    std::string out = "the switch cannot take ";
    out += kind == net::transport::udp ? "UDP " : "TCP ";
    out += address + ":" + std::to_string(port) + " for SIP: " + why.message();
    out += ".\nStop the program that has the port (`ss -lnp 'sport = :" + std::to_string(port);
    return out + "'` names it), or set switch.sip.port or switch.sip.bind.";
}

}  // namespace

exchange::exchange(settings with, role as)
    : settings_{std::move(with)}, role_{as}, with_hub_{as == role::everything || settings_.hub_configured}
{
}

exchange::~exchange()
{
    stop();
}

boost::system::result<std::unique_ptr<exchange>, std::string> exchange::start(settings with, role as)
{
    std::unique_ptr<exchange> self{new exchange{std::move(with), as}};
    for (const auto step :
         {&exchange::start_nats, &exchange::start_switch, &exchange::start_hub, &exchange::start_pages})
        if (auto problem = (self.get()->*step)(); !problem.empty()) return problem;
    log::info(logger, "ready",
              {{"ms", std::chrono::ceil<std::chrono::milliseconds>(steady_clock::now() - self->started_).count()}});
    return self;
}

exchange::verdict exchange::start_nats()
{
    auto& hub = settings_.hub;
    hub.complete(::getenv, settings_.softswitch.hostname.empty() ? machine_name() : settings_.softswitch.hostname);
    if (role_ == role::switch_only) return {};
    const bool must = settings_.nats_server.run == nats_server_settings::when::always;
    if (!may_run_own_server(settings_)) {
        if (!must) return {};
        return "nats_server.run is \"always\", but hub.url names " + without_credentials(hub.nats.url) +
               "; expected one server on 127.0.0.1, because ours listens on loopback only.";
    }
    const auto port = loopback_port(hub.nats.url).value();
    if (net::tcp_answers(loopback, port, 200ms)) return {};
    const auto program = find_program(settings_.nats_server.program);
    if (!program) {
        const std::string missing = "no program " + settings_.nats_server.program +
                                    " on this machine; `apt-get install nats-server` brings it";
        if (must) return "nats_server.run is \"always\", but there is " + missing + ".";
        log::warn(logger, "NATS does not answer and there is " + missing + "; the phones work without it");
        return {};
    }
    nats_ = std::make_unique<nats_child>(*program, port);
    if (!nats_->wait_until_ready(nats_start_limit))
        log::warn(logger, "our nats-server does not answer yet; trying on", {{"port", port}});
    return {};
}

exchange::verdict exchange::start_switch()
{
    const auto& sip = settings_.softswitch.sip;
    if (auto problem = port_problem(net::transport::udp, sip.bind, sip.port); !problem.empty()) return problem;
    if (sip.tcp)
        if (auto problem = port_problem(net::transport::tcp, sip.bind, sip.port); !problem.empty()) return problem;
    auto started = softswitch::embedded_switch::start(settings_.softswitch);
    if (!started)
        return "the embedded switch could not start: " + started.error().message() +
               ".\n`strowger doctor` looks for the reason.";
    switch_ = std::move(*started);
    return {};
}

exchange::verdict exchange::start_hub()
{
    if (!with_hub_) return {};
    auto& hub = settings_.hub;
    hub.drain_ms = std::min(hub.drain_ms, most_drain_ms);  // Ctrl-C promises two seconds for everything
    auto driver = bus::make_nats_driver(hub.nats);
    if (!driver) return "hub: " + driver.error().message() + ". Mend hub.url and its neighbours.";
    auto agent = hub::agent::create(hub, *switch_, std::move(*driver));
    if (!agent) return "hub: " + agent.error().message() + ". Mend [hub] in the configuration.";
    hub_ = std::move(*agent);
    if (const auto connecting = hub_->start(); !connecting)
        return "hub: " + connecting.error().message() + ". Mend [hub] in the configuration.";
    const auto deadline = steady_clock::now() + first_connection_limit;
    while (!hub_->connected() && steady_clock::now() < deadline) std::this_thread::sleep_for(connection_poll);
    return {};
}

exchange::verdict exchange::start_pages()
{
    if (!settings_.http.enabled) return {};
    net::http_settings with;
    with.address = settings_.http.bind;
    with.port = settings_.http.port;
    net::http_routes pages;
    pages["/health"] = [this] { return net::http_reply{200, "application/json", health()}; };
    pages["/metrics"] = [this] {
        return net::http_reply{200, "text/plain; version=0.0.4; charset=utf-8", metrics()};
    };
    auto started = net::http_server::start(std::move(with), std::move(pages));
    if (!started) return "the page of health and metrics: " + started.error() + "\nOr set http.port or http.bind.";
    pages_ = std::move(*started);
    return {};
}

void exchange::stop()
{
    if (pages_) pages_->stop();
    if (switch_) switch_->stop(call_grace);
    if (hub_) hub_->stop();  // after the calls, so that their last events go out
    pages_.reset();
    hub_.reset();
    switch_.reset();
    nats_.reset();
}

std::string exchange::welcome() const
{
    return welcome_text(settings_, {.hub = hub_ != nullptr,
                                    .own_nats = nats_ != nullptr,
                                    .nats_connected = hub_ != nullptr && hub_->connected()});
}

std::string exchange::health() const
{
    const auto facts = switch_->facts();
    const bool connected = hub_ != nullptr && hub_->connected();
    const auto up = std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - started_);
    std::string out = std::string{R"({"status":")"} + (hub_ == nullptr || connected ? "ok" : "degraded") + "\"";
    const auto add = [&out](std::string_view key, std::string_view text) {
        out.append(",\"").append(key).append("\":");
        hub::append_json_string(out, text);
    };
    add("version", STROWGER_VERSION);
    add("host", facts.name);
    add("node_id", hub_ == nullptr ? "" : hub_->node_id());
    out += ",\"uptime_seconds\":" + std::to_string(up.count()) + ",\"sessions\":" + std::to_string(facts.sessions);
    if (hub_ == nullptr) return out + ",\"nats\":null}\n";
    out += std::string{",\"nats\":{\"connected\":"} + (connected ? "true" : "false") +
           ",\"own_server\":" + (nats_ != nullptr ? "true" : "false") + ",\"url\":";
    hub::append_json_string(out, without_credentials(settings_.hub.nats.url));
    return out + "}}\n";
}

std::string exchange::metrics() const
{
    metrics::writer out;
    switch_->collect(out);
    if (hub_) hub_->collect(out);
    collect_process(out);
    return out.text();
}

}  // namespace strowger::app
