#pragma once
#include <cstdint>
#include <vector>

namespace strowger::media::detail {

/// How much delay a stream needs, learnt from how late its packets come against the fastest of late.
///
/// A packet's lead is its place on the timeline less the receiver's clock when it came [samples]; the more, the
/// faster it travelled. The fastest are remembered for one to two seconds, which is short enough to follow the
/// skew of two clocks. How far the others trail them is kept in a histogram that forgets.
class delay_estimator {
public:
    delay_estimator(std::uint32_t rate_hz, std::int64_t min_delay, std::int64_t max_delay);

    void packet(std::int64_t lead, std::int64_t clock) noexcept;
    /// Forgets the stream; the target is the least delay again.
    void reset() noexcept;

    /// Lead of the fastest packets of late; 0 before the first.
    std::int64_t fastest() const noexcept;
    /// Delay that all but one packet in fifty keep within, between the bounds [samples].
    std::int64_t target() const noexcept { return target_; }

private:
    void rotate(std::int64_t clock) noexcept;
    void aim() noexcept;

    std::int64_t min_delay_, max_delay_;
    std::int64_t period_;  ///< for which the fastest are remembered, at least [samples]
    std::int64_t bin_;     ///< width of a bin of the histogram [samples]
    std::vector<float> histogram_;
    std::int64_t target_;
    std::int64_t period_start_ = 0;
    std::int64_t fastest_now_, fastest_before_;
};

}  // namespace strowger::media::detail
