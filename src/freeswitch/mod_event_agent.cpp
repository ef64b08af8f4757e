// FreeSWITCH's event agent: the hub on the NATS driver, inside FreeSWITCH.
#include "base/log.hpp"
#include "bus/nats_driver.hpp"
#include "freeswitch/host.hpp"
#include "freeswitch/module_config.hpp"
#include "hub/agent.hpp"
#include "hub/settings.hpp"

#include <condition_variable>
#include <cstdlib>
#include <exception>

#include <switch.h>

namespace strowger::freeswitch {
namespace {

constexpr const char* module_name = "mod_event_agent";
constexpr std::chrono::seconds library_limit{2};

switch_log_level_t level_of(log::level severity) noexcept
{
    return static_cast<switch_log_level_t>(severity);  // both count as syslog does, 0 to 7
}

void to_freeswitch_log(log::level severity, std::string_view logger, std::string_view text, std::string_view leg)
{
    const std::string line = std::string{logger}.append(": ").append(text);
    const std::string uuid{leg};
    switch_log_printf(SWITCH_CHANNEL_UUID_LOG(uuid.empty() ? nullptr : uuid.c_str()), level_of(severity),
                      "[mod_event_agent] %s\n", line.c_str());
}

/// Whether the agent runs with a default instead: existing configurations may hold such lines.
bool is_bearable(std::string_view problem) noexcept
{
    return problem.find(": unknown key") != std::string_view::npos || problem.starts_with("log_level:") ||
           problem.starts_with("subject_prefix:");
}

/// @return false when the configuration is wrong; every problem has then been logged
bool read_settings(const host& on, hub::settings& out)
{
    config::node tree;
    if (!read_module_config({"event_agent.conf", "mod_event_agent.conf"}, tree))
        log::warn("module", "no event_agent.conf with settings: running on the defaults");
    const auto env = [](const char* name) -> const char* { return std::getenv(name); };
    config::loader loader{tree, env, true};
    out.read(loader.root());
    bool good = true;
    for (const auto& problem : loader.problems()) {
        const bool bearable = is_bearable(problem);
        log::write(bearable ? log::level::warning : log::level::err, "module", "event_agent.conf: " + problem);
        good = good && bearable;
    }
    out.complete(env, on.facts().name);
    return good;
}

/// Ends the originates that still ring when the hub has drained its other commands for `grace`, so that an
/// unload never waits for a phone.
class originate_reaper {
public:
    originate_reaper(host& on, std::chrono::milliseconds grace) : thread_{[this, &on, grace] { run(on, grace); }} {}
    ~originate_reaper()
    {
        {
            const std::lock_guard lock{mutex_};
            done_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }

private:
    void run(host& on, std::chrono::milliseconds grace)
    {
        std::unique_lock lock{mutex_};
        if (!changed_.wait_for(lock, grace, [this] { return done_; })) on.cancel_originates();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread thread_;
};

/// All that lives between load and unload.
class module_state {
public:
    explicit module_state(switch_loadable_module_interface_t* interface) : host_{module_name, interface} {}
    ~module_state()
    {
        if (!agent_) return;
        const originate_reaper reaper{host_, std::chrono::milliseconds{drain_ms_}};
        agent_->stop();
        agent_.reset();
    }

    /// @return false, having said why in the log, when the module must not load
    bool start()
    {
        hub::settings settings;
        if (!read_settings(host_, settings)) return false;
        if (settings.driver != "nats") {
            log::error("module", "unknown driver", {{"driver", settings.driver}});
            return false;
        }
        log::set_level(settings.log_level);
        drain_ms_ = settings.drain_ms;
        auto driver = bus::make_nats_driver(settings.nats);
        if (!driver) return refuse("NATS driver", driver.error());
        auto made = hub::agent::create(std::move(settings), host_, std::move(*driver));
        if (!made) return refuse("agent", made.error());
        agent_ = std::move(*made);
        if (const auto started = agent_->start(); !started) return refuse("agent", started.error());
        host_.close_api_table();
        return true;
    }

private:
    static bool refuse(std::string_view what, const error_code& why)
    {
        log::error("module", "cannot start", {{"part", what}, {"ec", why.message()}});
        return false;
    }

    host host_;
    std::unique_ptr<hub::agent> agent_;
    unsigned drain_ms_ = 0;
};

std::unique_ptr<module_state> loaded;

/// @return false when a thread of the NATS library would survive
bool take_down()
{
    loaded.reset();
    const bool clean = bus::shutdown_nats_library(library_limit);
    if (!clean) log::error("module", "the NATS library is still busy");
    log::stop();
    return clean;
}

bool bring_up(switch_loadable_module_interface_t* interface)
{
    log::start(log::level::info, to_freeswitch_log);
    loaded = std::make_unique<module_state>(interface);
    if (loaded->start()) return true;
    take_down();
    return false;
}

switch_status_t load(switch_loadable_module_interface_t** interface, switch_memory_pool_t* pool) noexcept
{
    try {
        *interface = switch_loadable_module_create_module_interface(pool, module_name);
        return bring_up(*interface) ? SWITCH_STATUS_SUCCESS : SWITCH_STATUS_GENERR;
    } catch (const std::exception& wrong) {
        switch_log_printf(SWITCH_CHANNEL_LOG, SWITCH_LOG_ERROR, "[mod_event_agent] cannot load: %s\n", wrong.what());
        return SWITCH_STATUS_GENERR;
    }
}

/// @return NOUNLOAD, which keeps the code mapped, when something of ours may still run
switch_status_t shut_down() noexcept
{
    try {
        return take_down() ? SWITCH_STATUS_SUCCESS : SWITCH_STATUS_NOUNLOAD;
    } catch (const std::exception& wrong) {
        switch_log_printf(SWITCH_CHANNEL_LOG, SWITCH_LOG_ERROR, "[mod_event_agent] unload: %s\n", wrong.what());
        return SWITCH_STATUS_NOUNLOAD;
    }
}

}  // namespace
}  // namespace strowger::freeswitch

SWITCH_MODULE_DEFINITION(mod_event_agent, strowger::freeswitch::load, strowger::freeswitch::shut_down, nullptr);
