#pragma once
#include "softswitch/leg.hpp"
#include "softswitch/sip/call_media.hpp"
#include "softswitch/sip/destination.hpp"
#include "softswitch/sip/message.hpp"
#include "softswitch/sip/site.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace strowger::softswitch::sip {

/// One SIP dialog as a leg.
///
/// An inbound call keeps a server transaction of its own until the first ring(), early_media() or answer();
/// libre's session, which would answer 180 at once, is made only then.
/// Threads: control thread.
class call final : public leg {
public:
    /// Answers 100 and waits for what the switch decides.
    /// @return nothing when the INVITE was refused already (no SDP in common, no Contact, no port)
    static std::unique_ptr<call> incoming(site& where, const sip_msg& invite);
    /// Sends an INVITE. @return nothing, and `why`, when it could not be sent
    static std::unique_ptr<call> outgoing(site& where, const outgoing_call& wanted, const destination& to,
                                          leg_observer& observer, pbx::cause& why);
    ~call() override;
    call(const call&) = delete;
    call& operator=(const call&) = delete;

    void observe(leg_observer& who) noexcept { observer_ = &who; }
    leg_observer* observer() const noexcept { return observer_; }
    bool ended() const noexcept { return phase_ == phase::ended; }
    /// Whether `msg`, a request, belongs to this dialog.
    bool owns(const sip_msg& msg) const noexcept;
    /// Whether it is the dialog that a Replaces header names.
    bool is_dialog(std::string_view call_id, std::string_view one_tag, std::string_view other_tag) const noexcept;
    /// A BYE is about to end the call: what it says counts.
    void note_bye(const sip_msg& bye);
    void on_update(const sip_msg& update);

    std::string name() const override { return "sofia/internal/" + name_; }
    std::string source() const override { return "mod_sofia"; }
    std::string network_address() const override { return network_ip_; }
    variables initial_variables() const override { return initial_; }
    variables media_variables() const override { return media_.negotiated(); }
    codec_facts codec() const override;
    media_port* media() override { return media_.port(); }
    void ring() override;
    void early_media() override;
    void answer() override;
    void hang_up(pbx::cause why) override;
    void hold(bool on) override;
    void send_dtmf(std::string_view digits, std::uint32_t duration_ms) override;
    void redirect(std::string_view target) override;

private:
    enum class phase : std::uint8_t {
        offered,   ///< inbound, only 100 was sent
        early,     ///< provisional responses go or come
        answered,  ///< inbound, our 200 waits for its ACK
        up,
        ended,
    };
    struct handlers;  ///< libre's callbacks

    call(site& where, std::vector<codec_choice> codecs);
    port_events media_events();
    void enroll(std::string call_id);

    bool begin_incoming(const sip_msg& invite);
    bool begin_outgoing(const outgoing_call& wanted, const destination& to, pbx::cause& why);
    bool respond(int status, const std::string* sdp);
    std::string extra_headers(int status) const;
    void refuse(int status, std::string_view headers);
    std::string our_sdp();

    void on_cancel();
    void on_progress(const sip_msg& msg);
    bool on_answer_sdp(const sip_msg& msg);
    bool on_offer(const sip_msg& msg, mbuf** description);
    void on_established(const sip_msg& msg);
    void on_closed(int error, const sip_msg* msg);
    void on_info(const sip_msg& msg);
    void on_refer(const sip_msg& msg);
    void refer_attended(std::string_view replaces);
    void notify_refer(int status, bool last);
    void send_in_dialog(const char* method, const std::string& headers, std::string_view content_type,
                        std::string_view content);
    void send_next_info();
    void media_changed(const rtp_codec& before, bool held_before);
    void tell_soon();
    void end(pbx::cause why, int status, variables more);
    variables dialog_variables() const;

    site& site_;
    leg_observer* observer_ = nullptr;
    phase phase_ = phase::offered;
    bool inbound_ = true;
    bool told_ringing_ = false;
    bool told_early_ = false;

    re_ptr<const sip_msg> invite_;
    re_ptr<sip_strans> transaction_;  ///< of the INVITE, while `offered`
    re_ptr<sipsess> session_;
    call_media media_;
    bool late_offer_ = false;  ///< the INVITE had no SDP: ours is the offer

    std::string name_;
    std::string network_ip_;
    std::string local_ip_;
    std::string contact_;  ///< ours, as a URI
    std::string user_;     ///< of the contact
    std::string call_id_;
    std::string local_tag_, remote_tag_;
    std::string bye_reason_;
    std::optional<pbx::cause> bye_cause_;
    std::string auth_user_, auth_password_;
    variables initial_;

    std::deque<dtmf_key> infos_;  ///< keys for a party that takes no telephone-event
    control_loop::timer info_timer_;
    bool tell_held_ = false;
    bool tell_codec_ = false;
    control_loop::timer tell_timer_;
};

/// Variables that FreeSWITCH's mod_sofia takes from an INVITE, in its order.
variables invite_variables(const sip_msg& invite, const std::string& local_ip, std::uint16_t local_port,
                           const sip_settings& settings);

}  // namespace strowger::softswitch::sip
