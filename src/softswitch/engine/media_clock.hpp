#pragma once
#include "base/clock.hpp"
#include "base/metrics.hpp"

#include <atomic>
#include <functional>
#include <thread>

namespace strowger::softswitch {

/// The thread that calls `tick` every 20 ms at absolute deadlines, and `poke` whenever it was poked.
///
/// A thread that comes late catches up to three ticks at once; of a longer stall it leaves the ticks out
/// (`skip`), so that no party gets a burst of old audio.
class media_clock {
public:
    static constexpr std::chrono::milliseconds period{20};
    static constexpr int catch_up_ticks = 3;
    static constexpr std::chrono::milliseconds late_after{3};

    struct duties {
        std::function<void()> tick;
        std::function<void(std::uint32_t ticks)> skip;
        std::function<void()> poke;
    };
    struct measurements {
        metrics::counter ticks;
        metrics::counter skipped;
        metrics::counter late;        ///< ticks that ended sending more than `late_after` behind their deadline
        metrics::histogram lateness;  ///< of the wake-up
        metrics::histogram work;
        std::atomic<std::int64_t> worst_ns{0};
    };

    explicit media_clock(duties what);
    ~media_clock();
    media_clock(const media_clock&) = delete;
    media_clock& operator=(const media_clock&) = delete;

    /// Makes the thread call `poke` soon. Threads: any.
    void poke() noexcept;
    const measurements& measured() const noexcept { return measured_; }

private:
    void run();
    void start_timer();
    void catch_up();
    void one_tick();
    void measure(steady_clock::time_point woke, steady_clock::time_point done) noexcept;

    duties duties_;
    measurements measured_;
    steady_clock::time_point next_;
    int timer_ = -1;
    int poked_ = -1;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace strowger::softswitch
