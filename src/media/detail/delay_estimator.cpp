#include "media/detail/delay_estimator.hpp"

#include <algorithm>
#include <limits>

namespace strowger::media::detail {
namespace {

constexpr auto none = std::numeric_limits<std::int64_t>::min();
constexpr float memory = 0.996F;          // of the histogram, a packet: half is forgotten in 3.5 s
constexpr float allowed_to_miss = 0.02F;  // share of packets that may come late

}  // namespace

delay_estimator::delay_estimator(std::uint32_t rate_hz, std::int64_t min_delay, std::int64_t max_delay)
    : min_delay_{min_delay},
      max_delay_{max_delay},
      period_{rate_hz},
      bin_{rate_hz / 200},
      histogram_(static_cast<std::size_t>(max_delay / bin_ + 2)),
      target_{min_delay},
      fastest_now_{none},
      fastest_before_{none}
{
}

void delay_estimator::reset() noexcept
{
    std::ranges::fill(histogram_, 0.0F);
    target_ = min_delay_;
    fastest_now_ = fastest_before_ = none;
}

std::int64_t delay_estimator::fastest() const noexcept
{
    const auto best = std::max(fastest_now_, fastest_before_);
    return best == none ? 0 : best;
}

void delay_estimator::rotate(std::int64_t clock) noexcept
{
    if (clock - period_start_ < period_) return;
    fastest_before_ = clock - period_start_ < 2 * period_ ? fastest_now_ : none;
    fastest_now_ = none;
    period_start_ = clock;
}

void delay_estimator::packet(std::int64_t lead, std::int64_t clock) noexcept
{
    rotate(clock);
    fastest_now_ = std::max(fastest_now_, lead);
    const auto trailing = (fastest() - lead + bin_ - 1) / bin_;
    for (auto& weight : histogram_) weight *= memory;
    histogram_[std::min(static_cast<std::size_t>(trailing), histogram_.size() - 1)] += 1.0F - memory;
    aim();
}

void delay_estimator::aim() noexcept
{
    float total = 0;
    for (const auto weight : histogram_) total += weight;
    float above = 0;
    auto bin = histogram_.size();
    while (bin > 1 && above + histogram_[bin - 1] <= total * allowed_to_miss) above += histogram_[--bin];
    target_ = std::clamp(static_cast<std::int64_t>(bin - 1) * bin_, min_delay_, max_delay_);
}

}  // namespace strowger::media::detail
