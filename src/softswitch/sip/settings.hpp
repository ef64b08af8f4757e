#pragma once
#include "base/config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace strowger::softswitch {

/// How the embedded switch speaks SIP and RTP: TOML table `[switch.sip]`.
struct sip_settings {
    std::string bind = "127.0.0.1";  ///< numeric; 0.0.0.0: every interface
    std::uint16_t port = 5060;       ///< of UDP and TCP; 0: any free one
    bool tcp = true;
    std::uint16_t tls_port = 5061;  ///< used when there is a certificate; 0: any free one
    std::string tls_certificate;    ///< PEM file with certificate and key; empty: no TLS
    std::string realm = "strowger";
    bool require_auth = false;  ///< read() makes it true unless `bind` is loopback or the file says otherwise
    std::string media_address;  ///< what SDP says; empty: the address that faces the phone
    std::uint16_t rtp_port_min = 16384;
    std::uint16_t rtp_port_max = 32767;
    std::vector<std::string> codecs{"PCMU", "PCMA", "L16"};  ///< most wanted first; "L16@8000h" fixes a rate
    std::uint32_t media_timeout_s = 60;                      ///< without a packet the call ends; 0: never
    std::string context = "default";                         ///< where calls enter the dialplan whose user has none
    std::uint32_t max_message_bytes = 32 * 1024;
    std::uint32_t max_registrations = 2000;
    std::uint32_t max_contacts_per_user = 5;
    std::uint32_t registration_expires_s = 3600;  ///< for a phone that asks for nothing
    std::uint32_t registration_min_s = 30;
    std::uint32_t registration_max_s = 7200;
    std::uint32_t nonce_lifetime_s = 60;

    void read(config::reader in);
};

/// 127.0.0.0/8 or ::1.
bool is_loopback(const std::string& ip) noexcept;

}  // namespace strowger::softswitch

namespace strowger::softswitch::sip {
using softswitch::sip_settings;
}
