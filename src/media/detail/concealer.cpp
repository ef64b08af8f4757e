#include "media/detail/concealer.hpp"

#include <algorithm>
#include <cmath>

namespace strowger::media::detail {

concealer::concealer(std::uint32_t rate_hz)
    : shortest_lag_{rate_hz / 200},
      longest_lag_{rate_hz * 3 / 200},
      template_{rate_hz / 100},
      stride_{std::max<std::size_t>(1, rate_hz / 8000)},
      overlap_{rate_hz / 200},
      fade_start_{rate_hz / 100},
      fade_end_{rate_hz * 6 / 100},
      history_(rate_hz / 20),
      piece_(longest_lag_ * 2)
{
    reset();
}

void concealer::reset() noexcept
{
    std::ranges::fill(history_, std::int16_t{0});
    piece_size_ = 0;
    made_ = fade_end_;
    step_ = 0;
    concealing_ = true;
}

void concealer::remember(std::span<const std::int16_t> pcm) noexcept
{
    const auto fresh = pcm.last(std::min(pcm.size(), history_.size()));
    const auto kept = std::shift_left(history_.begin(), history_.end(), static_cast<std::ptrdiff_t>(fresh.size()));
    std::ranges::copy(fresh, fresh.size() == history_.size() ? history_.begin() : kept);
}

void concealer::begin() noexcept
{
    const std::span<const std::int16_t> past = history_;
    const auto wanted = past.last(template_);
    std::size_t lag = longest_lag_;
    double best = 0.3;  // less alike than this is noise, for which the longest piece is the least of a buzz
    for (std::size_t candidate = shortest_lag_; candidate <= longest_lag_; ++candidate) {
        const auto like = likeness(wanted, past.subspan(past.size() - template_ - candidate, template_), stride_);
        // The shortest lag wins over its multiples unless they are clearly better.
        if (like > best + 0.002) {
            best = like;
            lag = candidate;
        }
    }
    piece_size_ = lag < template_ ? lag * ((template_ + lag - 1) / lag) : lag;
    const auto piece = past.last(piece_size_);
    std::ranges::copy(piece, piece_.begin());
    // What came before the piece leads into its beginning, so its end is faded over into that.
    const auto lead_in = past.subspan(past.size() - piece_size_ - overlap_, overlap_);
    for (std::size_t i = 0; i < overlap_; ++i) {
        const auto weight = static_cast<float>(i + 1) / static_cast<float>(overlap_ + 1);
        auto& sample = piece_[piece_size_ - overlap_ + i];
        sample = static_cast<std::int16_t>(
            std::lround(static_cast<float>(sample) * (1 - weight) + static_cast<float>(lead_in[i]) * weight));
    }
    step_ = past.back() - past[past.size() - piece_size_ - 1];
    at_ = 0;
    made_ = 0;
    concealing_ = true;
}

std::int16_t concealer::next() noexcept
{
    if (made_ >= fade_end_) return 0;
    float value = piece_[at_];
    if (++at_ == piece_size_) at_ = 0;
    // The last real sample could not be faded: start from it and glide.
    if (made_ < overlap_)
        value += static_cast<float>(step_) * (1 - static_cast<float>(made_ + 1) / static_cast<float>(overlap_ + 1));
    if (made_ > fade_start_)
        value *= static_cast<float>(fade_end_ - made_) / static_cast<float>(fade_end_ - fade_start_);
    ++made_;
    return static_cast<std::int16_t>(std::clamp(std::lround(value), -32768L, 32767L));
}

bool concealer::conceal(std::span<std::int16_t> pcm) noexcept
{
    if (!concealing_) begin();
    const bool audible = made_ < fade_end_;
    for (auto& sample : pcm) sample = next();
    remember(pcm);
    return audible;
}

void concealer::pass(std::span<std::int16_t> pcm) noexcept
{
    if (concealing_) {
        const auto fade = std::min(overlap_, pcm.size());
        for (std::size_t i = 0; i < fade; ++i) {
            const auto weight = static_cast<float>(i + 1) / static_cast<float>(fade + 1);
            pcm[i] = static_cast<std::int16_t>(
                std::lround(static_cast<float>(next()) * (1 - weight) + static_cast<float>(pcm[i]) * weight));
        }
        concealing_ = false;
    }
    remember(pcm);
}

double likeness(std::span<const std::int16_t> a, std::span<const std::int16_t> b, std::size_t stride) noexcept
{
    double product = 0;
    double energy_a = 0;
    double energy_b = 0;
    for (std::size_t i = 0; i < a.size(); i += stride) {
        product += static_cast<double>(a[i]) * b[i];
        energy_a += static_cast<double>(a[i]) * a[i];
        energy_b += static_cast<double>(b[i]) * b[i];
    }
    return energy_a > 0 && energy_b > 0 ? product / std::sqrt(energy_a * energy_b) : 0;
}

}  // namespace strowger::media::detail
