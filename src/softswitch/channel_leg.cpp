// What the technology tells a channel about its party.
#include "base/clock.hpp"
#include "base/log.hpp"
#include "softswitch/channel.hpp"
#include "softswitch/origins.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

namespace strowger::softswitch {

void channel::on_ringing()
{
    mark_ringing();
}

void channel::on_early_media()
{
    mark_early();
}

void channel::on_answered()
{
    if (!inbound_) mark_answered();
}

void channel::on_ended(pbx::cause why, int sip_status, softswitch::variables more)
{
    leg_ended_ = true;
    if (sip_status > 0) {
        const auto status = std::to_string(sip_status);
        variables_.set("sip_term_status", status);
        variables_.set("proto_specific_hangup_cause", "sip:" + status);
        variables_.set("sip_term_cause", std::to_string(static_cast<int>(why)));
    }
    for (const auto& [name, value] : more) variables_.set(name, value);
    hang_up(why);
    notify();
}

void channel::on_held(bool by_party)
{
    const bool held = call_state_ == softswitch::call_state::held;
    if (!ended() && by_party != held) mark_held(by_party, true);
}

void channel::on_codec_changed()
{
    codec_known_ = false;
    publish_codec();
    notify();
}

void channel::on_dtmf(char digit, std::uint32_t duration_ms)
{
    receive_dtmf({&digit, 1}, duration_ms);
}

void channel::on_info(std::string_view content_type, std::string_view body)
{
    auto& events = board_.events();
    if (!events.wanted("RECV_INFO")) return;
    auto out = events.make("RECV_INFO", origins::info);
    describe(out, detail::basic);
    out.add("SIP-Content-Type", content_type);
    out.set_body(std::string{body});
    events.send(std::move(out));
}

void channel::on_blind_transfer(std::string_view target)
{
    // The party wants its peer to go there; alone in the call, it goes itself.
    const auto other = partner();
    variables_.set("transfer_destination", target);
    if (other) {
        other->variables().set("transfer_fallback_extension", profile_.caller_id_number);
        other->transfer(target, {}, {});
        hang_up(pbx::cause::blind_transfer);
    } else {
        transfer(target, {}, {});
    }
}

void channel::on_attended_transfer(leg_observer& other)
{
    // Both ends were made by us: every observer of a leg in this process is a channel.
    auto& second = static_cast<channel&>(other);
    const auto ours = partner();
    const auto theirs = second.partner();
    if (ours && theirs && ours != theirs) {
        ours->enter_bridge(true, theirs);
        theirs->enter_bridge(false, ours);
    } else if (ours && !theirs) {
        // The second call talks to an application: the peer takes its place there.
        ours->transfer(second.profile().destination_number, second.profile().dialplan, second.profile().context);
    } else {
        log::info("switch", "attended transfer without two peers", {{"leg", uuid_}});
    }
    hang_up(pbx::cause::attended_transfer);
    second.hang_up(pbx::cause::attended_transfer);
}

}  // namespace strowger::softswitch
