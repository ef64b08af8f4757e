#include "softswitch/sip/call_handlers.hpp"

#include "base/log.hpp"
#include "softswitch/sip/cause_map.hpp"
#include "softswitch/sip/dtmf_info.hpp"

#include <cerrno>

namespace strowger::softswitch::sip {
namespace {

call& self(void* arg) noexcept
{
    return *static_cast<call*>(arg);
}

/// `call-id;to-tag=a;from-tag=b`, as it stands in a Replaces header. Source: RFC 3891 6.1.
struct replaced_dialog {
    std::string call_id, to_tag, from_tag;

    explicit replaced_dialog(const std::string& value)
    {
        std::string_view rest{value};
        const auto next = [&rest] {
            const auto part = rest.substr(0, rest.find(';'));
            rest = part.size() == rest.size() ? std::string_view{} : rest.substr(part.size() + 1);
            return part;
        };
        call_id = next();
        while (!rest.empty()) {
            const auto part = next();
            if (part.starts_with("to-tag=")) to_tag = part.substr(7);
            if (part.starts_with("from-tag=")) from_tag = part.substr(9);
        }
    }
};

/// The value of `name` among a URI's headers ("?Replaces=…&…"), unescaped; empty if it is not there.
std::string uri_header(const uri& of, std::string_view name)
{
    auto rest = view(of.headers);
    while (!rest.empty()) {
        if (rest.front() == '?' || rest.front() == '&') rest.remove_prefix(1);
        const auto part = rest.substr(0, rest.find('&'));
        rest.remove_prefix(part.size());
        if (part.starts_with(name) && part.substr(name.size()).starts_with('=')) {
            return unescape(part.substr(name.size() + 1));
        }
    }
    return {};
}

}  // namespace

void call::handlers::cancelled(void* arg) noexcept
{
    guarded([&] { self(arg).on_cancel(); });
}

int call::handlers::credentials(char** username, char** password, const char*, void* arg) noexcept
{
    const auto& call = self(arg);
    if (call.auth_user_.empty()) return EAUTH;
    const int err = str_dup(username, call.auth_user_.c_str());
    return err != 0 ? err : str_dup(password, call.auth_password_.c_str());
}

int call::handlers::offered(mbuf** description, const sip_msg* msg, void* arg) noexcept
{
    return guarded(EPROTO, [&] { return self(arg).on_offer(*msg, description) ? 0 : EPROTO; });
}

int call::handlers::answered(const sip_msg* msg, void* arg) noexcept
{
    return guarded(EPROTO, [&] { return self(arg).on_answer_sdp(*msg) ? 0 : EPROTO; });
}

void call::handlers::progressed(const sip_msg* msg, void* arg) noexcept
{
    guarded([&] { self(arg).on_progress(*msg); });
}

void call::handlers::established(const sip_msg* msg, void* arg) noexcept
{
    guarded([&] { self(arg).on_established(*msg); });
}

void call::handlers::info(struct ::sip*, const sip_msg* msg, void* arg) noexcept
{
    guarded([&] { self(arg).on_info(*msg); });
}

void call::handlers::referred(struct ::sip*, const sip_msg* msg, void* arg) noexcept
{
    guarded([&] { self(arg).on_refer(*msg); });
}

void call::handlers::closed(int error, const sip_msg* msg, void* arg) noexcept
{
    guarded([&] { self(arg).on_closed(error, msg); });
}

void call::on_cancel()
{
    if (phase_ == phase::ended) return;
    refuse(487, {});
    end(pbx::cause::originator_cancel, 487,
        {{"sip_hangup_disposition", "recv_cancel"},
         {"sip_invite_failure_status", "487"},
         {"sip_invite_failure_phrase", "CANCEL"}});
}

void call::on_progress(const sip_msg& msg)
{
    if (phase_ == phase::ended || msg.scode == 100) return;
    local_tag_ = text(msg.from.tag);
    remote_tag_ = text(msg.to.tag);
    if (has_sdp(msg)) {
        if (!media_.accept(body(msg))) return hang_up(pbx::cause::incompatible_destination);
        if (!std::exchange(told_early_, true) && observer_ != nullptr) observer_->on_early_media();
        return;
    }
    if (msg.scode == 180 && !std::exchange(told_ringing_, true) && observer_ != nullptr) observer_->on_ringing();
}

bool call::on_answer_sdp(const sip_msg& msg)
{
    const auto before = media_.codec();
    const bool held_before = media_.held_by_party();
    const bool was_agreed = media_.agreed();
    if (has_sdp(msg)) {
        if (!media_.accept(body(msg))) return false;
    } else if (!was_agreed) {
        return false;
    }
    if (was_agreed && phase_ == phase::up) media_changed(before, held_before);
    return true;
}

bool call::on_offer(const sip_msg& msg, mbuf** description)
{
    const auto before = media_.codec();
    const bool held_before = media_.held_by_party();
    std::string sdp;
    if (has_sdp(msg)) {
        sdp = media_.answer(body(msg)).value_or("");
        if (sdp.empty()) return false;
        media_changed(before, held_before);
    } else {
        sdp = media_.make_offer();
    }
    *description = buffer(sdp).release();
    return true;
}

void call::on_established(const sip_msg& msg)
{
    if (phase_ == phase::ended) return;
    phase_ = phase::up;
    if (!inbound_) {
        local_tag_ = text(msg.from.tag);
        remote_tag_ = text(msg.to.tag);
    }
    if (observer_ != nullptr) observer_->on_answered();
}

void call::media_changed(const rtp_codec& before, bool held_before)
{
    const auto now = media_.codec();
    tell_codec_ = tell_codec_ || now.kind != before.kind || now.rate_hz != before.rate_hz;
    tell_held_ = tell_held_ || media_.held_by_party() != held_before;
    if (tell_codec_ || tell_held_) tell_soon();
}

/// libre is in the middle of an exchange: what the observer does about it must not pull it from under its feet.
void call::tell_soon()
{
    tell_timer_ = site_.control.after(std::chrono::milliseconds{0}, [this] {
        const bool codec = std::exchange(tell_codec_, false);
        const bool held = std::exchange(tell_held_, false);
        if (held && codec && observer_ != nullptr) {
            tell_held_ = true;  // the first one may end the call, and this timer with it
            tell_soon();
        }
        if (codec && observer_ != nullptr) return observer_->on_codec_changed();
        if (held && observer_ != nullptr) observer_->on_held(media_.held_by_party());
    });
}

void call::note_bye(const sip_msg& bye)
{
    const auto value = header(bye, SIP_HDR_REASON);
    bye_reason_ = header_safe(value);
    bye_cause_ =
        value.empty() ? pbx::cause::normal_clearing : parse_reason(value).value_or(pbx::cause::normal_clearing);
}

void call::on_closed(int error, const sip_msg* msg)
{
    if (phase_ == phase::ended) return;
    const bool was_up = phase_ == phase::up || phase_ == phase::answered;
    session_.reset();
    if (error == 0 && msg != nullptr) {  // with an error it may be the 200 that we could not take
        const int status = msg->scode;
        const auto number = std::to_string(status);
        const auto stated = parse_reason(header(*msg, SIP_HDR_REASON));
        const auto why = stated && status >= 400 ? *stated
                         : status < 400          ? pbx::cause::redirection_to_new_destination
                                                 : cause_of(status);
        return end(why, status,
                   {{"sip_invite_failure_status", number},
                    {"sip_invite_failure_phrase", header_safe(view(msg->reason))},
                    {"sip_term_status", number},
                    {"proto_specific_hangup_cause", "sip:" + number},
                    {"sip_term_cause", std::to_string(static_cast<unsigned>(why))},
                    {"sip_hangup_disposition", "recv_refuse"}});
    }
    if (bye_cause_) {
        return end(*bye_cause_, 200,
                   {{"sip_term_status", "200"},
                    {"proto_specific_hangup_cause", "sip:200"},
                    {"sip_term_cause", std::to_string(static_cast<unsigned>(*bye_cause_))},
                    {"sip_hangup_disposition", "recv_bye"}});
    }
    if (error == ECONNRESET && inbound_ && !was_up) {
        return end(pbx::cause::originator_cancel, 487,
                   {{"sip_hangup_disposition", "recv_cancel"},
                    {"sip_invite_failure_status", "487"},
                    {"sip_invite_failure_phrase", "CANCEL"}});
    }
    if (error == ETIMEDOUT) {
        return end(pbx::cause::recovery_on_timer_expire, 408,
                   {{"sip_term_status", "408"}, {"proto_specific_hangup_cause", "sip:408"}});
    }
    if (error == EPROTO) return end(pbx::cause::incompatible_destination, 488, {});
    log::info("sip", "a call was lost", {{"call_id", call_id_}, {"errno", error}});
    end(pbx::cause::normal_temporary_failure, 503,
        {{"sip_term_status", "503"}, {"proto_specific_hangup_cause", "sip:503"}});
}

void call::on_info(const sip_msg& msg)
{
    sip_treply(nullptr, site_.stack, &msg, 200, "OK");
    if (observer_ == nullptr) return;
    const std::string content{body(msg)};
    if (const auto key = parse_dtmf_info(view(msg.ctyp.subtype), content)) {
        return observer_->on_dtmf(key->digit, key->duration_ms);
    }
    const auto type = text(msg.ctyp.type) + '/' + text(msg.ctyp.subtype);
    observer_->on_info(type, content);
}

void call::on_update(const sip_msg& update)
{
    const auto before = media_.codec();
    const bool held_before = media_.held_by_party();
    std::string sdp;
    if (has_sdp(update)) {
        sdp = media_.agreed() ? media_.answer(body(update)).value_or("") : "";
        if (sdp.empty()) {
            sip_treply(nullptr, site_.stack, &update, 488, "Not Acceptable Here");
            return;
        }
        media_changed(before, held_before);
    }
    const auto expires = header_safe(header(update, SIP_HDR_SESSION_EXPIRES));
    const auto timer = expires.empty() ? std::string{} : "Session-Expires: " + expires + "\r\n";
    sip_treplyf(nullptr, nullptr, site_.stack, &update, false, 200, "OK",
                "Contact: <%s>\r\n%s%sContent-Length: %zu\r\n\r\n%s", contact_.c_str(), timer.c_str(),
                sdp.empty() ? "" : "Content-Type: application/sdp\r\n", sdp.size(), sdp.c_str());
}

void call::on_refer(const sip_msg& msg)
{
    const auto target = parse_address(header(msg, SIP_HDR_REFER_TO));
    if (!target || !pl_isset(&target->uri.host)) {
        sip_treply(nullptr, site_.stack, &msg, 400, "Missing Refer-To");
        return;
    }
    sip_treplyf(nullptr, nullptr, site_.stack, &msg, false, 202, "Accepted",
                "Contact: <%s>\r\nContent-Length: 0\r\n\r\n", contact_.c_str());
    if (observer_ == nullptr) return;
    const auto replaces = uri_header(target->uri, "Replaces");
    if (!replaces.empty()) return refer_attended(replaces);
    notify_refer(100, false);
    notify_refer(200, true);
    const auto where = unescape(pl_isset(&target->uri.user) ? view(target->uri.user) : view(target->auri));
    observer_->on_blind_transfer(where);  // may destroy this call
}

void call::refer_attended(std::string_view replaces)
{
    const replaced_dialog wanted{std::string{replaces}};
    const auto [first, last] = site_.calls.equal_range(wanted.call_id);
    for (auto each = first; each != last; ++each) {
        auto* const other = each->second;
        if (other == this || other->observer() == nullptr ||
            !other->is_dialog(wanted.call_id, wanted.to_tag, wanted.from_tag)) {
            continue;
        }
        notify_refer(200, true);
        return observer_->on_attended_transfer(*other->observer());  // may destroy this call
    }
    notify_refer(481, true);
}

void call::notify_refer(int status, bool last)
{
    const std::string state = last ? "terminated;reason=noresource" : "active;expires=60";
    const auto line = "SIP/2.0 " + std::to_string(status) + ' ' + std::string{phrase_of(status)} + "\r\n";
    send_in_dialog("NOTIFY", "Event: refer\r\nSubscription-State: " + state + "\r\n", "message/sipfrag;version=2.0",
                   line);
}

}  // namespace strowger::softswitch::sip
