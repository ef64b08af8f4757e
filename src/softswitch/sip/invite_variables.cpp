#include "base/clock.hpp"
#include "softswitch/sip/call.hpp"

namespace strowger::softswitch::sip {
namespace {

class variable_list {
public:
    void add(std::string_view name, std::string_view value)
    {
        if (!value.empty()) out_.emplace_back(name, value);
    }
    /// user, port, uri, host: the order of sofia.c.
    void add_uri(const std::string& prefix, const uri& from)
    {
        add(prefix + "_user", view(from.user));
        if (from.port != 0) add(prefix + "_port", std::to_string(from.port));
        add(prefix + "_uri", user_at_host(from));
        add(prefix + "_host", view(from.host));
    }
    variables take() { return std::move(out_); }

private:
    variables out_;
};

/// "Display <sip:user@host>;tag=x" as it stood in the message, quotes of the display name gone.
std::string full_address(const sip_taddr& from)
{
    return header_safe(view(from.val));
}

std::string unquoted(std::string_view text)
{
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    return header_safe(text);
}

void add_network(variable_list& out, const sip_msg& invite, const std::string& local_ip)
{
    const auto ip = ip_of(invite.src);
    const auto port = std::to_string(sa_port(&invite.src));
    out.add("sip_local_network_addr", local_ip);
    out.add("sip_network_ip", ip);
    out.add("sip_network_port", port);
    out.add("sip_invite_stamp", std::to_string(now_us()));
    out.add("sip_received_ip", ip);
    out.add("sip_received_port", port);
    out.add("sip_via_protocol", transport_of(invite.tp));
}

void add_contact(variable_list& out, const sip_msg& invite)
{
    const auto contact = parse_address(header(invite, SIP_HDR_CONTACT));
    if (contact) out.add_uri("sip_contact", contact->uri);
}

std::string joined(const std::vector<std::string>& texts)
{
    std::string out;
    for (const auto& each : texts) out += (out.empty() ? "" : ",") + each;
    return out;
}

std::string endpoint_codecs(const sip_msg& invite, const sip_settings& settings)
{
    const auto sdp = parse_sdp(body(invite));
    const auto common = sdp ? agree(*sdp, parse_codecs(settings.codecs)) : std::nullopt;
    if (!common) return {};
    const auto& codec = common->codec;
    return "CORE_PCM_MODULE." + std::string{codec.name()} + '@' + std::to_string(codec.rate_hz) + "h@20i@" +
           std::to_string(codec.rate_hz * 8 * codec.bytes_per_sample()) + 'b';
}

}  // namespace

variables invite_variables(const sip_msg& invite, const std::string& local_ip, std::uint16_t local_port,
                           const sip_settings& settings)
{
    variable_list out;
    out.add_uri("sip_from", invite.from.uri);
    out.add("video_media_flow", "disabled");
    out.add("audio_media_flow", "disabled");
    out.add("text_media_flow", "disabled");
    out.add("sip_call_id", view(invite.callid));
    add_network(out, invite, local_ip);
    out.add("sip_from_user_stripped", view(invite.from.uri.user));
    out.add("sip_from_tag", view(invite.from.tag));
    out.add("sofia_profile_name", "internal");
    out.add("sofia_profile_url", "sip:mod_sofia@" + local_ip + ':' + std::to_string(local_port));
    out.add("recovery_profile_name", "internal");
    out.add("sip_full_via", header_safe(view(invite.via.val)));
    out.add("sip_from_display", unquoted(view(invite.from.dname)));
    out.add("sip_full_from", full_address(invite.from));
    out.add("sip_to_display", unquoted(view(invite.to.dname)));
    out.add("sip_full_to", full_address(invite.to));
    out.add_uri("sip_req", invite.uri);
    out.add_uri("sip_to", invite.to.uri);
    add_contact(out, invite);
    out.add("rtp_use_codec_string", joined(settings.codecs));
    out.add("sip_subject", header_safe(header(invite, SIP_HDR_SUBJECT)));
    out.add("sip_user_agent", header_safe(header(invite, SIP_HDR_USER_AGENT)));
    out.add("sip_via_host", ip_of(invite.via.addr));
    out.add("sip_via_port", std::to_string(sa_port(&invite.via.addr)));
    out.add("max_forwards", view(invite.maxfwd));
    out.add("presence_id", text(invite.from.uri.user) + '@' + text(invite.from.uri.host));
    out.add("switch_r_sdp", has_sdp(invite) ? body(invite) : std::string_view{});
    out.add("ep_codec_string", endpoint_codecs(invite, settings));
    out.add("endpoint_disposition", "DELAYED NEGOTIATION");
    return out.take();
}

}  // namespace strowger::softswitch::sip
