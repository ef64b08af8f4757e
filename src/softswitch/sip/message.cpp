#include "softswitch/sip/message.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace strowger::softswitch::sip {

std::string_view header(const sip_msg& msg, sip_hdrid id) noexcept
{
    const auto* const found = sip_msg_hdr(&msg, id);
    return found == nullptr ? std::string_view{} : view(found->val);
}

std::string_view header(const sip_msg& msg, const char* name) noexcept
{
    const auto* const found = sip_msg_xhdr(&msg, name);
    return found == nullptr ? std::string_view{} : view(found->val);
}

std::string_view body(const sip_msg& msg) noexcept
{
    if (msg.mb == nullptr || mbuf_get_left(msg.mb) == 0) return {};
    return {reinterpret_cast<const char*>(mbuf_buf(msg.mb)), mbuf_get_left(msg.mb)};
}

bool has_content(const sip_msg& msg, std::string_view type, std::string_view subtype) noexcept
{
    const auto want_type = as_pl(type);
    const auto want_subtype = as_pl(subtype);
    return msg.ctyp.type.p != nullptr && msg.ctyp.subtype.p != nullptr &&
           pl_casecmp(&msg.ctyp.type, &want_type) == 0 && pl_casecmp(&msg.ctyp.subtype, &want_subtype) == 0;
}

std::string ip_of(const sa& address)
{
    std::array<char, 64> out{};
    if (sa_ntop(&address, out.data(), static_cast<int>(out.size())) != 0) return {};
    return out.data();
}

std::string transport_of(sip_transp which)
{
    switch (which) {
        case SIP_TRANSP_TCP:
            return "tcp";
        case SIP_TRANSP_TLS:
            return "tls";
        default:
            return "udp";
    }
}

std::optional<sip_addr> parse_address(std::string_view value) noexcept
{
    sip_addr out{};
    const auto text = as_pl(value);
    if (sip_addr_decode(&out, &text) != 0) return std::nullopt;
    return out;
}

std::string user_at_host(const uri& from)
{
    std::string out = text(from.user);
    out += '@';
    out += view(from.host);
    if (from.port != 0) out += ':' + std::to_string(from.port);
    return out;
}

std::string header_safe(std::string_view value)
{
    std::string out;
    std::ranges::copy_if(value, std::back_inserter(out), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
    return out;
}

std::string user_safe(std::string_view value)
{
    std::string out;
    std::ranges::copy_if(value, std::back_inserter(out), [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view{"-_.!~*'()&=+$,;?/"}.find(static_cast<char>(c)) != std::string_view::npos;
    });
    return out;
}

bool is_token(std::string_view name) noexcept
{
    return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view{"-.!%*_+`'~"}.find(static_cast<char>(c)) != std::string_view::npos;
    });
}

std::string unescape(std::string_view value)
{
    const auto digit = [](char c) {
        return std::isdigit(static_cast<unsigned char>(c)) != 0
                   ? c - '0'
                   : std::toupper(static_cast<unsigned char>(c)) - 'A' + 10;
    };
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool escaped = value[i] == '%' && i + 2 < value.size() &&
                             std::isxdigit(static_cast<unsigned char>(value[i + 1])) != 0 &&
                             std::isxdigit(static_cast<unsigned char>(value[i + 2])) != 0;
        if (!escaped) {
            out += value[i];
            continue;
        }
        out += static_cast<char>(digit(value[i + 1]) * 16 + digit(value[i + 2]));
        i += 2;
    }
    return out;
}

re_ptr<mbuf> buffer(std::string_view content)
{
    re_ptr<mbuf> out{mbuf_alloc(content.size() + 1)};
    if (!out) throw std::bad_alloc{};
    mbuf_write_mem(out.get(), reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
    out->pos = 0;
    return out;
}

}  // namespace strowger::softswitch::sip
