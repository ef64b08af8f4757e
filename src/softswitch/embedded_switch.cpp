#include "softswitch/embedded_switch.hpp"

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "softswitch/api/verb.hpp"
#include "softswitch/channel_handle.hpp"
#include "softswitch/job_pool.hpp"
#include "softswitch/local_endpoints.hpp"
#include "softswitch/originate.hpp"
#include "softswitch/origins.hpp"
#include "softswitch/product.hpp"
#include "softswitch/sip/endpoint.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

#include <array>
#include <future>
#include <shared_mutex>

#include <unistd.h>

namespace strowger::softswitch {
namespace {

constexpr std::chrono::milliseconds last_grace{300};
constexpr std::chrono::milliseconds poll{5};

std::string machine_name()
{
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

/// A verb that a feature added, and the lock that its runs share.
struct added_verb {
    pbx::api_command command;
    std::shared_mutex running;
    bool active = true;
};

class verb_registration final : public pbx::registration {
public:
    explicit verb_registration(std::shared_ptr<added_verb> of) : of_{std::move(of)} {}
    ~verb_registration() override
    {
        const std::unique_lock wait_for_runs{of_->running};
        of_->active = false;
    }
    verb_registration(const verb_registration&) = delete;
    verb_registration& operator=(const verb_registration&) = delete;

private:
    std::shared_ptr<added_verb> of_;
};

}  // namespace

struct embedded_switch::impl {
    settings configured;
    std::unique_ptr<control_loop> control;
    std::unique_ptr<event_bus> events;
    std::unique_ptr<media_engine> media;
    std::unique_ptr<switchboard> board;
    std::vector<std::unique_ptr<endpoint>> local_endpoints;
    std::unique_ptr<sip::endpoint> phones;
    std::shared_ptr<control_access> access;
    std::unique_ptr<api::context> with;
    job_pool jobs;
    std::mutex added_mutex;
    std::map<std::string, std::shared_ptr<added_verb>, std::less<>> added;

    error_code open();
    void open_on_control(error_code& problem);
    void add_endpoints();
    void make_context();
    void close();

    std::shared_ptr<added_verb> find_added(std::string_view verb);
    std::vector<pbx::api_command> added_commands();
    std::vector<api::registered_phone> registrations() const;
    void announce(std::string_view verb, std::string_view args);
    pbx::api_reply run(std::string_view verb, std::string_view args);
    pbx::api_reply run_builtin(const api::verb& verb, std::string_view args);
    std::string run_inline(std::string_view verb, std::string_view args);
    std::string background(std::string_view verb, std::string_view args, std::string job);
    void finish_job(const std::string& job, const std::string& verb, const std::string& args,
                    const std::string& reply);
};

// --- start and stop

error_code embedded_switch::impl::open()
{
    auto loop = control_loop::start();
    if (!loop) return loop.error();
    control = std::move(*loop);
    access = std::make_shared<control_access>(*control);
    error_code problem;
    control->call([&] { open_on_control(problem); });
    return problem;
}

void embedded_switch::impl::open_on_control(error_code& problem)
{
    events =
        std::make_unique<event_bus>(*control, configured.hostname.empty() ? machine_name() : configured.hostname);
    media = media_engine::start(*control);
    board = std::make_unique<switchboard>(*control, *media, configured, *events);
    auto started = sip::endpoint::start(configured.sip, configured.users, *control, *media, *board);
    if (!started) {
        problem = started.error();
        return;
    }
    phones = std::move(*started);
    add_endpoints();
    make_context();
}

void embedded_switch::impl::add_endpoints()
{
    const auto add = [&](const char* name, std::unique_ptr<endpoint> way) {
        board->add_endpoint(name, *way);
        local_endpoints.push_back(std::move(way));
    };
    add("loopback", make_loopback_endpoint(*board));
    add("tone", make_tone_endpoint(*board));
    add("null", make_null_endpoint(*board));
    for (const char* name : {"sofia", "user", "sip"}) board->add_endpoint(name, *phones);
}

void embedded_switch::impl::make_context()
{
    with = std::make_unique<api::context>(api::context{
        *board,
        [this] { return registrations(); },
        [this] { return phones->addresses(); },
        [this](std::string_view verb, std::string_view args) { return run(verb, args); },
        [this] { return added_commands(); },
        [this](std::string_view verb, std::string_view args, std::string job) {
            return background(verb, args, std::move(job));
        },
    });
    board->set_api([this](std::string_view verb, std::string_view args) { return run_inline(verb, args); });
}

void embedded_switch::impl::close()
{
    jobs.stop();
    if (access) access->entrance.close();
    if (!control) return;
    control->call([this] {
        board.reset();  // its legs still use the endpoints
        local_endpoints.clear();
        phones.reset();
        media.reset();
    });
    control.reset();
}

embedded_switch::embedded_switch(std::unique_ptr<impl> made) : impl_{std::move(made)} {}

result<std::unique_ptr<embedded_switch>> embedded_switch::start(settings configured)
{
    auto made = std::make_unique<impl>();
    made->configured = std::move(configured);
    if (const auto problem = made->open()) {
        made->close();
        return problem;
    }
    return std::unique_ptr<embedded_switch>{new embedded_switch{std::move(made)}};
}

embedded_switch::~embedded_switch()
{
    stop(last_grace);
    impl_->close();
}

void embedded_switch::stop(std::chrono::milliseconds grace)
{
    auto& self = *impl_;
    const auto until = steady_clock::now() + grace;
    self.control->call([&] {
        if (self.board->closed()) return;
        self.board->close();
        if (self.events->wanted("SHUTDOWN")) {
            auto out = self.events->make("SHUTDOWN", origins::shutdown);
            out.add("Event-Info", "System Shutting Down");
            self.events->send(std::move(out));
        }
        self.board->hang_up_all(pbx::cause::system_shutdown);
    });
    while (self.board->figures().sessions > 0 && steady_clock::now() < until) std::this_thread::sleep_for(poll);
}

// --- events and facts

pbx::registration_ptr embedded_switch::subscribe(pbx::event_subscriber subscriber)
{
    return impl_->events->subscribe(std::move(subscriber));
}

void embedded_switch::fire(pbx::event what)
{
    const gate::pass inside{impl_->access->entrance};
    if (inside) impl_->events->publish(std::move(what));
}

pbx::registration_ptr embedded_switch::hook_dialplan(pbx::dialplan_hook hook)
{
    return impl_->board->hook_dialplan(std::move(hook));
}

pbx::host_facts embedded_switch::facts() const
{
    const auto& board = *impl_->board;
    return {impl_->events->hostname(), version_text(), product_name,
            std::chrono::duration_cast<std::chrono::seconds>(board.up()), board.figures().sessions};
}

std::vector<std::string> embedded_switch::sip_addresses() const
{
    std::vector<std::string> out;
    impl_->control->call([&] { out = impl_->phones->addresses(); });
    return out;
}

std::shared_ptr<pbx::channel> embedded_switch::find(std::string_view uuid)
{
    auto& self = *impl_;
    std::shared_ptr<pbx::channel> out;
    const gate::pass inside{self.access->entrance};
    if (!inside) return out;
    self.control->call([&] {
        const auto leg = self.board->find(uuid);
        if (leg && !leg->ended()) out = make_handle(self.access, leg);
    });
    return out;
}

void embedded_switch::inspect(const std::function<void(switchboard&)>& work)
{
    impl_->control->call([&] { work(*impl_->board); });
}

void embedded_switch::collect(metrics::writer& out) const
{
    const auto load = impl_->board->figures();
    out.gauge("strowger_switch_legs", "Legs that exist now.", load.sessions);
    out.counter("strowger_switch_legs_total", "Legs since the start.", load.since_startup);
    out.counter("strowger_switch_legs_refused_total", "Legs refused for max_sessions or sessions_per_second.",
                load.refused);
    out.gauge("strowger_switch_legs_peak", "Most legs that existed at once.", load.peak);
    out.counter("strowger_switch_events_total", "Events fired.", impl_->events->sent());
    impl_->media->collect(out);
    impl_->phones->collect(out);
}

// --- API verbs

pbx::registration_ptr embedded_switch::add_api(pbx::api_command command)
{
    auto& self = *impl_;
    auto fresh = std::make_shared<added_verb>();
    fresh->command = std::move(command);
    {
        const std::lock_guard lock{self.added_mutex};
        self.added[fresh->command.verb] = fresh;
    }
    self.board->later([&self, verb = fresh->command.verb] {
        if (!self.events->wanted("MODULE_LOAD")) return;
        auto out = self.events->make("MODULE_LOAD", origins::module_load);
        out.add("type", "api");
        out.add("name", verb);
        out.add("key", "mod_" + verb);
        self.events->send(std::move(out));
    });
    return std::make_unique<verb_registration>(std::move(fresh));
}

std::shared_ptr<added_verb> embedded_switch::impl::find_added(std::string_view verb)
{
    const std::lock_guard lock{added_mutex};
    const auto found = added.find(verb);
    return found == added.end() ? nullptr : found->second;
}

std::vector<pbx::api_command> embedded_switch::impl::added_commands()
{
    const std::lock_guard lock{added_mutex};
    std::vector<pbx::api_command> out;
    for (const auto& [name, each] : added)
        if (each->active) out.push_back(each->command);
    return out;
}

std::vector<api::registered_phone> embedded_switch::impl::registrations() const
{
    std::vector<api::registered_phone> out;
    for (const auto& each : phones->registrations())
        out.push_back({each.user, each.realm, each.call_id, each.contact,
                       now_us() / 1000000 + std::int64_t{each.remaining_s}, each.network_ip,
                       std::to_string(each.network_port), each.transport});
    return out;
}

void embedded_switch::impl::announce(std::string_view verb, std::string_view args)
{
    if (!events->wanted("API")) return;
    const auto tell = [this, verb = std::string{verb}, args = std::string{args}] {
        auto out = events->make("API", origins::api);
        out.add("API-Command", verb);
        out.add("API-Command-Argument", args);
        events->send(std::move(out));
    };
    if (control->on_thread()) {
        tell();
    } else {
        board->later(tell);
    }
}

pbx::api_reply embedded_switch::impl::run_builtin(const api::verb& verb, std::string_view args)
{
    if (verb.where == api::runs::anywhere) return {true, verb.run(*with, verb, args)};
    if (verb.where == api::runs::waiting) {
        // Waiting here would stop every call, this one's answer included.
        if (control->on_thread()) return {true, "-ERR would block, use bgapi\n"};
        return {true, verb.run(*with, verb, args)};
    }
    pbx::api_reply out{true, {}};
    control->call([&] { out.text = verb.run(*with, verb, args); });
    return out;
}

pbx::api_reply embedded_switch::impl::run(std::string_view verb, std::string_view args)
{
    verb = text::trim(verb);
    args = text::trim(args);
    announce(verb, args);
    if (const auto feature = find_added(verb)) {
        const std::shared_lock one_run{feature->running};
        if (feature->active) return feature->command.run(args);
    }
    if (const auto* builtin = api::find(verb)) return run_builtin(*builtin, args);
    return {false, "INVALID COMMAND!\n"};
}

/// For `${verb(args)}`: on the control thread, so only what does not wait.
std::string embedded_switch::impl::run_inline(std::string_view verb, std::string_view args)
{
    const auto* builtin = api::find(verb);
    return builtin && builtin->where != api::runs::waiting ? builtin->run(*with, *builtin, args) : std::string{};
}

pbx::api_reply embedded_switch::execute(std::string_view verb, std::string_view args)
{
    const gate::pass inside{impl_->access->entrance};
    return inside ? impl_->run(verb, args) : pbx::api_reply{false, "-ERR the switch has stopped\n"};
}

pbx::originate_reply embedded_switch::originate(const pbx::originate_request& request)
{
    auto& self = *impl_;
    const gate::pass inside{self.access->entrance};
    if (!inside || self.control->on_thread()) return {false, "-ERR NORMAL_TEMPORARY_FAILURE\n", {}, {}};
    const auto answer = std::make_shared<std::promise<pbx::originate_reply>>();
    auto outcome = answer->get_future();
    self.board->later([&self, request, answer] {
        start_originate(*self.board, request,
                        [answer](pbx::originate_reply reply) { answer->set_value(std::move(reply)); });
    });
    return outcome.get();
}

void embedded_switch::impl::finish_job(const std::string& job, const std::string& verb, const std::string& args,
                                       const std::string& reply)
{
    board->later([this, job, verb, args, reply] {
        if (!events->wanted("BACKGROUND_JOB")) return;
        auto out = events->make("BACKGROUND_JOB", origins::background_job);
        out.add("Job-UUID", job);
        out.add("Job-Command", verb);
        out.add("Job-Command-Arg", args);
        out.add("Content-Length", std::to_string(reply.size()));
        out.set_body(reply);
        events->send(std::move(out));
    });
}

std::string embedded_switch::impl::background(std::string_view verb, std::string_view args, std::string job)
{
    if (job.empty()) job = make_uuid();
    const std::string name{verb}, arguments{args};
    const auto request = text::same(verb, "originate") ? parse_originate(args) : std::nullopt;
    if (request) {
        // A call that is being placed needs no thread of its own.
        announce(verb, args);
        board->later([this, request, job, name, arguments] {
            start_originate(*board, *request, [=, this](const pbx::originate_reply& reply) {
                finish_job(job, name, arguments, reply.text);
            });
        });
        return job;
    }
    const bool accepted = jobs.submit([this, job, name, arguments] {
        const auto reply = run(name, arguments);
        finish_job(job, name, arguments, reply.ok ? reply.text : name + ": Command not found!\n");
    });
    return accepted ? job : std::string{};
}

}  // namespace strowger::softswitch
