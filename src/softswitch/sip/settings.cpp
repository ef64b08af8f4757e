#include "softswitch/sip/settings.hpp"

#include "softswitch/rtp/address.hpp"
#include "softswitch/sip/sdp.hpp"

namespace strowger::softswitch {
namespace {

void read_rtp_ports(config::reader& in, sip_settings& out)
{
    in.get("rtp_port_min", out.rtp_port_min, 1024, 65534);
    in.get("rtp_port_max", out.rtp_port_max, 1025, 65535);
    if (out.rtp_port_max <= out.rtp_port_min) in.fail("rtp_port_max", "a port above rtp_port_min");
}

void read_codecs(config::reader& in, sip_settings& out)
{
    in.get("codecs", out.codecs);
    if (out.codecs.empty()) in.fail("codecs", "at least one of PCMU, PCMA and L16");
    for (const auto& each : out.codecs) {
        if (sip::parse_codec(each).empty())
            in.fail("codecs", "names among PCMU, PCMA, L16, L16@8000h and L16@16000h");
    }
}

void read_registrations(config::reader& in, sip_settings& out)
{
    in.get("max_registrations", out.max_registrations, 1, 1'000'000);
    in.get("max_contacts_per_user", out.max_contacts_per_user, 1, 100);
    in.get("registration_expires_s", out.registration_expires_s, 1, 86'400);
    in.get("registration_min_s", out.registration_min_s, 1, 86'400);
    in.get("registration_max_s", out.registration_max_s, 1, 604'800);
    if (out.registration_max_s < out.registration_min_s) {
        in.fail("registration_max_s", "at least registration_min_s");
    }
}

}  // namespace

bool is_loopback(const std::string& ip) noexcept
{
    return ip.starts_with("127.") || ip == "::1";
}

void sip_settings::read(config::reader in)
{
    in.get("bind", bind);
    if (!udp_address::parse(bind, 0)) in.fail("bind", "a numeric IP address");
    in.get("port", port);
    in.get("tcp", tcp);
    in.get("tls_port", tls_port);
    in.get("tls_certificate", tls_certificate);
    in.get("realm", realm);
    if (realm.empty() || realm.find_first_of("\"\\\r\n") != std::string::npos)
        in.fail("realm", "a text without quotes");
    require_auth = !is_loopback(bind);
    in.get("require_auth", require_auth);
    in.get("media_address", media_address);
    if (!media_address.empty() && !udp_address::parse(media_address, 0)) {
        in.fail("media_address", "a numeric IP address");
    }
    read_rtp_ports(in, *this);
    read_codecs(in, *this);
    in.get("media_timeout_s", media_timeout_s, 0, 86'400);
    in.get("context", context);
    in.get("max_message_bytes", max_message_bytes, 2048, 65'535);
    read_registrations(in, *this);
    in.get("nonce_lifetime_s", nonce_lifetime_s, 5, 3600);
}

}  // namespace strowger::softswitch
