#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace strowger::softswitch {

/// How loud one direction of a leg is.
struct volume {
    static constexpr int most = 4;

    bool muted = false;
    int steps = 0;  ///< -most to most; 0 leaves the audio alone

    /// What a step multiplies by is FreeSWITCH's (`switch_change_sln_volume`); beyond 16 bits stays at the limit.
    void apply(std::span<std::int16_t> pcm) const noexcept
    {
        static constexpr std::array<int, 2 * most + 1> tenths{2, 4, 6, 8, 10, 13, 23, 33, 43};
        if (muted) {
            std::ranges::fill(pcm, std::int16_t{0});
        } else if (steps != 0) {
            const int factor = tenths[static_cast<std::size_t>(std::clamp(steps, -most, most) + most)];
            for (auto& sample : pcm)
                sample = static_cast<std::int16_t>(std::clamp(sample * factor / 10, -32768, 32767));
        }
    }
};

}  // namespace strowger::softswitch
