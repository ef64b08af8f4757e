#include "media/g711.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace strowger::media {
namespace {

constexpr int ulaw_dropped_bits = 2;
constexpr int alaw_dropped_bits = 4;

// Both laws: sign, 3 bits of segment, 4 bits of step; a segment's steps are twice those of the one below.
constexpr std::int16_t ulaw_value(std::uint8_t code)
{
    const unsigned bits = ~unsigned{code} & 0x7fU;  // sent inverted
    const int magnitude = static_cast<int>((((bits & 15U) << 3) + 0x84U) << (bits >> 4)) - 0x84;
    return static_cast<std::int16_t>((code & 0x80U) != 0 ? magnitude : -magnitude);
}

constexpr std::uint8_t ulaw_code(std::int16_t pcm)
{
    const int folded = pcm < 0 ? ~pcm : pcm;
    const unsigned biased = std::min(static_cast<unsigned>(folded >> ulaw_dropped_bits) + 33U, 0x1fffU);
    const auto segment = static_cast<unsigned>(std::bit_width(biased)) - 6U;
    const unsigned code = ~((segment << 4) | ((biased >> (segment + 1U)) & 15U)) & 0x7fU;
    return static_cast<std::uint8_t>(code | (pcm < 0 ? 0U : 0x80U));
}

constexpr std::int16_t alaw_value(std::uint8_t code)
{
    const unsigned bits = (code ^ 0x55U) & 0x7fU;  // every other bit is sent inverted
    const unsigned segment = bits >> 4;
    const unsigned step = ((bits & 15U) << 4) + 8U;
    const auto magnitude = static_cast<int>(segment == 0 ? step : (step + 0x100U) << (segment - 1U));
    return static_cast<std::int16_t>((code & 0x80U) != 0 ? magnitude : -magnitude);
}

constexpr std::uint8_t alaw_code(std::int16_t pcm)
{
    const int folded = pcm < 0 ? ~pcm : pcm;
    const auto magnitude = static_cast<unsigned>(folded >> alaw_dropped_bits);
    unsigned code = magnitude;
    if (magnitude > 15U) {
        const auto segment = static_cast<unsigned>(std::bit_width(magnitude)) - 4U;
        code = (segment << 4) | ((magnitude >> (segment - 1U)) & 15U);
    }
    return static_cast<std::uint8_t>((code | (pcm < 0 ? 0U : 0x80U)) ^ 0x55U);
}

constexpr auto decoder_of(std::int16_t (*value)(std::uint8_t))
{
    std::array<std::int16_t, 256> table{};
    for (std::size_t code = 0; code < table.size(); ++code) table[code] = value(static_cast<std::uint8_t>(code));
    return table;
}

// Indexed by the bits of the sample that the law looks at, sign included.
template <int DroppedBits>
constexpr auto encoder_of(std::uint8_t (*code)(std::int16_t))
{
    std::array<std::uint8_t, (65536U >> DroppedBits)> table{};
    for (std::size_t i = 0; i < table.size(); ++i)
        table[i] = code(static_cast<std::int16_t>(static_cast<std::uint16_t>(i << DroppedBits)));
    return table;
}

constexpr auto ulaw_values = decoder_of(ulaw_value);
constexpr auto alaw_values = decoder_of(alaw_value);
constexpr auto ulaw_codes = encoder_of<ulaw_dropped_bits>(ulaw_code);
constexpr auto alaw_codes = encoder_of<alaw_dropped_bits>(alaw_code);

}  // namespace

void ulaw_decode(std::span<const std::uint8_t> in, std::span<std::int16_t> out) noexcept
{
    const auto size = std::min(in.size(), out.size());
    for (std::size_t i = 0; i < size; ++i) out[i] = ulaw_values[in[i]];
}

void ulaw_encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) noexcept
{
    const auto size = std::min(in.size(), out.size());
    for (std::size_t i = 0; i < size; ++i)
        out[i] = ulaw_codes[static_cast<std::uint16_t>(in[i]) >> ulaw_dropped_bits];
}

void alaw_decode(std::span<const std::uint8_t> in, std::span<std::int16_t> out) noexcept
{
    const auto size = std::min(in.size(), out.size());
    for (std::size_t i = 0; i < size; ++i) out[i] = alaw_values[in[i]];
}

void alaw_encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) noexcept
{
    const auto size = std::min(in.size(), out.size());
    for (std::size_t i = 0; i < size; ++i)
        out[i] = alaw_codes[static_cast<std::uint16_t>(in[i]) >> alaw_dropped_bits];
}

}  // namespace strowger::media
