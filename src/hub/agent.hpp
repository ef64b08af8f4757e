#pragma once
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "bus/driver.hpp"
#include "hub/settings.hpp"
#include "pbx/host.hpp"

#include <memory>
#include <string>

namespace strowger::hub {

/// Publishes a switch's events on a message bus and executes the commands that arrive there.
///
/// Threads: any for every member, but start() and stop() one at a time. The host and its log must outlive it.
class agent {
public:
    /// @return the agent; or errc for a configuration that can never work
    [[nodiscard]] static result<std::unique_ptr<agent>> create(settings with, pbx::host& on,
                                                               std::unique_ptr<bus::driver> over);
    ~agent();

    /// Connects in the background, subscribes, begins to publish.
    [[nodiscard]] result<void> start();
    /// Takes no more commands, waits `settings.drain_ms` for the running ones, answers the rest with
    /// `Agent not ready`, flushes events for 2 s and disconnects. Idempotent; no callback runs afterwards.
    void stop();

    std::string status_text() const;  ///< human lines
    bool connected() const noexcept;
    /// Commands by outcome with latency, events published, dropped and filtered, bus state.
    void collect(metrics::writer& out) const;
    const std::string& node_id() const noexcept;  ///< as a slug

private:
    struct impl;
    explicit agent(std::unique_ptr<impl> self);
    std::unique_ptr<impl> self_;
};

}  // namespace strowger::hub
