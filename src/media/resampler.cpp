#include "media/resampler.hpp"

#include <algorithm>
#include <new>

#include <speex/speex_resampler.h>

namespace strowger::media {
namespace {

constexpr int quality = 5;  // of 10: -80 dB of aliasing, 2.5 ms of delay at 8 kHz
constexpr std::uint32_t lowest_hz = 8000;
constexpr std::uint32_t highest_hz = 192000;

}  // namespace

void resampler::destroy::operator()(SpeexResamplerState_* state) const noexcept
{
    speex_resampler_destroy(state);
}

result<std::unique_ptr<resampler>> resampler::create(std::uint32_t from_hz, std::uint32_t to_hz)
{
    for (const auto rate : {from_hz, to_hz})
        if (rate < lowest_hz || rate > highest_hz) return errc::bad_rate;
    return std::unique_ptr<resampler>{new resampler{from_hz, to_hz}};
}

resampler::resampler(std::uint32_t from_hz, std::uint32_t to_hz) : from_hz_{from_hz}, to_hz_{to_hz}
{
    if (from_hz == to_hz) return;
    int status = RESAMPLER_ERR_SUCCESS;
    state_.reset(speex_resampler_init(1, from_hz, to_hz, quality, &status));
    if (!state_) throw std::bad_alloc{};  // the rates are known to be good
}

std::size_t resampler::process(std::span<const std::int16_t> in, std::span<std::int16_t> out) noexcept
{
    if (!state_) {
        const auto size = std::min(in.size(), out.size());
        std::copy_n(in.begin(), size, out.begin());
        return size;
    }
    auto taken = static_cast<spx_uint32_t>(in.size());
    auto made = static_cast<spx_uint32_t>(out.size());
    speex_resampler_process_int(state_.get(), 0, in.data(), &taken, out.data(), &made);
    return made;
}

std::size_t resampler::max_output(std::size_t in) const noexcept
{
    return (in * to_hz_ + from_hz_ - 1) / from_hz_ + 1;
}

std::size_t resampler::latency() const noexcept
{
    return state_ ? static_cast<std::size_t>(speex_resampler_get_output_latency(state_.get())) : 0;
}

}  // namespace strowger::media
