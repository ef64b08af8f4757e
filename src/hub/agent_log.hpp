#pragma once
#include "base/log.hpp"

#include <atomic>
#include <initializer_list>
#include <string_view>

namespace strowger::hub {

/// The agent's own log lines, with the level that `cmd.status` changes. Threads: any.
class agent_log {
public:
    explicit agent_log(log::level threshold) : threshold_{threshold} {}

    void set_level(log::level threshold) noexcept { threshold_.store(threshold, std::memory_order_relaxed); }
    log::level level() const noexcept { return threshold_.load(std::memory_order_relaxed); }
    bool enabled(log::level severity) const noexcept
    {
        return severity <= level() && log::enabled(log::level::emerg);  // the latter: whether anybody listens
    }

    void write(log::level severity, std::string_view message, std::initializer_list<log::field> fields = {}) const
    {
        if (enabled(severity)) log::write_always(severity, "hub", message, fields);
    }

private:
    std::atomic<log::level> threshold_;
};

}  // namespace strowger::hub
