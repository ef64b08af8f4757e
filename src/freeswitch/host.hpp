#pragma once
#include "freeswitch/api_table.hpp"
#include "freeswitch/originate.hpp"
#include "pbx/host.hpp"

#include <switch.h>

namespace strowger::freeswitch {

/// FreeSWITCH behind the seam. It translates and decides nothing, with one exception: see execute().
class host final : public pbx::host {
public:
    /// @param module_name  of the module that holds this code ("mod_event_agent")
    /// @param module       its interface, from the load function
    host(std::string module_name, switch_loadable_module_interface_t* module)
        : module_name_{std::move(module_name)}, apis_{module}
    {
    }

    [[nodiscard]] pbx::registration_ptr subscribe(pbx::event_subscriber subscriber) override;
    void fire(pbx::event what) override;
    /// `load`, `unload` and `reload` of our own module are answered `+OK scheduled` and then done by FreeSWITCH's
    /// scheduler: a thread that runs inside the module cannot unload it.
    pbx::api_reply execute(std::string_view verb, std::string_view args) override;
    pbx::originate_reply originate(const pbx::originate_request& request) override;
    /// In the load function only, nullptr afterwards.
    [[nodiscard]] pbx::registration_ptr add_api(pbx::api_command command) override;
    std::shared_ptr<pbx::channel> find(std::string_view uuid) override;
    /// nullptr: this host hooks no dialplan yet (README of this folder).
    [[nodiscard]] pbx::registration_ptr hook_dialplan(pbx::dialplan_hook hook) override;
    pbx::host_facts facts() const override;

    /// The load function returns.
    void close_api_table() noexcept { apis_.close(); }
    /// Ends calls that are still being placed, so that nobody waits for their answer.
    void cancel_originates() noexcept { originates_.cancel(SWITCH_CAUSE_MANAGER_REQUEST); }

private:
    bool names_own_module(std::string_view verb, std::string_view args) const;

    std::string module_name_;
    api_table apis_;
    originate_canceller originates_;
};

}  // namespace strowger::freeswitch
