#pragma once
#include <cstdint>
#include <span>

namespace strowger::media {

/// ITU-T G.711 companding, one octet a sample.
///
/// Shape:  `in` and `out` are of one size; of two sizes the shorter counts. PCM is 16-bit, host order;
///         the law looks at its upper 14 (µ) or 13 (A) bits.
/// Source: ITU-T G.711 tables 1 and 2; rounding of negative values as in the reference code of G.191.
void ulaw_decode(std::span<const std::uint8_t> in, std::span<std::int16_t> out) noexcept;
void ulaw_encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) noexcept;
void alaw_decode(std::span<const std::uint8_t> in, std::span<std::int16_t> out) noexcept;
void alaw_encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) noexcept;

/// What the coders make of a zero sample: for padding a packet with silence.
inline constexpr std::uint8_t ulaw_silence = 0xff;
inline constexpr std::uint8_t alaw_silence = 0xd5;

}  // namespace strowger::media
