#pragma once
#include "pbx/cause.hpp"
#include "softswitch/media_port.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strowger::softswitch {

using variables = std::vector<std::pair<std::string, std::string>>;

struct codec_facts {
    std::string name;  ///< "PCMU", "PCMA", "L16"
    std::uint32_t rate_hz = 8000;
    std::uint32_t bit_rate = 64000;
    std::uint32_t ptime_ms = 20;
};

/// What a technology tells the channel about its party. Control thread. After on_ended nothing follows.
class leg_observer {
public:
    virtual ~leg_observer() = default;
    virtual void on_ringing() = 0;      ///< 180 without media
    virtual void on_early_media() = 0;  ///< 183 with SDP; leg::media() is there
    virtual void on_answered() = 0;     ///< outbound leg answered, or our answer was confirmed
    /// `sip_status` is 0 where there was none. `more` are variables that the end adds (sip_term_status …).
    virtual void on_ended(pbx::cause why, int sip_status, variables more) = 0;
    virtual void on_held(bool by_party) = 0;  ///< the party put us on hold, or took us back
    virtual void on_codec_changed() = 0;      ///< leg::codec() and media()->format() say what is new
    virtual void on_dtmf(char digit, std::uint32_t duration_ms) = 0;
    virtual void on_info(std::string_view content_type, std::string_view body) = 0;
    /// REFER without Replaces: the party wants its peer to go to `target` (user part, or a whole sip: URI).
    virtual void on_blind_transfer(std::string_view target) = 0;
    /// REFER with Replaces: the party wants its peer connected to the other end of its call with `other`.
    virtual void on_attended_transfer(leg_observer& other) = 0;
};

/// What an outbound leg was asked to reach, where its technology knows better than the dial string's target.
struct dialled_number {
    std::string number, context, dialplan;
};

/// One party's connection as its technology sees it: a SIP dialog, half of a loopback, a tone.
/// The channel owns it. Control thread.
class leg {
public:
    virtual ~leg() = default;  ///< hangs up with normal_clearing if it has not ended

    virtual std::string name() const = 0;             ///< "sofia/internal/1000@127.0.0.1:5091", "loopback/9196-a"
    virtual std::string source() const = 0;           ///< "mod_sofia", "mod_loopback"
    virtual std::string network_address() const = 0;  ///< of the party; empty if it has none
    /// Variables that the technology sets as soon as the channel exists (`sip_from_user` …).
    virtual variables initial_variables() const = 0;
    /// Variables that follow from the media that was agreed (`rtp_use_codec_name`, `remote_media_ip` …);
    /// good from on_early_media, on_answered and on_codec_changed on, and for us after early_media() and answer().
    virtual variables media_variables() const { return {}; }
    virtual codec_facts codec() const = 0;
    /// Null until media is agreed (early media, answer). Stays the same object until the leg is destroyed.
    virtual media_port* media() = 0;

    virtual dialled_number dialled() const { return {}; }
    /// The channel is in CS_INIT: what must not happen before it exists, happens now.
    virtual void begin() {}

    virtual void ring() = 0;         ///< inbound: 180
    virtual void early_media() = 0;  ///< inbound: 183 with SDP
    virtual void answer() = 0;       ///< inbound: 200; outbound: no-op
    /// Ends the leg: final response, CANCEL or BYE. on_ended follows, later or at once.
    virtual void hang_up(pbx::cause why) = 0;
    virtual void hold(bool on) = 0;  ///< re-INVITE sendonly / sendrecv
    /// Digits 0-9 * # A-D; other characters are skipped.
    virtual void send_dtmf(std::string_view digits, std::uint32_t duration_ms) = 0;
    virtual void redirect(std::string_view target) = 0;  ///< inbound, unanswered: 302; answered: REFER
};

/// An inbound call as it arrives.
struct incoming_call {
    std::unique_ptr<leg> party;
    std::string caller_id_name;
    std::string caller_id_number;
    std::string username;  ///< authenticated or From user
    std::string destination_number;
    std::string context = "default";
    std::string presence_id;
};

/// Who takes inbound calls: the switch. Control thread.
class call_acceptor {
public:
    virtual ~call_acceptor() = default;
    /// @return who observes the leg from now on; nullptr: refused, the leg was hung up with a cause
    virtual leg_observer* on_incoming(incoming_call call) = 0;
    /// A CUSTOM event of the technology: `sofia::register`, `sofia::unregister`, `sofia::expire`, …
    virtual void on_technology_event(std::string_view subclass, variables headers) = 0;
};

struct outgoing_call {
    std::string target;  ///< what follows the endpoint's name: `1000`, `internal/bob@192.0.2.7:5070`, `9196/default`
    std::string caller_id_name;
    std::string caller_id_number;
    variables settings;           ///< the channel's variables (`sip_h_X-Foo`, `absolute_codec_string`, …)
    std::string originator_uuid;  ///< of the leg whose bridge application dials; else empty
    std::optional<codec_facts> originator_codec;  ///< of the same
};

/// A way of reaching parties: `user`, `sofia`, `loopback`, `tone`, `null`. Control thread.
class endpoint {
public:
    virtual ~endpoint() = default;
    /// A leg that takes over the caller's codec needs the caller to have one: it gets early media first.
    virtual bool wants_originator_media() const { return false; }
    /// Starts a call; news of it goes to `observer`, never from inside this call.
    /// @return the leg; or nothing, and `why` says so (SUBSCRIBER_ABSENT, INVALID_URL, …)
    virtual std::unique_ptr<leg> dial(const outgoing_call& call, leg_observer& observer, pbx::cause& why) = 0;
};

}  // namespace strowger::softswitch
