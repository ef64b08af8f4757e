#include "app/nats_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <unistd.h>

namespace strowger::app {
namespace {

constexpr std::uint16_t default_port = 4222;

}  // namespace

std::optional<std::uint16_t> loopback_port(std::string_view url)
{
    if (url.find(',') != std::string_view::npos) return std::nullopt;
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
    while (url.ends_with('/')) url.remove_suffix(1);
    const auto colon = url.rfind(':');
    const auto host = url.substr(0, colon);
    if (host != "127.0.0.1" && host != "localhost") return std::nullopt;
    if (colon == std::string_view::npos) return default_port;
    const auto digits = url.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (problem != std::errc{} || stop != digits.data() + digits.size() || port == 0) return std::nullopt;
    return port;
}

std::string without_credentials(std::string_view urls)
{
    std::string out;
    while (!urls.empty()) {
        const auto one = urls.substr(0, urls.find(','));
        const auto scheme = one.find("://");
        const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
        const auto at = one.rfind('@');
        if (!out.empty()) out += ',';
        out += one.substr(0, host);
        out += one.substr(at == std::string_view::npos || at < host ? host : at + 1);
        urls.remove_prefix(std::min(one.size() + 1, urls.size()));
    }
    return out;
}

bool may_run_own_server(const settings& with)
{
    using when = nats_server_settings::when;
    if (with.nats_server.run == when::never) return false;
    const auto port = loopback_port(with.hub.nats.url);
    return with.nats_server.run == when::always ? port.has_value() : port == default_port;
}

std::string machine_name()
{
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace strowger::app
