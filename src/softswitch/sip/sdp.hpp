#pragma once
#include "softswitch/rtp/address.hpp"
#include "softswitch/rtp/codec.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::softswitch::sip {

/// A codec that we offer or take.
struct codec_choice {
    payload_kind kind = payload_kind::ulaw;
    std::uint32_t rate_hz = 8000;

    bool operator==(const codec_choice&) const = default;
};

/// Reads "PCMU", "L16", "L16@8000h", FreeSWITCH's "PCMU@8000h@20i". L16 without a rate is 16 kHz, then 8 kHz.
/// @return nothing when it is no codec of ours
std::vector<codec_choice> parse_codec(std::string_view text);
/// Reads a list; what is no codec of ours is left out.
std::vector<codec_choice> parse_codecs(std::span<const std::string> texts);

enum class direction : std::uint8_t { inactive = 0, recvonly = 1, sendonly = 2, sendrecv = 3 };
std::string_view to_string(direction which) noexcept;
/// What the other end calls it.
direction reversed(direction which) noexcept;
inline bool sends(direction which) noexcept
{
    return which == direction::sendonly || which == direction::sendrecv;
}
inline bool receives(direction which) noexcept
{
    return which == direction::recvonly || which == direction::sendrecv;
}

/// One payload type of a media description.
struct sdp_format {
    std::uint8_t payload_type = 0;
    std::string name;  ///< upper case; empty when there is no rtpmap and the type is not static
    std::uint32_t rate_hz = 0;
    std::uint32_t channels = 1;
};

struct sdp_media {
    std::string kind;          ///< "audio"
    std::string protocol;      ///< "RTP/AVP"
    std::string first_format;  ///< as text, since not every protocol has numbers
    std::uint16_t port = 0;
    std::string address;  ///< c= of the media, else of the session
    std::uint16_t rtcp_port = 0;
    direction flow = direction::sendrecv;
    std::vector<sdp_format> formats;
};

struct sdp_description {
    std::vector<sdp_media> media;
};

/// Bounded: 16 KB, 16 media, 64 formats each.
/// @return nothing when `text` is no SDP
std::optional<sdp_description> parse_sdp(std::string_view text);

/// What both descriptions have in common.
struct sdp_agreement {
    rtp_codec codec;
    udp_address remote;  ///< port 0: the party rejected the media
    udp_address remote_rtcp;
    direction theirs = direction::sendrecv;
    bool held = false;  ///< theirs does not receive, or the old 0.0.0.0
    std::size_t media_index = 0;
};

/// Takes their first audio stream, and of it the first codec that is among `ours`.
/// @return nothing when there is none
std::optional<sdp_agreement> agree(const sdp_description& theirs, std::span<const codec_choice> ours);

/// Our side of a session; the version grows with every description written.
struct sdp_origin {
    std::string address;
    std::uint16_t port = 0;
    std::uint64_t id = 0;
    std::uint64_t version = 0;
};

std::string write_offer(sdp_origin& us, std::span<const codec_choice> codecs, direction flow);
/// An offer of what was agreed before: for hold and resume.
std::string write_offer(sdp_origin& us, const rtp_codec& agreed, direction flow);
/// Media that we do not take are answered with port 0 and one format of theirs, in their order.
std::string write_answer(sdp_origin& us, const sdp_description& theirs, const sdp_agreement& agreed, direction flow);

}  // namespace strowger::softswitch::sip
