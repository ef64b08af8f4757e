#include "media/tone.hpp"

#include "media/level.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace strowger::media {
namespace {

constexpr double audible_dbov = -50.0;
constexpr double most_of_it = 0.5;

}  // namespace

tone_generator::tone_generator(std::initializer_list<double> frequencies_hz, std::uint32_t rate_hz, double level_dbov)
    : tone_generator{std::span<const double>{frequencies_hz.begin(), frequencies_hz.size()}, rate_hz, level_dbov}
{
}

tone_generator::tone_generator(std::span<const double> frequencies_hz, std::uint32_t rate_hz, double level_dbov)
{
    for (const auto frequency : frequencies_hz)
        if (frequency > 0 && size_ < max_tones) {
            const double angle = 2 * std::numbers::pi * frequency / rate_hz;
            waves_[size_++] = {.step_x = std::cos(angle), .step_y = std::sin(angle)};
        }
    set_level(level_dbov);
}

void tone_generator::set_level(double level_dbov) noexcept
{
    peak_ = 32767.0 * std::numbers::sqrt2 * std::pow(10.0, level_dbov / 20.0);
}

double tone_generator::wave::turn() noexcept
{
    const double height = y;
    const double turned = x * step_x - y * step_y;
    y = x * step_y + y * step_x;
    x = turned;
    return height;
}

void tone_generator::wave::normalise() noexcept
{
    const double length = std::hypot(x, y);
    x /= length;
    y /= length;
}

void tone_generator::next(std::span<std::int16_t> pcm) noexcept
{
    const auto waves = std::span{waves_}.first(size_);
    for (auto& sample : pcm) {
        double sum = 0;
        for (auto& one : waves) sum += one.turn();
        sample = static_cast<std::int16_t>(std::lround(std::clamp(sum * peak_, -32768.0, 32767.0)));
    }
    for (auto& one : waves) one.normalise();  // rounding would make it louder or softer in the long run
}

tone_detector::tone_detector(double frequency_hz, std::uint32_t rate_hz) noexcept
    : turn_{2 * std::numbers::pi * frequency_hz / rate_hz}
{
}

double tone_detector::share(std::span<const std::int16_t> pcm) const noexcept
{
    const double factor = 2 * std::cos(turn_);
    double before = 0;
    double last = 0;
    double energy = 0;
    for (const double sample : pcm) {
        energy += sample * sample;
        const double now = sample + factor * last - before;
        before = last;
        last = now;
    }
    if (energy <= 0) return 0;
    const double power = last * last + before * before - factor * last * before;
    return std::min(1.0, 2 * power / (energy * static_cast<double>(pcm.size())));
}

bool hears(std::span<const std::int16_t> pcm, double frequency_hz, std::uint32_t rate_hz) noexcept
{
    return rms_dbov(pcm) >= audible_dbov && tone_detector{frequency_hz, rate_hz}.share(pcm) >= most_of_it;
}

}  // namespace strowger::media
