#include "softswitch/sip/call.hpp"

#include "base/log.hpp"
#include "softswitch/sip/call_handlers.hpp"
#include "softswitch/sip/cause_map.hpp"
#include "softswitch/sip/dtmf_info.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace strowger::softswitch::sip {
namespace {

constexpr std::size_t most_infos = 128;
constexpr std::chrono::milliseconds info_gap{100};

/// A phone behind a router names an address that we can't reach, and one on TCP a port that nobody listens on:
/// where it came from replaces what it says. A Record-Route means that a proxy in between knows better.
std::string reachable_contact(const sip_msg& invite, const sip_addr& contact)
{
    const auto ip = ip_of(invite.src);
    sa named{};
    const bool numeric = sa_set(&named, &contact.uri.host, 0) == 0;
    const bool direct = invite.tp == SIP_TRANSP_UDP && view(contact.uri.host) == ip;
    if (!numeric || direct || !header(invite, SIP_HDR_RECORD_ROUTE).empty()) return {};
    std::string out = "<sip:" + text(contact.uri.user) + (pl_isset(&contact.uri.user) ? "@" : "");
    out += (ip.find(':') == std::string::npos ? ip : '[' + ip + ']') + ':' + std::to_string(sa_port(&invite.src));
    if (invite.tp != SIP_TRANSP_UDP) out += ";transport=" + transport_of(invite.tp);
    return out + '>';
}

/// Makes libre read `value` where the message says something else, while this object lives.
class contact_override {
public:
    contact_override(const sip_msg& msg, std::string value)
        : header_{const_cast<sip_hdr*>(sip_msg_hdr(&msg, SIP_HDR_CONTACT))}, value_{std::move(value)}
    {
        if (header_ == nullptr || value_.empty()) return;
        before_ = std::exchange(header_->val, as_pl(value_));
    }
    ~contact_override()
    {
        if (header_ != nullptr && !value_.empty()) header_->val = before_;
    }
    contact_override(const contact_override&) = delete;
    contact_override& operator=(const contact_override&) = delete;

private:
    sip_hdr* header_;
    std::string value_;
    pl before_{};
};

std::string hex_tag(std::uint64_t tag)
{
    std::array<char, 20> out{};
    std::snprintf(out.data(), out.size(), "%016llx", static_cast<unsigned long long>(tag));
    return out.data();
}

std::string setting(const variables& from, std::string_view name)
{
    for (const auto& [key, value] : from) {
        if (key == name) return value;
    }
    return {};
}

std::vector<codec_choice> wanted_codecs(const variables& from, const std::vector<codec_choice>& ours)
{
    auto text = setting(from, "absolute_codec_string");
    if (text.empty()) text = setting(from, "codec_string");
    if (text.empty()) return ours;
    std::vector<std::string> names;
    for (std::size_t at = 0; at <= text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        names.push_back(text.substr(at, comma - at));
        at = comma + 1;
    }
    return parse_codecs(names);
}

/// `sip_h_X-Foo=bar` becomes `X-Foo: bar`.
std::string custom_headers(const variables& from)
{
    constexpr std::string_view prefix = "sip_h_";
    std::string out;
    for (const auto& [name, value] : from) {
        const std::string_view header_name = std::string_view{name}.substr(std::min(name.size(), prefix.size()));
        if (!name.starts_with(prefix) || !is_token(header_name)) continue;
        out += std::string{header_name} + ": " + header_safe(value) + "\r\n";
    }
    return out;
}

}  // namespace

call::call(site& where, std::vector<codec_choice> codecs)
    : site_{where}, media_{where, std::move(codecs), media_events()}
{
}

call::~call()
{
    observer_ = nullptr;
    if (phase_ != phase::ended) hang_up(pbx::cause::normal_clearing);
    auto [first, last] = site_.calls.equal_range(call_id_);
    const auto mine = std::find_if(first, last, [this](const auto& each) { return each.second == this; });
    if (mine != last) site_.calls.erase(mine);
}

port_events call::media_events()
{
    return {.on_dtmf =
                [this](char digit, std::uint32_t duration_ms) {
                    if (observer_ != nullptr) observer_->on_dtmf(digit, duration_ms);
                },
            .on_media_timeout = [this] { hang_up(pbx::cause::media_timeout); }};
}

void call::enroll(std::string call_id)
{
    call_id_ = std::move(call_id);
    site_.calls.emplace(call_id_, this);
}

std::unique_ptr<call> call::incoming(site& where, const sip_msg& invite)
{
    std::unique_ptr<call> made{new call{where, where.codecs}};
    if (made->begin_incoming(invite)) return made;
    made->phase_ = phase::ended;
    return nullptr;
}

bool call::begin_incoming(const sip_msg& invite)
{
    const auto reply = [&](int status) {
        sip_treply(nullptr, site_.stack, &invite, static_cast<std::uint16_t>(status), phrase_of(status).data());
        return false;
    };
    if (!parse_address(header(invite, SIP_HDR_CONTACT))) return reply(400);
    late_offer_ = !has_sdp(invite);
    if (!late_offer_) {
        const auto sdp = parse_sdp(body(invite));
        if (!sdp) return reply(400);
        if (!agree(*sdp, site_.codecs)) return reply(488);
    }
    sip_strans* transaction = nullptr;
    if (sip_strans_alloc(&transaction, site_.stack, &invite, handlers::cancelled, this) != 0) return reply(500);
    sip_treply(&transaction, site_.stack, &invite, 100, "Trying");
    transaction_.reset(transaction);

    invite_ = share(&invite);
    name_ = user_at_host(invite.from.uri);
    network_ip_ = ip_of(invite.src);
    local_ip_ = ip_of(invite.dst);
    user_ = user_safe(view(invite.uri.user));
    if (user_.empty()) user_ = "strowger";
    contact_ = "sip:" + user_ + '@' + (local_ip_.find(':') == std::string::npos ? local_ip_ : '[' + local_ip_ + ']') +
               ':' + std::to_string(sa_port(&invite.dst)) + sip_transp_param(invite.tp);
    local_tag_ = hex_tag(invite.tag);
    remote_tag_ = text(invite.from.tag);
    initial_ = invite_variables(invite, local_ip_, sa_port(&invite.dst), site_.settings);
    enroll(text(invite.callid));
    return true;
}

std::unique_ptr<call> call::outgoing(site& where, const outgoing_call& wanted, const destination& to,
                                     leg_observer& observer, pbx::cause& why)
{
    std::unique_ptr<call> made{new call{where, wanted_codecs(wanted.settings, where.codecs)}};
    made->inbound_ = false;
    made->phase_ = phase::early;
    if (made->begin_outgoing(wanted, to, why)) {
        made->observer_ = &observer;
        return made;
    }
    made->phase_ = phase::ended;
    return nullptr;
}

bool call::begin_outgoing(const outgoing_call& wanted, const destination& to, pbx::cause& why)
{
    uri target{};
    const auto whole = as_pl(to.uri);
    sa remote{};
    sa local{};
    why = pbx::cause::invalid_url;
    if (uri_decode(&target, &whole) != 0) return false;
    if (sa_set(&remote, &target.host, target.port) != 0) sa_set_str(&remote, "127.0.0.1", 0);
    const auto transport = to.uri.find("transport=tcp") != std::string::npos   ? SIP_TRANSP_TCP
                           : to.uri.find("transport=tls") != std::string::npos ? SIP_TRANSP_TLS
                                                                               : SIP_TRANSP_UDP;
    why = pbx::cause::network_out_of_order;
    if (sip_transp_laddr(site_.stack, &local, transport, &remote) != 0) return false;
    local_ip_ = ip_of(local);
    network_ip_ = ip_of(remote);
    name_ = to.name;
    why = pbx::cause::incompatible_destination;
    if (media_.codec().rate_hz == 0) return false;
    why = pbx::cause::normal_circuit_congestion;
    if (!media_.open(local_ip_)) return false;

    const auto host = local_ip_.find(':') == std::string::npos ? local_ip_ : '[' + local_ip_ + ']';
    const auto number = user_safe(wanted.caller_id_number);
    user_ = number.empty() ? "strowger" : number;
    contact_ = "sip:" + user_ + '@' + host + ':' + std::to_string(sa_port(&local)) + sip_transp_param(transport);
    const auto from = "sip:" + user_ + '@' + host;
    auto display = header_safe(wanted.caller_id_name);
    std::erase_if(display, [](char c) { return c == '"' || c == '\\'; });
    auth_user_ = setting(wanted.settings, "sip_auth_username");
    auth_password_ = setting(wanted.settings, "sip_auth_password");
    const auto identity =
        "Remote-Party-ID: \"" + display + "\" <" + from + ">;party=calling;screen=yes;privacy=off\r\n";
    const auto description = buffer(media_.make_offer());
    sipsess* made = nullptr;
    const int err = sipsess_connect(
        &made, site_.sessions, to.uri.c_str(), display.empty() ? nullptr : display.c_str(), from.c_str(),
        user_.c_str(), nullptr, 0, "application/sdp", description.get(), handlers::credentials, this, false,
        handlers::offered, handlers::answered, handlers::progressed, handlers::established, handlers::info,
        handlers::referred, handlers::closed, this, "%s%s%s", extra_headers(0).c_str(), identity.c_str(),
        custom_headers(wanted.settings).c_str());
    if (err != 0) {
        why = err == EPROTONOSUPPORT ? pbx::cause::invalid_url : pbx::cause::network_out_of_order;
        return false;
    }
    session_.reset(made);
    enroll(sip_dialog_callid(sipsess_dialog(made)));
    initial_ = {{"video_media_flow", "disabled"},
                {"audio_media_flow", "disabled"},
                {"text_media_flow", "disabled"},
                {"sip_local_network_addr", local_ip_},
                {"sip_profile_name", "internal"},
                {"sofia_profile_name", "internal"},
                {"recovery_profile_name", "internal"},
                {"sofia_profile_url", "sip:mod_sofia@" + host + ':' + std::to_string(sa_port(&local))},
                {"sip_outgoing_contact_uri", '<' + contact_ + '>'},
                {"sip_req_uri", to.name},
                {"sip_call_id", call_id_},
                {"sip_from_uri", from.substr(4)},
                {"sip_to_uri", to.name}};
    return true;
}

codec_facts call::codec() const
{
    const auto with = media_.codec();
    return {.name = std::string{with.name()},
            .rate_hz = with.rate_hz,
            .bit_rate = static_cast<std::uint32_t>(with.rate_hz * 8 * with.bytes_per_sample()),
            .ptime_ms = 20};
}

/// What we can do; and the session timer that the phone wants to keep itself. Source: RFC 4028 9.
std::string call::extra_headers(int status) const
{
    std::string out =
        "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, REFER, NOTIFY, UPDATE, REGISTER\r\n"
        "Supported: timer\r\n";
    if (status != 200 || !invite_) return out;
    const auto expires = header(*invite_, SIP_HDR_SESSION_EXPIRES);
    std::uint32_t seconds = 0;
    std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
    if (seconds >= 90 && sip_msg_hdr_has_value(invite_.get(), SIP_HDR_SUPPORTED, "timer")) {
        out += "Require: timer\r\nSession-Expires: " + std::to_string(seconds) + ";refresher=uac\r\n";
    }
    return out;
}

bool call::respond(int status, const std::string* sdp)
{
    const auto description = sdp == nullptr ? re_ptr<mbuf>{} : buffer(*sdp);
    const auto code = static_cast<std::uint16_t>(status);
    const auto* const phrase = phrase_of(status).data();
    const auto headers = extra_headers(status);
    int err = 0;
    if (!session_) {
        const auto contact = parse_address(header(*invite_, SIP_HDR_CONTACT));
        const contact_override reachable{*invite_, reachable_contact(*invite_, *contact)};
        transaction_.reset();  // libre makes its own of the same INVITE
        sipsess* made = nullptr;
        err = sipsess_accept(&made, site_.sessions, invite_.get(), code, phrase, user_.c_str(), "application/sdp",
                             description.get(), nullptr, nullptr, false, handlers::offered, handlers::answered,
                             handlers::established, handlers::info, handlers::referred, handlers::closed, this, "%s",
                             headers.c_str());
        session_.reset(made);
    } else if (status < 200) {
        err = sipsess_progress(session_.get(), code, phrase, description.get(), "%s", headers.c_str());
    } else {
        err = sipsess_answer(session_.get(), code, phrase, description.get(), "%s", headers.c_str());
    }
    if (err == 0) return true;
    log::warn("sip", "cannot answer an INVITE", {{"status", status}, {"errno", err}, {"call_id", call_id_}});
    end(pbx::cause::network_out_of_order, 0, {});
    return false;
}

/// The answer to the INVITE's offer, the same in every response; or our offer if the INVITE had none.
std::string call::our_sdp()
{
    if (!media_.open(local_ip_)) return {};
    if (late_offer_) return media_.make_offer();
    return media_.answer(body(*invite_)).value_or("");
}

void call::ring()
{
    if (!inbound_ || (phase_ != phase::offered && phase_ != phase::early)) return;
    phase_ = phase::early;
    respond(180, nullptr);
}

void call::early_media()
{
    if (!inbound_ || (phase_ != phase::offered && phase_ != phase::early)) return;
    phase_ = phase::early;
    // Without reliable provisional responses an offer of ours must wait for the 200. Source: RFC 3261 13.2.1.
    if (late_offer_) {
        respond(183, nullptr);
        return;
    }
    const auto sdp = our_sdp();
    if (sdp.empty()) return hang_up(pbx::cause::normal_circuit_congestion);
    respond(183, &sdp);
}

void call::answer()
{
    if (!inbound_ || (phase_ != phase::offered && phase_ != phase::early)) return;
    const auto sdp = our_sdp();
    if (sdp.empty()) return hang_up(pbx::cause::normal_circuit_congestion);
    phase_ = phase::answered;
    respond(200, &sdp);
}

void call::refuse(int status, std::string_view headers)
{
    const auto code = static_cast<std::uint16_t>(status);
    const auto* const phrase = phrase_of(status).data();
    const std::string lines{headers};
    if (session_) {
        sipsess_reject(session_.get(), code, phrase, "%sContent-Length: 0\r\n\r\n", lines.c_str());
        session_.reset();
        return;
    }
    auto* transaction = transaction_.release();
    sip_treplyf(&transaction, nullptr, site_.stack, invite_.get(), false, code, phrase, "%sContent-Length: 0\r\n\r\n",
                lines.c_str());
}

void call::hang_up(pbx::cause why)
{
    if (phase_ == phase::ended) return;
    const auto reason = "Reason: " + reason_header(why) + "\r\n";
    if (phase_ == phase::answered || phase_ == phase::up) {
        sipsess_set_close_headers(session_.get(), "%s", reason.c_str());
        session_.reset();  // sends BYE, after the ACK if that is still to come
        return end(why, 0, {{"sip_hangup_disposition", "send_bye"}});
    }
    if (inbound_) {
        const auto status = status_of(why);
        refuse(status, reason);
        return end(why, status, {{"sip_hangup_disposition", "send_refuse"}});
    }
    session_.reset();  // sends CANCEL
    end(why, 487,
        {{"sip_hangup_disposition", "send_cancel"},
         {"sip_invite_failure_status", "487"},
         {"sip_invite_failure_phrase", "CANCEL"}});
}

void call::hold(bool on)
{
    if (phase_ != phase::up) return;
    media_.set_hold(on);
    const auto description = buffer(media_.make_offer());
    const int err = sipsess_modify(session_.get(), description.get());
    if (err != 0) log::warn("sip", "cannot change a session", {{"errno", err}, {"call_id", call_id_}});
}

void call::send_dtmf(std::string_view digits, std::uint32_t duration_ms)
{
    for (const char digit : digits) {
        if (!dtmf_code(digit) || media_.send_dtmf(digit, duration_ms)) continue;
        if (phase_ == phase::up && infos_.size() < most_infos) infos_.push_back({digit, duration_ms});
    }
    if (!info_timer_.pending()) send_next_info();
}

void call::send_next_info()
{
    if (infos_.empty() || !session_) return;
    const auto key = infos_.front();
    infos_.pop_front();
    const auto content = buffer(write_dtmf_relay(key));
    sipsess_info(session_.get(), "application/dtmf-relay", content.get(), nullptr, nullptr);
    info_timer_ =
        site_.control.after(std::chrono::milliseconds{key.duration_ms} + info_gap, [this] { send_next_info(); });
}

void call::redirect(std::string_view target)
{
    auto where = header_safe(target);
    if (!where.starts_with("sip:")) where.insert(0, "sip:");
    if (where.find('@') == std::string::npos) where += '@' + local_ip_;
    if (phase_ == phase::up) {
        return send_in_dialog("REFER", "Refer-To: <" + where + ">\r\nReferred-By: <" + contact_ + ">\r\n", {}, {});
    }
    if (!inbound_ || phase_ == phase::answered || phase_ == phase::ended) return;
    refuse(302, "Contact: <" + where + ">\r\n");
    end(pbx::cause::redirection_to_new_destination, 302, {{"sip_hangup_disposition", "send_refuse"}});
}

void call::send_in_dialog(const char* method, const std::string& headers, std::string_view content_type,
                          std::string_view content)
{
    if (!session_) return;
    const std::string type =
        content_type.empty() ? std::string{} : "Content-Type: " + std::string{content_type} + "\r\n";
    sip_drequestf(nullptr, site_.stack, true, method, sipsess_dialog(session_.get()), 0, nullptr, nullptr, nullptr,
                  nullptr, "Contact: <%s>\r\n%s%sContent-Length: %zu\r\n\r\n%b", contact_.c_str(), headers.c_str(),
                  type.c_str(), content.size(), content.data(), content.size());
}

bool call::owns(const sip_msg& msg) const noexcept
{
    return session_ && sip_dialog_cmp(sipsess_dialog(session_.get()), &msg);
}

bool call::is_dialog(std::string_view call_id, std::string_view one_tag, std::string_view other_tag) const noexcept
{
    return call_id == call_id_ && ((one_tag == local_tag_ && other_tag == remote_tag_) ||
                                   (one_tag == remote_tag_ && other_tag == local_tag_));
}

void call::end(pbx::cause why, int status, variables more)
{
    if (phase_ == phase::ended) return;
    phase_ = phase::ended;
    media_.stop();
    info_timer_.cancel();
    tell_timer_.cancel();
    infos_.clear();
    auto* const who = std::exchange(observer_, nullptr);
    if (who == nullptr) return;
    auto all = dialog_variables();
    for (auto* part : {&more}) all.insert(all.end(), part->begin(), part->end());
    const auto numbers = media_.statistics();
    all.insert(all.end(), numbers.begin(), numbers.end());
    who->on_ended(why, status, std::move(all));  // may destroy this call
}

variables call::dialog_variables() const
{
    variables out;
    const auto& to_tag = inbound_ ? local_tag_ : remote_tag_;
    if (!to_tag.empty()) out.emplace_back("sip_to_tag", to_tag);
    if (!inbound_ && !local_tag_.empty()) out.emplace_back("sip_from_tag", local_tag_);
    if (invite_) {
        out.emplace_back("sip_cseq", std::to_string(invite_->cseq.num));
        out.emplace_back("sip_full_via", header_safe(view(invite_->via.val)));
        out.emplace_back("sip_full_to", header_safe(view(invite_->to.val)) + ";tag=" + local_tag_);
    }
    if (!bye_reason_.empty()) out.emplace_back("sip_reason", bye_reason_);
    return out;
}

}  // namespace strowger::softswitch::sip
