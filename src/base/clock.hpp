#pragma once
#include <chrono>
#include <cstdint>

namespace strowger {

/// Never jumps: for deadlines and durations.
using steady_clock = std::chrono::steady_clock;

/// Wall clock [µs since the Unix epoch]: for time stamps that leave the process.
std::int64_t now_us() noexcept;

}  // namespace strowger
