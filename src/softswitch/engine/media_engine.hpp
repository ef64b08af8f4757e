#pragma once
#include "base/metrics.hpp"
#include "softswitch/control.hpp"
#include "softswitch/media_port.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace strowger::softswitch {

/// News of a port, on the control thread; none after the port is destroyed.
struct port_events {
    std::function<void(char digit, std::uint32_t duration_ms)> on_dtmf;
    std::function<void()> on_media_timeout;  ///< no packet for the transport's time limit
};

/// The media thread and what connects it with the control thread.
///
/// The thread wakes every 20 ms at absolute deadlines, moves one frame of every port, and otherwise only to
/// let go of something that the control side waits for. It never locks, allocates, frees or logs.
///
/// Threads: control thread, but collect() by anyone.
/// Lifetime: outlives its ports; the control loop outlives it.
class media_engine {
public:
    static constexpr std::uint32_t ptime_ms = 20;

    static std::unique_ptr<media_engine> start(control_loop& control);
    /// Without a thread: run_tick() is the clock. For tests.
    static std::unique_ptr<media_engine> start_without_clock(control_loop& control);
    ~media_engine();
    media_engine(const media_engine&) = delete;
    media_engine& operator=(const media_engine&) = delete;

    /// @param format  mono, 20 ms, at most 48 kHz
    std::unique_ptr<media_port> add(std::unique_ptr<media_transport> transport, pbx::media_format format,
                                    port_events events);
    /// Gives `port` another format between two ticks, and runs `change` there, which may not allocate or lock:
    /// it is where the transport takes its new codec. Taps are started again, a bridge is kept.
    void reformat(media_port& port, pbx::media_format format, const std::function<void()>& change = {});
    /// Runs `work` on the media thread between two ticks and waits for it. Threads: any but the media thread.
    void between_ticks(const std::function<void()>& work);

    void run_tick();
    void collect(metrics::writer& out) const;

    struct impl;

private:
    explicit media_engine(std::unique_ptr<impl> made);
    std::unique_ptr<impl> impl_;
};

}  // namespace strowger::softswitch
