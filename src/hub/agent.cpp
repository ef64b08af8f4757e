#include "hub/agent.hpp"

#include "hub/agent_log.hpp"
#include "hub/commands.hpp"
#include "hub/event_filter.hpp"
#include "hub/json_text.hpp"
#include "hub/publisher.hpp"
#include "hub/statistics.hpp"
#include "hub/subjects.hpp"

#include <array>
#include <mutex>

namespace strowger::hub {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view version = "2.0.0";
constexpr auto tick_every = 50ms;
constexpr auto subscribe_limit = std::chrono::milliseconds{300};
constexpr auto latency_slot = 10s;
constexpr auto event_flush = 2s;

publisher::custom_subjects custom_mode(const std::string& name)
{
    if (name == "flat") return publisher::custom_subjects::flat;
    return name == "both" ? publisher::custom_subjects::both : publisher::custom_subjects::subclass;
}

publisher::options publisher_options(const settings& from, std::int64_t epoch_us)
{
    publisher::options out;
    out.prefix = from.subject_prefix;
    out.custom = custom_mode(from.custom_subject_mode);
    out.max_events = from.event_queue_size;
    out.max_bytes = from.event_queue_bytes;
    out.drop_oldest = from.event_queue_policy == "drop-oldest";
    out.json = {from.node_id,        epoch_us,           from.event_timestamp == "publish", from.redact_headers,
                from.header_include, from.header_exclude};
    return out;
}

/// Appends members to an object that is being written; the caller opens and closes it.
class object_writer {
public:
    explicit object_writer(std::string& to) : out_{to} {}
    void key(std::string_view name)
    {
        if (out_.back() != '{') out_ += ',';
        append_json_string(out_, name);
        out_ += ':';
    }
    void text(std::string_view name, std::string_view value) { key(name), append_json_string(out_, value); }
    void flag(std::string_view name, bool value) { key(name), out_ += value ? "true" : "false"; }
    void number(std::string_view name, std::uint64_t value) { key(name), append_json_unsigned(out_, value); }
    void open(std::string_view name) { key(name), out_ += '{'; }
    void close() { out_ += '}'; }

private:
    std::string& out_;
};

/// One reading of the command counters in which they add up.
struct command_counts {
    std::uint64_t success, failed, filtered, received, in_flight;
    explicit command_counts(const statistics& from)
        : success{from.success.value()},
          failed{from.failed.value()},
          filtered{from.filtered.value()},
          received{from.received.value()},  // read last: it only grows, so nothing below zero is in flight
          in_flight{received - success - failed - filtered}
    {
    }
};

}  // namespace

struct agent::impl {
    impl(settings from, pbx::host& on, std::unique_ptr<bus::driver> over)
        : with{std::move(from)},
          host{on},
          bus{std::move(over)},
          facts{host.facts()},
          log{with.log_level},
          filter{with.include_events, with.exclude_events, with.publish_all_events},
          events{publisher_options(with, now_us()), *bus},
          orders{with, host, *bus, counts, log, [this](bool updated) { return status_json(updated); }, nullptr}
    {
    }

    result<void> start();
    void stop();
    void subscribe_to_events();
    void warn_about_settings() const;
    void tick_until_stopped();
    std::string status_json(bool level_updated) const;
    void write_commands(object_writer& to) const;
    void write_events(object_writer& to) const;
    void write_bus(object_writer& to) const;
    std::uint64_t uptime_s() const;

    const settings with;
    pbx::host& host;
    const std::unique_ptr<bus::driver> bus;
    const pbx::host_facts facts;
    const steady_clock::time_point started_at = steady_clock::now();
    agent_log log;
    statistics counts;
    const event_filter filter;
    publisher events;
    commands orders;
    pbx::registration_ptr subscription;
    pbx::registration_ptr status_verb;

    std::mutex mutex;
    std::condition_variable stopped;
    bool running = false;
    std::thread ticker;
};

void agent::impl::warn_about_settings() const
{
    for (const auto& entry : filter.unknown())
        log.write(log::level::warning, "an entry of the event filters names no known event", {{"entry", entry}});
    const bool open = with.nats.token.empty() && with.nats.user.empty() && with.nats.nkey_seed.empty() &&
                      with.nats.creds.empty() && with.nats.url.find('@') == std::string::npos;
    if (open && with.api_deny.empty() && with.command_token.empty())
        log.write(log::level::warning,
                  "whoever reaches the broker may run any command; see api_deny and command_token");
}

void agent::impl::subscribe_to_events()
{
    pbx::event_subscriber us;
    us.wants = [this](std::string_view name, std::string_view subclass) {
        const bool wanted = filter.wants(name, subclass);
        if (!wanted) counts.events_filtered.add();
        return wanted;
    };
    us.on_event = [this](const pbx::event_ptr& what) { events.push(what); };
    subscription = host.subscribe(std::move(us));
}

result<void> agent::impl::start()
{
    {
        const std::lock_guard lock{mutex};
        if (running) return {};
        running = true;
    }
    if (auto done = bus->connect(); !done) return done;
    warn_about_settings();
    if (auto done = orders.subscribe(); !done) return done;
    bus->flush(subscribe_limit);  // whoever hears that we run may ask at once, and must find us subscribed
    events.start();
    subscribe_to_events();
    ticker = std::thread{[this] { tick_until_stopped(); }};
    log.write(log::level::notice, "running",
              {{"version", version}, {"node_id", with.node_id}, {"driver", bus->name()}});
    return {};
}

void agent::impl::tick_until_stopped()
{
    auto next_slot = steady_clock::now() + latency_slot;
    std::unique_lock lock{mutex};
    while (!stopped.wait_for(lock, tick_every, [this] { return !running; })) {
        lock.unlock();
        const auto now = steady_clock::now();
        orders.tick(now);
        if (now >= next_slot) {
            next_slot = now + latency_slot;
            counts.latency.turn();
            events.tick();
        }
        lock.lock();
    }
}

void agent::impl::stop()
{
    {
        const std::lock_guard lock{mutex};
        if (!running) return;
        running = false;
    }
    orders.stop(std::chrono::milliseconds{with.drain_ms});
    status_verb.reset();
    subscription.reset();
    events.stop(event_flush);
    bus->flush(500ms);
    bus->disconnect();
    stopped.notify_all();
    if (ticker.joinable()) ticker.join();
    const auto sent = events.count();
    log.write(log::level::info, "stopped",
              {{"published", sent.published}, {"failed", sent.failed}, {"dropped", sent.dropped}});
}

std::uint64_t agent::impl::uptime_s() const
{
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - started_at).count());
}

void agent::impl::write_commands(object_writer& to) const
{
    const command_counts n{counts};
    to.number("commands_received", n.received);
    to.open("stats");
    to.number("requests_received", n.received);
    to.number("requests_success", n.success);
    to.number("requests_failed", n.failed);
    to.close();
    to.number("commands_filtered", n.filtered);
    to.number("commands_rejected", counts.rejected.value());
    to.number("commands_in_flight", n.in_flight);
    to.number("command_queue", orders.queued());
    to.number("replies_refused", counts.unsafe_reply.value());
    const auto recent = counts.latency.read();
    to.open("latency_us");
    to.number("p50", static_cast<std::uint64_t>(recent.p50_us));
    to.number("p99", static_cast<std::uint64_t>(recent.p99_us));
    to.number("max", static_cast<std::uint64_t>(recent.max_us));
    to.close();
}

void agent::impl::write_events(object_writer& to) const
{
    const auto n = events.count();
    to.number("events_published", n.published);
    to.number("events_failed", n.failed);
    to.number("events_dropped", n.dropped);
    to.open("events_dropped_by_class");
    for (const auto& [name, count] : n.dropped_by_class) to.number(name, count);
    to.close();
    to.number("events_filtered", counts.events_filtered.value());
    to.number("bytes_published", n.bytes);
    to.number("event_queue", n.queued);
}

void agent::impl::write_bus(object_writer& to) const
{
    const auto n = bus->stats();
    to.text("driver", bus->name());
    to.flag("connected", bus->is_connected());
    to.number("reconnects", n.reconnects);
    to.open("driver_stats");
    to.number("messages_sent", n.messages_sent);
    to.number("messages_failed", n.messages_failed);
    to.number("bytes_sent", n.bytes_sent);
    to.number("reconnects", n.reconnects);
    to.text("last_error", n.last_error);
    to.text("url", n.url);
    to.close();
}

std::string agent::impl::status_json(bool level_updated) const
{
    std::string out = "{";
    object_writer to{out};
    to.text("version", version);
    to.number("uptime", uptime_s());
    write_events(to);
    write_commands(to);
    write_bus(to);
    to.text("log_level", log::to_string(log.level()));
    if (level_updated) to.flag("log_level_updated", true);
    to.text("host", facts.name + " " + facts.product + " " + facts.version);
    return out + "}";
}

agent::agent(std::unique_ptr<impl> self) : self_{std::move(self)} {}

agent::~agent()
{
    stop();
}

result<std::unique_ptr<agent>> agent::create(settings with, pbx::host& on, std::unique_ptr<bus::driver> over)
{
    with.complete({}, on.facts().name);
    return std::unique_ptr<agent>{new agent{std::make_unique<impl>(std::move(with), on, std::move(over))}};
}

result<void> agent::start()
{
    if (auto started = self_->start(); !started) return started;
    pbx::api_command status{"event_agent", "", "Status of the event agent", {}};
    status.run = [this](std::string_view) -> pbx::api_reply { return {true, status_text()}; };
    self_->status_verb = self_->host.add_api(std::move(status));
    return {};
}

void agent::stop()
{
    self_->stop();
}

bool agent::connected() const noexcept
{
    return self_->bus->is_connected();
}

const std::string& agent::node_id() const noexcept
{
    return self_->with.node_id;
}

std::string agent::status_text() const
{
    const auto sent = self_->events.count();
    const command_counts n{self_->counts};
    const auto bus = self_->bus->stats();
    std::string out = "node " + node_id() + ", up " + std::to_string(self_->uptime_s()) + " s\n";
    out += std::string{self_->bus->name()} + " " + bus.url + ": " + (connected() ? "connected" : "not connected");
    if (!connected() && !bus.last_error.empty()) out += " (" + bus.last_error + ")";
    out += ", " + std::to_string(bus.reconnects) + " reconnects\n";
    out += "events: " + std::to_string(sent.published) + " published, " + std::to_string(sent.queued) + " queued, " +
           std::to_string(sent.dropped) + " dropped, " + std::to_string(sent.failed) + " failed, " +
           std::to_string(self_->counts.events_filtered.value()) + " filtered\n";
    out += "commands: " + std::to_string(n.received) + " received, " + std::to_string(n.success) + " well, " +
           std::to_string(n.failed) + " failed, " + std::to_string(n.filtered) + " for other nodes, " +
           std::to_string(n.in_flight) + " running\n";
    return out;
}

void agent::collect(metrics::writer& out) const
{
    const auto& n = self_->counts;
    const command_counts c{n};
    constexpr auto commands_help = "Requests from the bus by outcome";
    constexpr auto commands_name = "strowger_hub_commands_total";
    out.counter(commands_name, commands_help, c.success, {{"outcome", "success"}});
    out.counter(commands_name, commands_help, c.failed, {{"outcome", "failed"}});
    out.counter(commands_name, commands_help, c.filtered, {{"outcome", "filtered"}});
    out.counter("strowger_hub_commands_rejected_total", "Of the failed: refused as busy or forbidden",
                n.rejected.value());
    out.counter("strowger_hub_commands_timed_out_total", "Of the failed: not done in time", n.timed_out.value());
    out.gauge("strowger_hub_commands_in_flight", "Running or queued", static_cast<double>(c.in_flight));
    constexpr auto seconds_help = "From arrival to reply";
    out.histogram("strowger_hub_command_seconds", seconds_help, n.success_seconds, {{"outcome", "success"}});
    out.histogram("strowger_hub_command_seconds", seconds_help, n.failed_seconds, {{"outcome", "failed"}});
    const auto sent = self_->events.count();
    out.counter("strowger_hub_events_published_total", "Events handed to the bus", sent.published);
    out.counter("strowger_hub_events_failed_total", "Events the bus refused", sent.failed);
    for (const auto& [name, count] : sent.dropped_by_class)
        out.counter("strowger_hub_events_dropped_total", "Events lost to a full queue", count, {{"class", name}});
    if (sent.dropped_by_class.empty())
        out.counter("strowger_hub_events_dropped_total", "Events lost to a full queue", 0, {{"class", "all"}});
    out.counter("strowger_hub_events_filtered_total", "Events the configuration keeps back",
                n.events_filtered.value());
    out.counter("strowger_hub_published_bytes_total", "Payload of the published events", sent.bytes);
    out.gauge("strowger_hub_event_queue", "Events waiting for the bus", static_cast<double>(sent.queued));
    const auto bus = self_->bus->stats();
    out.gauge("strowger_bus_connected", "1 while the broker is reachable", connected() ? 1 : 0,
              {{"driver", self_->bus->name()}});
    out.counter("strowger_bus_reconnects_total", "Connections after the first", bus.reconnects,
                {{"driver", self_->bus->name()}});
    out.counter("strowger_bus_messages_failed_total", "Messages the bus could not send", bus.messages_failed,
                {{"driver", self_->bus->name()}});
}

}  // namespace strowger::hub
