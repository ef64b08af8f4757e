#pragma once
#include "softswitch/channel.hpp"
#include "softswitch/dial_string.hpp"
#include "softswitch/dialplan.hpp"
#include "softswitch/engine/media_engine.hpp"
#include "softswitch/event_bus.hpp"
#include "softswitch/settings.hpp"
#include "softswitch/worker.hpp"

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace strowger::softswitch {

/// How busy the switch is and was: `status`, HEARTBEAT, metrics.
struct load_figures {
    std::uint64_t since_startup = 0;  ///< [sessions]
    std::uint32_t sessions = 0, peak = 0, peak_five_minutes = 0;
    std::uint32_t per_second = 0, per_second_peak = 0, per_second_five_minutes = 0;
    std::uint64_t refused = 0;  ///< [sessions] for max_sessions or sessions_per_second
};

/// A leg to call.
struct leg_request {
    std::string target;  ///< "user/1000", "loopback/9196/default"
    variables settings;  ///< become the channel's variables
    std::string caller_id_name, caller_id_number;
    channel* originator = nullptr;
};

/// All that lives in the switch: its channels, the ways of reaching parties, global variables, scheduled work.
///
/// Threads:  control thread, but figures() and hook_dialplan() by anyone.
/// Lifetime: made and destroyed on the control thread; ends its channels when it goes.
class switchboard final : public call_acceptor {
public:
    /// Runs an API verb that does not wait, for `${verb(args)}`.
    using api_function = std::function<std::string(std::string_view verb, std::string_view args)>;

    switchboard(control_loop& control, media_engine& media, const settings& configured, event_bus& events);
    ~switchboard() override;

    control_loop& control() noexcept { return control_; }
    media_engine& media() noexcept { return media_; }
    event_bus& events() noexcept { return events_; }
    worker& disk() noexcept { return disk_; }
    const settings& configured() const noexcept { return configured_; }
    variable_store& globals() noexcept { return globals_; }
    void set_api(api_function api) { api_ = std::move(api); }
    std::string call_api(std::string_view verb, std::string_view args) const;

    // --- channels
    std::shared_ptr<channel> find(std::string_view uuid) const;
    /// By session number: the oldest first.
    const std::map<std::uint64_t, std::shared_ptr<channel>>& channels() const noexcept { return channels_; }
    void forget(const channel& gone);
    void hang_up_all(pbx::cause why, const std::function<bool(const channel&)>& which = {});
    /// No new sessions from now on.
    void close() noexcept { closed_ = true; }
    bool closed() const noexcept { return closed_; }

    /// A new inbound leg, its state machine started. Null: refused.
    std::shared_ptr<channel> accept(std::unique_ptr<leg> party, caller_profile profile, const variables& settings,
                                    const std::function<void(channel&)>& prepare = {});
    leg_observer* on_incoming(incoming_call call) override;
    void on_technology_event(std::string_view subclass, variables headers) override;

    // --- calling
    void add_endpoint(std::string name, endpoint& way) { endpoints_[std::move(name)] = &way; }
    const std::map<std::string, endpoint*>& endpoints() const noexcept { return endpoints_; }
    /// A new outbound leg, its state machine started; or null and `why`.
    std::shared_ptr<channel> dial(const leg_request& request, pbx::cause& why);

    // --- routing
    [[nodiscard]] pbx::registration_ptr hook_dialplan(pbx::dialplan_hook hook);
    std::optional<dialplan::match> route(const channel& who) const;

    // --- work
    /// Runs a script of nobody's in particular until it ends.
    void spawn(task<> work);
    /// Runs `work` in a later turn, unless the switchboard has gone.
    void later(std::function<void()> work);
    /// Runs `work` once after `delay`; @return its number. At most 10000 wait.
    std::uint32_t schedule(std::chrono::milliseconds delay, std::string group, std::function<void()> work);
    /// @return how many were taken off
    std::uint32_t unschedule(std::string_view number_or_group);

    load_figures figures() const;
    std::chrono::microseconds up() const;

private:
    struct scheduled {
        std::string group;
        control_loop::timer timer;
    };
    struct hook_entry;
    class hook_registration;

    std::shared_ptr<channel> add(std::string uuid, bool inbound);
    bool admit();
    std::optional<dialplan::match> ask_hooks(const channel& who) const;
    struct path {
        endpoint* through = nullptr;
        std::string name;  ///< "loopback"
        std::string rest;  ///< what the endpoint is asked for
    };
    path path_to(const std::string& target) const;
    variables settings_of(const leg_request& request) const;
    caller_profile profile_of(const leg_request& request, const std::string& rest) const;
    void decorate(channel& leg, const leg_request& request, const std::string& type);
    task<> supervise(std::uint64_t id, task<> work);
    void heartbeat();
    void emit_heartbeat();

    control_loop& control_;
    media_engine& media_;
    event_bus& events_;
    const settings& configured_;
    const dialplan plan_;
    worker disk_;
    variable_store globals_;
    api_function api_;
    bool closed_ = false;

    std::map<std::string, endpoint*> endpoints_;
    std::map<std::uint64_t, std::shared_ptr<channel>> channels_;
    std::unordered_map<std::string, std::shared_ptr<channel>> by_uuid_;
    std::map<std::uint64_t, task<>> jobs_;
    std::uint64_t last_job_ = 0;
    std::map<std::uint32_t, scheduled> scheduled_;
    std::uint32_t last_task_ = 1;  // 1 is the heartbeat

    mutable std::mutex hooks_mutex_;
    std::vector<std::shared_ptr<hook_entry>> hooks_;

    mutable std::mutex figures_mutex_;
    load_figures figures_;
    std::int64_t second_ = 0, five_minutes_ = 0;
    const steady_clock::time_point started_ = steady_clock::now();
    control_loop::timer heartbeat_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace strowger::softswitch
