#include "bus/detail/nats_url.hpp"

#include "bus/error.hpp"

#include <charconv>
#include <optional>

namespace strowger::bus::detail {
namespace {

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string> percent_decoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned byte = 0;
        if (i + 2 >= text.size()) return std::nullopt;
        const char* end = text.data() + i + 3;
        if (std::from_chars(text.data() + i + 1, end, byte, 16).ptr != end) return std::nullopt;
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

bool valid_host_and_port(std::string_view text)
{
    if (text.empty() || text.find_first_of("/@ \t?#") != std::string_view::npos) return false;
    const auto bracket = text.rfind(']');
    const auto colon = text.rfind(':');
    const bool has_port = colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    if (!has_port) return true;
    const auto digits = text.substr(colon + 1);
    unsigned port = 0;
    const auto [stop, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return colon > 0 && ec == std::errc{} && stop == digits.data() + digits.size() && port > 0 && port <= 65535;
}

bool take_credentials(std::string_view text, nats_url& out)
{
    if (!out.user.empty() || !out.token.empty()) return true;
    const auto colon = text.find(':');
    const auto first = percent_decoded(text.substr(0, colon));
    if (!first) return false;
    if (colon == std::string_view::npos) {
        out.token = *first;
        return true;
    }
    const auto second = percent_decoded(text.substr(colon + 1));
    if (!second) return false;
    out.user = *first;
    out.password = *second;
    return true;
}

bool add_server(std::string_view text, nats_url& out)
{
    std::string_view scheme = "nats";
    if (const auto at = text.find("://"); at != std::string_view::npos) {
        scheme = text.substr(0, at);
        text.remove_prefix(at + 3);
    }
    if (scheme != "nats" && scheme != "tls") return false;
    while (!text.empty() && text.back() == '/') text.remove_suffix(1);
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        if (!take_credentials(text.substr(0, at), out)) return false;
        text.remove_prefix(at + 1);
    }
    if (!valid_host_and_port(text)) return false;
    const auto bracket = text.rfind(']');
    const bool has_port = text.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
    out.tls = out.tls || scheme == "tls";
    out.servers.push_back(std::string{scheme} + "://" + std::string{text} + (has_port ? "" : ":4222"));
    return true;
}

}  // namespace

std::string nats_url::shown() const
{
    std::string out;
    for (const auto& server : servers) out += (out.empty() ? "" : ",") + server;
    return out;
}

result<nats_url> parse_nats_url(std::string_view text)
{
    nats_url out;
    while (!text.empty()) {
        const auto comma = text.find(',');
        if (const auto one = trimmed(text.substr(0, comma)); !one.empty() && !add_server(one, out))
            return errc::bad_url;
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    if (out.servers.empty()) out.servers.emplace_back("nats://127.0.0.1:4222");
    return out;
}

}  // namespace strowger::bus::detail
