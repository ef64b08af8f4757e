#include "media/level.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace strowger::media {
namespace {

constexpr double full_scale = 32768.0;

double dbov(double amplitude) noexcept
{
    return amplitude > 0 ? std::max(silence_dbov, 20.0 * std::log10(amplitude / full_scale)) : silence_dbov;
}

}  // namespace

double rms_dbov(std::span<const std::int16_t> pcm) noexcept
{
    if (pcm.empty()) return silence_dbov;
    std::int64_t sum = 0;
    for (const auto sample : pcm) sum += std::int32_t{sample} * sample;
    return dbov(std::sqrt(static_cast<double>(sum) / static_cast<double>(pcm.size())));
}

double peak_dbov(std::span<const std::int16_t> pcm) noexcept
{
    int peak = 0;
    for (const auto sample : pcm) peak = std::max(peak, std::abs(int{sample}));
    return dbov(peak);
}

}  // namespace strowger::media
