#pragma once
#include "app/settings.hpp"
#include "base/clock.hpp"

#include <memory>
#include <string>

#include <boost/system/result.hpp>

namespace strowger::bus {
class driver;
}
namespace strowger::hub {
class agent;
}
namespace strowger::net {
class http_server;
}
namespace strowger::softswitch {
class embedded_switch;
}

namespace strowger::app {

class nats_child;

enum class role : std::uint8_t {
    everything,   ///< `strowger up`: the switch, the hub, and a nats-server if nobody has one
    switch_only,  ///< `strowger switch`: the hub only when it is configured, never a nats-server
};

/// The whole exchange: puts the embedded switch, the hub and the pages of health and metrics together.
/// Threads: start() and stop() on the main thread; the pages on the HTTP server's.
class exchange {
public:
    /// @return the running exchange; or what failed, what was expected and how to mend it, as lines for a person
    [[nodiscard]] static boost::system::result<std::unique_ptr<exchange>, std::string> start(settings with, role as);
    ~exchange();
    exchange(const exchange&) = delete;
    exchange& operator=(const exchange&) = delete;

    /// Ends calls politely, publishes their last events and ends every thread and child, in less than 2 s.
    void stop();

    /// What a person can do next.
    std::string welcome() const;
    /// JSON: `ok`, or `degraded` while the hub has no connection.
    std::string health() const;
    /// Prometheus text format 0.0.4.
    std::string metrics() const;

private:
    exchange(settings with, role as);
    using verdict = std::string;  ///< empty: good; else the problem, for a person
    verdict start_nats();
    verdict start_switch();
    verdict start_hub();
    verdict start_pages();

    settings settings_;
    role role_;
    bool with_hub_;
    steady_clock::time_point started_ = steady_clock::now();
    // In the order of starting; each needs what stands before it.
    std::unique_ptr<nats_child> nats_;
    std::unique_ptr<softswitch::embedded_switch> switch_;
    std::unique_ptr<hub::agent> hub_;
    std::unique_ptr<net::http_server> pages_;
};

}  // namespace strowger::app
