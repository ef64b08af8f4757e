#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace strowger::softswitch {

enum class payload_kind : std::uint8_t { ulaw, alaw, l16 };

/// What both ends agreed to send each other.
struct rtp_codec {
    payload_kind kind = payload_kind::ulaw;
    std::uint32_t rate_hz = 8000;
    std::uint8_t payload_type = 0;
    int event_payload_type = -1;  ///< of telephone-event; -1: the party can't

    bool operator==(const rtp_codec&) const = default;
    std::string_view name() const noexcept;
    std::size_t bytes_per_sample() const noexcept { return kind == payload_kind::l16 ? 2 : 1; }
};

/// @param pcm  room for all samples of `payload`  @return how many it holds
std::size_t decode_payload(payload_kind kind, std::span<const std::uint8_t> payload,
                           std::span<std::int16_t> pcm) noexcept;
/// @return bytes written
std::size_t encode_payload(payload_kind kind, std::span<const std::int16_t> pcm,
                           std::span<std::uint8_t> payload) noexcept;

}  // namespace strowger::softswitch
