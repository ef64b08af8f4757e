#pragma once
#include <cstdint>
#include <span>

namespace strowger::media {

/// What digital silence is said to have.
inline constexpr double silence_dbov = -127.0;

/// Loudness of `pcm` [dBov]: 0 is a full-scale square wave, -3.01 a full-scale sine (RFC 6464 3).
double rms_dbov(std::span<const std::int16_t> pcm) noexcept;
/// The largest sample [dBov].
double peak_dbov(std::span<const std::int16_t> pcm) noexcept;

}  // namespace strowger::media
