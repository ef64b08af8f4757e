#include "hub/statistics.hpp"

#include <algorithm>

namespace strowger::hub {

// Eight buckets an octave: the top three bits below the leading one choose among them.
std::size_t recent_latency::bucket_of(std::uint64_t us) noexcept
{
    if (us < 8) return us;
    const auto octave = static_cast<std::size_t>(std::bit_width(us)) - 1;
    const auto within = (us >> (octave - 3)) & 7U;
    return std::min(buckets - 1, (octave - 2) * 8 + within);
}

std::int64_t recent_latency::upper_us(std::size_t bucket) noexcept
{
    if (bucket < 8) return static_cast<std::int64_t>(bucket);
    const auto octave = bucket / 8 + 2;
    return static_cast<std::int64_t>(((8 + bucket % 8 + 1) << (octave - 3)) - 1);
}

void recent_latency::observe(std::chrono::microseconds took) noexcept
{
    auto& here = slots_[now_.load(std::memory_order_relaxed)];
    here.count[bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(0, took.count())))].fetch_add(
        1, std::memory_order_relaxed);
    auto most = here.max_us.load(std::memory_order_relaxed);
    while (took.count() > most && !here.max_us.compare_exchange_weak(most, took.count(), std::memory_order_relaxed)) {
    }
}

void recent_latency::turn() noexcept
{
    const auto next = (now_.load() + 1) % slots;
    for (auto& it : slots_[next].count) it.store(0, std::memory_order_relaxed);
    slots_[next].max_us = 0;
    now_ = next;
}

recent_latency::summary recent_latency::read() const noexcept
{
    std::array<std::uint64_t, buckets> sum{};
    summary out;
    std::uint64_t total = 0;
    for (const auto& it : slots_) {
        for (std::size_t i = 0; i < buckets; ++i) {
            const auto n = it.count[i].load(std::memory_order_relaxed);
            sum[i] += n;
            total += n;
        }
        out.max_us = std::max(out.max_us, it.max_us.load(std::memory_order_relaxed));
    }
    const auto quantile = [&](std::uint64_t percent) {
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets; ++i)
            if (seen += sum[i]; seen * 100 >= total * percent) return std::min(upper_us(i), out.max_us);
        return out.max_us;
    };
    if (total > 0) {
        out.p50_us = quantile(50);
        out.p99_us = quantile(99);
    }
    return out;
}

}  // namespace strowger::hub
