#pragma once
#include "bus/driver.hpp"
#include "hub/access.hpp"
#include "hub/agent_log.hpp"
#include "hub/call_commands.hpp"
#include "hub/dialplan_control.hpp"
#include "hub/executor.hpp"
#include "hub/request.hpp"
#include "hub/settings.hpp"
#include "hub/statistics.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace strowger::hub {

/// Turns messages on the command subjects into orders, has them executed, and answers each at most once.
///
/// Threads: the bus's delivery thread reads, filters and queues; it never calls the host. Host verbs run on a
/// pool with one lane a channel, originates on threads of their own; status and dialplan answer at once.
class commands {
public:
    /// What the parts outside know: the `data` of a status answer, given `log_level_updated`.
    using status_source = std::function<std::string(bool level_updated)>;

    commands(const settings& with, pbx::host& on, bus::driver& over, statistics& counts, agent_log& log,
             status_source status, dialplan_control* dialplan);

    [[nodiscard]] result<void> subscribe();
    /// Takes no more, waits up to `drain` for what runs and waits, answers the rest `Agent not ready`.
    void stop(std::chrono::milliseconds drain);
    /// Answers what has run out of time. To be called every few ten milliseconds.
    void tick(steady_clock::time_point now);

    std::size_t queued() const { return pool_.waiting(); }
    const std::vector<command_subject>& subjects() const noexcept { return subjects_; }

private:
    struct order;
    struct arrival {
        bus::reply_handle to;  ///< empty: nobody is to be answered
        steady_clock::time_point at;
        std::string subject;
    };
    struct rate_window {
        std::int64_t second = 0;
        unsigned count = 0;
    };

    void handle(const command_subject& on, bus::message message);
    std::optional<reply> admit(const command_subject& on, const request& from);
    void dispatch(const command_subject& on, std::string_view action, const request& from, arrival came);
    void api(const request& from, arrival came);
    bool built_in(const api_call& call, const request& from, arrival& came);
    void host_verb(api_call call, arrival came);
    void reschedule_ourselves(api_call call, arrival came);
    void originate(const json_view& fields, arrival came);
    void hang_up(const json_view& fields, arrival came);
    void bridge(const json_view& fields, arrival came);
    reply status(const json_view& fields, std::string_view unchanged);
    reply dialplan(std::string_view action, const json_view& fields);
    bool permitted(std::string_view command, const arrival& came);
    void submit(executor& to, arrival came, std::string lane, bool urgent, std::chrono::milliseconds limit,
                std::function<reply()> work);
    void settle(const arrival& came, const reply& outcome);

    const settings& settings_;
    pbx::host& host_;
    bus::driver& bus_;
    statistics& counts_;
    agent_log& log_;
    const status_source status_;
    dialplan_control* const dialplan_;
    const access access_;
    const call_rules rules_;
    const std::vector<command_subject> subjects_;
    std::unordered_map<std::string, rate_window> rates_;  ///< the delivery thread's
    executor pool_;
    executor originates_;
};

}  // namespace strowger::hub
