#pragma once
#include "base/clock.hpp"
#include "base/metrics.hpp"

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>

namespace strowger::hub {

/// Arrival-to-reply times of about the last minute, in buckets a tenth wide.
/// Threads: observe() and read() by any; turn() by one, every ten seconds.
class recent_latency {
public:
    struct summary {
        std::int64_t p50_us = 0, p99_us = 0, max_us = 0;
    };
    void observe(std::chrono::microseconds took) noexcept;
    void turn() noexcept;
    summary read() const noexcept;

private:
    static constexpr std::size_t slots = 7, buckets = 256;
    static std::size_t bucket_of(std::uint64_t us) noexcept;
    static std::int64_t upper_us(std::size_t bucket) noexcept;

    struct slot {
        std::array<std::atomic<std::uint32_t>, buckets> count{};
        std::atomic<std::int64_t> max_us{0};
    };
    std::array<slot, slots> slots_{};
    std::atomic<std::size_t> now_{0};
};

/// Every command ends in exactly one of success, failed and filtered. Threads: any.
struct statistics {
    metrics::counter received, success, failed, filtered;
    metrics::counter rejected;      ///< of the failed: busy or forbidden
    metrics::counter timed_out;     ///< of the failed
    metrics::counter unsafe_reply;  ///< executed, but the reply subject was not one to answer to
    metrics::counter events_filtered;
    metrics::histogram success_seconds, failed_seconds;
    recent_latency latency;
};

}  // namespace strowger::hub
