#include "softswitch/rtp/codec.hpp"

#include "media/g711.hpp"
#include "softswitch/rtp/packet.hpp"

#include <algorithm>

namespace strowger::softswitch {

std::string_view rtp_codec::name() const noexcept
{
    switch (kind) {
        case payload_kind::ulaw:
            return "PCMU";
        case payload_kind::alaw:
            return "PCMA";
        case payload_kind::l16:
            return "L16";
    }
    return "";
}

std::size_t decode_payload(payload_kind kind, std::span<const std::uint8_t> payload,
                           std::span<std::int16_t> pcm) noexcept
{
    const auto samples = std::min(pcm.size(), kind == payload_kind::l16 ? payload.size() / 2 : payload.size());
    const auto out = pcm.first(samples);
    if (kind == payload_kind::ulaw) {
        media::ulaw_decode(payload.first(samples), out);
    } else if (kind == payload_kind::alaw) {
        media::alaw_decode(payload.first(samples), out);
    } else {
        for (std::size_t i = 0; i < samples; ++i) out[i] = static_cast<std::int16_t>(get_u16(payload.subspan(2 * i)));
    }
    return samples;
}

std::size_t encode_payload(payload_kind kind, std::span<const std::int16_t> pcm,
                           std::span<std::uint8_t> payload) noexcept
{
    if (kind == payload_kind::l16) {
        const auto samples = std::min(pcm.size(), payload.size() / 2);
        for (std::size_t i = 0; i < samples; ++i) put_u16(payload.subspan(2 * i), static_cast<std::uint16_t>(pcm[i]));
        return samples * 2;
    }
    const auto samples = std::min(pcm.size(), payload.size());
    const auto encode = kind == payload_kind::ulaw ? media::ulaw_encode : media::alaw_encode;
    encode(pcm.first(samples), payload.first(samples));
    return samples;
}

}  // namespace strowger::softswitch
