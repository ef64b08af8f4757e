#pragma once
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "pbx/host.hpp"
#include "softswitch/settings.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace strowger::softswitch {

class switchboard;

/// Strowger's own switch: SIP phones, channels, dialplan, API verbs and events, all in this process.
///
/// Threads:  start() and the destructor by one thread; everything else by anyone. Event handlers and dialplan
///           hooks run on the control thread and must not call what waits (originate, msleep).
/// Lifetime: nobody may be inside a member when the destructor runs; channels that were handed out stay valid
///           and answer empty.
class embedded_switch final : public pbx::host {
public:
    /// @return the switch, listening; or why it could not (a port that is taken, …)
    [[nodiscard]] static result<std::unique_ptr<embedded_switch>> start(settings configured);
    ~embedded_switch() override;
    embedded_switch(const embedded_switch&) = delete;
    embedded_switch& operator=(const embedded_switch&) = delete;

    /// Takes no more calls, ends those there are with SYSTEM_SHUTDOWN, and waits until they have ended, at most
    /// `grace`. May be called twice.
    void stop(std::chrono::milliseconds grace);

    void collect(metrics::writer& out) const;
    /// Where SIP listens: "udp:127.0.0.1:5060".
    std::vector<std::string> sip_addresses() const;

    [[nodiscard]] pbx::registration_ptr subscribe(pbx::event_subscriber subscriber) override;
    void fire(pbx::event what) override;
    pbx::api_reply execute(std::string_view verb, std::string_view args) override;
    pbx::originate_reply originate(const pbx::originate_request& request) override;
    [[nodiscard]] pbx::registration_ptr add_api(pbx::api_command command) override;
    std::shared_ptr<pbx::channel> find(std::string_view uuid) override;
    [[nodiscard]] pbx::registration_ptr hook_dialplan(pbx::dialplan_hook hook) override;
    pbx::host_facts facts() const override;

    /// For tests: runs `work` on the control thread with what all lives in.
    void inspect(const std::function<void(switchboard&)>& work);

private:
    struct impl;
    explicit embedded_switch(std::unique_ptr<impl> made);
    std::unique_ptr<impl> impl_;
};

}  // namespace strowger::softswitch
