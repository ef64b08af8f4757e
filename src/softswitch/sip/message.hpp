#pragma once
#include "softswitch/sip/re_ptr.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strowger::softswitch::sip {

/// Values of headers; they point into the message. Empty when the header is missing.
std::string_view header(const sip_msg& msg, sip_hdrid id) noexcept;
std::string_view header(const sip_msg& msg, const char* name) noexcept;
std::string_view body(const sip_msg& msg) noexcept;
/// Whether `Content-Type` is `type/subtype`.
bool has_content(const sip_msg& msg, std::string_view type, std::string_view subtype) noexcept;
inline bool has_sdp(const sip_msg& msg) noexcept
{
    return has_content(msg, "application", "sdp") && !body(msg).empty();
}

/// "192.0.2.7"
std::string ip_of(const sa& address);
/// "udp", "tcp", "tls"
std::string transport_of(sip_transp which);

/// Parsed addresses of a message. The views live as long as the message.
std::optional<sip_addr> parse_address(std::string_view value) noexcept;
/// "bob@host:5070" as FreeSWITCH writes it in variables: user, host, and the port if one is there.
std::string user_at_host(const uri& from);

/// What may go into a header of ours: control characters out, which could start a header of their own.
std::string header_safe(std::string_view value);
/// A user part of our own making: what RFC 3261 calls unreserved, the rest left out.
std::string user_safe(std::string_view value);
/// Whether it is a token, as header names must be.
bool is_token(std::string_view name) noexcept;
/// Undoes %41.
std::string unescape(std::string_view value);

re_ptr<mbuf> buffer(std::string_view content);

}  // namespace strowger::softswitch::sip
