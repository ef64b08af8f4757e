#pragma once
#include "softswitch/sip/site.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace strowger::softswitch::sip {

/// A call's side of offer and answer, and the RTP that follows from it. Source: RFC 3264.
/// Threads: control thread.
class call_media {
public:
    call_media(site& where, std::vector<codec_choice> codecs, port_events events);

    /// Binds RTP. @param local_ip  the address that faces the party, unless the settings name one
    /// @return false when no port is free
    bool open(const std::string& local_ip);

    /// Our description as an offer: all codecs, or what was agreed once there is such a thing.
    std::string make_offer();
    /// Our answer to `offer`, which takes effect at once; nothing when there is no codec in common.
    std::optional<std::string> answer(std::string_view offer);
    /// Takes the answer to our offer. @return false when there is nothing in common
    bool accept(std::string_view answer);

    void set_hold(bool on) noexcept { on_hold_ = on; }
    bool agreed() const noexcept { return agreed_.has_value(); }
    bool held_by_party() const noexcept { return agreed_ && agreed_->held; }
    media_port* port() const noexcept { return port_.get(); }
    /// Stops sending; the port stays until the call is destroyed.
    void stop() noexcept;
    bool send_dtmf(char digit, std::uint32_t duration_ms) noexcept;

    rtp_codec codec() const;
    variables negotiated() const;
    variables statistics() const;
    const std::string& remote_sdp() const noexcept { return remote_sdp_; }

private:
    bool take(const sdp_description& theirs);
    void apply();
    direction ours() const noexcept { return on_hold_ ? direction::sendonly : direction::sendrecv; }

    site& site_;
    std::vector<codec_choice> codecs_;
    port_events events_;
    sdp_origin origin_;
    std::string bound_ip_;
    std::unique_ptr<rtp_session> unused_;  ///< until media is agreed
    rtp_session* session_ = nullptr;
    std::unique_ptr<media_port> port_;  ///< owns the session then
    std::optional<sdp_agreement> agreed_;
    bool on_hold_ = false;
    std::string local_sdp_;
    std::string remote_sdp_;
};

}  // namespace strowger::softswitch::sip
