#include "hub/commands.hpp"

#include "hub/glob.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace strowger::hub {
namespace {

using namespace std::chrono_literals;
using log::level;

constexpr auto originate_grace = 5s;  ///< beyond the call's own timeout
constexpr std::string_view own_module = "mod_event_agent";
constexpr std::array<std::string_view, 5> dialplan_actions{"enable", "disable", "audio", "autoanswer", "status"};

reply forbidden(std::string_view message)
{
    return reply::failure(code::forbidden, message);
}
reply busy()
{
    return reply::failure(code::busy, "Agent busy");
}

/// `P.cmd.dialplan.<action>` or `P.cmd.dialplan.<action>.<node>`
std::string_view action_of(const command_subject& on, std::string_view subject)
{
    if (on.to != lane::dialplan) return {};
    const auto star = on.subject.find('*');
    const auto tail = subject.substr(std::min(star, subject.size()));
    return tail.substr(0, tail.find('.'));
}

std::string_view command_name(lane to)
{
    switch (to) {
        case lane::originate:
            return "originate";
        case lane::hangup:
            return "hangup";
        case lane::bridge:
            return "bridge";
        case lane::status:
            return "status";
        case lane::dialplan:
            return "dialplan";
        case lane::api:
            break;
    }
    return "api";
}

std::optional<lane> built_in_lane(const api_call& call)
{
    if (call.verb == "agent.status") return lane::status;
    if (call.has_args) return std::nullopt;  // then it is the host's own verb of that name
    if (call.verb == "originate" || call.verb == "call.originate") return lane::originate;
    if (call.verb == "hangup" || call.verb == "call.hangup") return lane::hangup;
    if (call.verb == "bridge" || call.verb == "call.bridge") return lane::bridge;
    return std::nullopt;
}

}  // namespace

struct commands::order final : executor::task {
    order(commands& by, arrival from, std::function<reply()> what)
        : owner{by}, came{std::move(from)}, work{std::move(what)}
    {
    }
    void run() override
    {
        try {
            finish(work());
        } catch (const std::exception& wrong) {
            owner.log_.write(level::err, "a command failed inside", {{"what", wrong.what()}});
            finish(reply::failure(code::internal, "Internal error"));
        }
    }
    void on_timeout() override
    {
        owner.counts_.timed_out.add();
        finish(reply::failure(code::timeout, "Command timed out"));
    }
    void on_abandon() override { finish(reply::failure(code::not_ready, "Agent not ready")); }

    /// The first outcome answers; a later one is discarded.
    void finish(const reply& outcome)
    {
        if (!answered.exchange(true)) owner.settle(came, outcome);
    }

    commands& owner;
    arrival came;
    std::function<reply()> work;
    std::atomic<bool> answered{false};
};

commands::commands(const settings& with, pbx::host& on, bus::driver& over, statistics& counts, agent_log& log,
                   status_source status, dialplan_control* dialplan)
    : settings_{with},
      host_{on},
      bus_{over},
      counts_{counts},
      log_{log},
      status_{std::move(status)},
      dialplan_{dialplan},
      access_{with},
      rules_{with.allow_exec_variables, access_.command("api")},
      subjects_{command_subjects(with.subject_prefix, with.node_id)},
      pool_{with.command_workers, with.command_queue_size},
      originates_{with.max_concurrent_originates, 0}
{
}

result<void> commands::subscribe()
{
    for (const auto& it : subjects_) {
        auto done = bus_.subscribe(it.subject, "", [this, &it](bus::message m) { handle(it, std::move(m)); });
        if (!done) return done.error();
        log_.write(level::info, "listening", {{"subject", it.subject}});
    }
    return {};
}

void commands::stop(std::chrono::milliseconds drain)
{
    for (const auto& it : subjects_) bus_.unsubscribe(it.subject);
    const auto until = steady_clock::now() + drain;
    pool_.stop(drain);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - steady_clock::now());
    originates_.stop(std::max(left, 0ms));
}

void commands::tick(steady_clock::time_point now)
{
    pool_.check_deadlines(now);
    originates_.check_deadlines(now);
}

// ---- on the bus's delivery thread ----

void commands::handle(const command_subject& on, bus::message message)
{
    counts_.received.add();
    arrival came{std::move(message.reply), message.received, std::string{message.subject}};
    if (on.async) came.to = {};
    if (came.to && unsafe_reply_subject(settings_.subject_prefix, came.to.address)) {
        counts_.unsafe_reply.add();
        log_.write(level::warning, "the reply subject is our own or none; not answering",
                   {{"subject", came.subject}, {"reply", came.to.address}});
        came.to = {};
    }
    if (message.payload.size() > settings_.max_request_bytes)
        return settle(came, reply::failure(code::too_large, "Request exceeds maximum payload size"));
    const auto action = action_of(on, message.subject);
    const auto read = read_request(on.to, action, message.payload);
    if (const auto* wrong = std::get_if<reply>(&read)) return settle(came, *wrong);
    const auto& from = std::get<request>(read);
    if (from.is_json && !meant_for(from.fields, settings_.node_id)) return counts_.filtered.add();
    if (const auto async = from.fields.find("async"); async && async->is_true()) came.to = {};
    if (const auto refused = admit(on, from)) return settle(came, *refused);
    dispatch(on, action, from, std::move(came));
}

std::optional<reply> commands::admit(const command_subject& on, const request& from)
{
    if (settings_.rate_limit > 0) {
        auto& window = rates_[on.subject];
        const auto second =
            std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now().time_since_epoch()).count();
        if (window.second != second) window = {second, 0};
        if (++window.count > settings_.rate_limit) return busy();
    }
    if (!access_.needs_token()) return std::nullopt;
    const auto auth = from.fields.field("auth");
    if (auth && auth->is_string() && access_.token(auth->text())) return std::nullopt;
    log_.write(level::warning, "a request without the token", {{"subject", on.subject}});
    return forbidden("Unauthorized");
}

bool commands::permitted(std::string_view command, const arrival& came)
{
    if (access_.command(command)) return true;
    log_.write(level::warning, "command not permitted", {{"command", command}, {"subject", came.subject}});
    settle(came, forbidden("Command not permitted"));
    return false;
}

void commands::dispatch(const command_subject& on, std::string_view action, const request& from, arrival came)
{
    switch (on.to) {
        case lane::api:
            return api(from, std::move(came));
        case lane::originate:
            return originate(from.fields, std::move(came));
        case lane::hangup:
            return hang_up(from.fields, std::move(came));
        case lane::bridge:
            return bridge(from.fields, std::move(came));
        case lane::status:
            if (permitted("status", came)) settle(came, status(from.fields, "System status"));
            return;
        case lane::dialplan:
            if (permitted("dialplan." + std::string{action}, came)) settle(came, dialplan(action, from.fields));
            return;
    }
}

void commands::api(const request& from, arrival came)
{
    auto read = read_api_call(from);
    if (const auto* wrong = std::get_if<reply>(&read)) return settle(came, *wrong);
    auto& call = std::get<api_call>(read);
    if (built_in(call, from, came)) return;
    if (!permitted("api", came)) return;
    if (!access_.api(call.verb, call.args)) {
        log_.write(level::warning, "command not permitted", {{"command", call.verb}, {"subject", came.subject}});
        return settle(came, forbidden("Command not permitted"));
    }
    host_verb(std::move(call), std::move(came));
}

/// A built-in command by its name on the API lane. @return false: the verb is the host's
bool commands::built_in(const api_call& call, const request& from, arrival& came)
{
    constexpr std::string_view dialplan_family = "dialplan.";
    if (call.verb.starts_with(dialplan_family)) {
        const auto action = std::string_view{call.verb}.substr(dialplan_family.size());
        if (permitted(call.verb, came)) settle(came, dialplan(action, from.fields));
        return true;
    }
    const auto to = built_in_lane(call);
    if (!to) return false;
    if (*to == lane::originate) originate(from.fields, std::move(came));
    if (*to == lane::hangup) hang_up(from.fields, std::move(came));
    if (*to == lane::bridge) bridge(from.fields, std::move(came));
    if (*to == lane::status && permitted(command_name(*to), came)) settle(came, status(from.fields, "Module status"));
    return true;
}

void commands::host_verb(api_call call, arrival came)
{
    if (log_.enabled(level::info))
        log_.write(level::info, "command", {{"verb", call.verb}, {"subject", came.subject}});
    const auto is = [&](std::string_view verb) { return same_folded(call.verb, verb); };
    if ((is("load") || is("unload") || is("reload")) && call.args == own_module)
        return reschedule_ourselves(std::move(call), std::move(came));
    const std::string channel{channel_of(call.verb, call.args)};
    const bool places_call = is("originate");
    const bool ends_call = is("uuid_kill");
    submit(places_call ? originates_ : pool_, std::move(came), channel, ends_call,
           std::chrono::milliseconds{settings_.command_timeout},
           [this, call = std::move(call)] { return run_api(host_, call.verb, call.args); });
}

/// A module can't be unloaded by a thread that runs inside it, so the host's scheduler does it a second later.
void commands::reschedule_ourselves(api_call call, arrival came)
{
    submit(pool_, std::move(came), "", false, 0ms, [this, call = std::move(call)] {
        const auto line = "+1 " + std::string{own_module} + " " + call.verb + " " + call.args;
        const auto said = run_api(host_, "sched_api", line);
        return said.ok() ? reply::success("API command executed").with("data", "+OK scheduled") : said;
    });
}

void commands::originate(const json_view& fields, arrival came)
{
    if (!permitted("originate", came)) return;
    auto read = read_originate(fields, rules_);
    if (const auto* wrong = std::get_if<reply>(&read)) return settle(came, *wrong);
    auto& what = std::get<pbx::originate_request>(read);
    log_.write(level::info, "command", {{"verb", "originate"}, {"subject", came.subject}});
    const auto limit = what.timeout + originate_grace;
    submit(originates_, std::move(came), "", false, limit,
           [this, what = std::move(what)] { return run_originate(host_, what); });
}

void commands::hang_up(const json_view& fields, arrival came)
{
    if (!permitted("hangup", came)) return;
    auto read = read_hangup(fields);
    if (const auto* wrong = std::get_if<reply>(&read)) return settle(came, *wrong);
    auto& what = std::get<hangup_order>(read);
    log_.write(level::info, "command", {{"verb", "hangup"}, {"subject", came.subject}, {"leg", what.uuid}});
    auto channel = what.uuid;
    submit(pool_, std::move(came), std::move(channel), true, std::chrono::milliseconds{settings_.command_timeout},
           [this, what = std::move(what)] { return run_hangup(host_, what); });
}

void commands::bridge(const json_view& fields, arrival came)
{
    if (!permitted("bridge", came)) return;
    auto read = read_bridge(fields, rules_);
    if (const auto* wrong = std::get_if<reply>(&read)) return settle(came, *wrong);
    auto& what = std::get<bridge_order>(read);
    log_.write(level::info, "command", {{"verb", "bridge"}, {"subject", came.subject}, {"leg", what.uuid}});
    auto channel = what.uuid;
    submit(pool_, std::move(came), std::move(channel), false, std::chrono::milliseconds{settings_.command_timeout},
           [this, what = std::move(what)] { return run_bridge(host_, what); });
}

reply commands::status(const json_view& fields, std::string_view unchanged)
{
    auto wanted = fields.find("log_level");
    if (!wanted) wanted = fields.find("log-level");
    if (!wanted) return reply::success(unchanged).with_json("data", status_(false));
    if (!access_.command("loglevel")) return forbidden("Command not permitted");
    const auto refuse = [&](std::string_view message) {
        return reply::failure(code::invalid_field, message, "log_level").with_json("data", status_(false));
    };
    const auto name = wanted->text();
    if (name.empty()) return refuse("log_level must be a non-empty string");
    level threshold{};
    if (!log::parse_level(name, threshold)) return refuse("Invalid log level value");
    log_.set_level(threshold);
    return reply::success("Log level updated").with_json("data", status_(true));
}

reply commands::dialplan(std::string_view action, const json_view& fields)
{
    if (std::ranges::find(dialplan_actions, action) == dialplan_actions.end())
        return reply::failure(code::unknown_command, "Unknown dialplan command");
    if (dialplan_ == nullptr) return reply::failure(code::not_ready, "Dialplan manager not initialized");
    return dialplan_->handle(action, fields);
}

// ---- any thread ----

void commands::submit(executor& to, arrival came, std::string channel, bool urgent, std::chrono::milliseconds limit,
                      std::function<reply()> work)
{
    const auto made = std::make_shared<order>(*this, std::move(came), std::move(work));
    made->lane = std::move(channel);
    made->urgent = urgent;
    if (limit > 0ms) made->deadline = made->came.at + limit;
    if (!to.submit(made)) made->finish(busy());
}

void commands::settle(const arrival& came, const reply& outcome)
{
    const auto took = steady_clock::now() - came.at;
    (outcome.ok() ? counts_.success : counts_.failed).add();
    if (outcome.code() == code::busy || outcome.code() == code::forbidden) counts_.rejected.add();
    (outcome.ok() ? counts_.success_seconds : counts_.failed_seconds).observe(took);
    counts_.latency.observe(std::chrono::duration_cast<std::chrono::microseconds>(took));
    if (!came.to) {
        log_.write(level::debug, "done, nobody to answer", {{"subject", came.subject}, {"success", outcome.ok()}});
        return;
    }
    auto text = outcome.render(settings_.node_id);
    if (text.size() > bus_.max_payload())
        text = reply::failure(code::too_large, "Response exceeds maximum payload size")
                   .with("bytes", static_cast<std::int64_t>(text.size()))
                   .render(settings_.node_id);
    if (bus_.reply(came.to, text) != bus::publish_outcome::accepted)
        log_.write(level::warning, "an answer could not be sent", {{"subject", came.subject}});
}

}  // namespace strowger::hub
