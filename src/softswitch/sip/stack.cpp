#include "softswitch/sip/stack.hpp"

#include "base/error_category.hpp"
#include "base/log.hpp"
#include "softswitch/sip/message.hpp"

#include <array>
#include <cerrno>

#define DEBUG_MODULE "strowger"  // the header insists on both
#define DEBUG_LEVEL 0
#include <re_dbg.h>

namespace strowger::softswitch::sip {
namespace {

constexpr std::uint32_t buckets = 512;
constexpr int port_attempts = 20;

constexpr int is_tls = 1 << 16;
constexpr int bad_certificate = 1 << 17;
constexpr int bad_address = 1 << 18;

/// The value is one of the above, or the port that somebody else has, and whether it was wanted for TLS.
const char* start_message(int value) noexcept
{
    if (value == bad_certificate) {
        return "the file named by `tls_certificate` in [switch.sip] is no readable PEM with certificate and key";
    }
    if (value == bad_address) return "no interface of this machine has the address of `bind` in [switch.sip]";
    const bool tls = (value & is_tls) != 0;
    const std::string key = tls ? "tls_port" : "port";
    const std::string variable = tls ? "STROWGER_SWITCH_SIP_TLS_PORT" : "STROWGER_SWITCH_SIP_PORT";
    static thread_local std::string text;  // error_category copies it at once
    text = "SIP port " + std::to_string(value & 0xffff) +
           " is taken by another program: stop that one, or choose another port with `" + key +
           "` in [switch.sip] or " + variable;
    return text.c_str();
}

error_code start_error(int value)
{
    static const error_category category{"sip", start_message};
    return {value, category};
}

error_code port_taken(std::uint16_t port, bool tls)
{
    return start_error(port | (tls ? is_tls : 0));
}

error_code from_errno(int err)
{
    return {err, boost::system::generic_category()};
}

/// libre's own remarks, which it would print on stderr in red.
void log_remark(int, const char* text, std::size_t size, void*) noexcept
{
    std::string_view line{text, size};
    while (line.ends_with('\n')) line.remove_suffix(1);
    guarded([&] { log::debug("libre", line); });
}

/// 0.0.0.0 stands for each interface: what we put into Via and Contact must be an address.
/// Loopback comes last, since libre sends from the first.
std::vector<sa> listening_addresses(const sip_settings& settings)
{
    sa wanted{};
    sa_set_str(&wanted, settings.bind.c_str(), settings.port);
    if (!sa_is_any(&wanted)) return {wanted};
    struct search {
        int family;
        std::vector<sa> outside, loopback;
    } found{sa_af(&wanted), {}, {}};
    net_if_apply(
        [](const char*, const sa* address, void* arg) {
            auto& to = *static_cast<search*>(arg);
            if (sa_af(address) != to.family || sa_is_linklocal(address)) return false;
            (sa_is_loopback(address) ? to.loopback : to.outside).push_back(*address);
            return false;
        },
        &found);
    auto out = found.outside;
    out.insert(out.end(), found.loopback.begin(), found.loopback.end());
    for (auto& each : out) sa_set_port(&each, settings.port);
    return out;
}

re_ptr<dnsc> make_resolver()
{
    std::array<sa, 8> servers{};
    auto count = static_cast<std::uint32_t>(servers.size());
    std::array<char, 128> domain{};
    re_ptr<dnsc> made;
    if (dns_srv_get(domain.data(), domain.size(), servers.data(), &count) != 0) count = 0;
    if (count == 0) return made;
    if (const int err = dnsc_alloc(out(made), nullptr, servers.data(), count); err != 0) {
        log::warn("sip", "no name resolution", {{"errno", err}});
    }
    return made;
}

}  // namespace

stack::~stack()
{
    if (sessions_) sipsess_close_all(sessions_.get());
    last_.reset();
    first_.reset();
    responses_.reset();
    sessions_.reset();
    if (sip_) sip_close(sip_.get(), true);
}

error_code stack::open(const sip_settings& settings, stack_events events)
{
    events_ = std::move(events);
    if (const auto problem = make()) return problem;
    const auto where = listening_addresses(settings);
    if (where.empty()) return start_error(bad_address);
    for (const auto& each : where) {
        if (const auto problem = listen(settings, each)) return problem;
        if (const auto problem = listen_tls(settings, each)) return problem;
    }
    return {};
}

error_code stack::make()
{
    dbg_handler_set(log_remark, nullptr);
    const auto resolver = make_resolver();
    int err = sip_alloc(out(sip_), resolver.get(), buckets, buckets, buckets, "Strowger", nullptr, nullptr);
    if (err == 0) err = sip_listen(out(first_), sip_.get(), true, on_request, this);
    if (err == 0) err = sipsess_listen(out(sessions_), sip_.get(), buckets, on_invite, this);
    if (err == 0) err = sip_listen(out(last_), sip_.get(), true, on_other, this);
    // Late responses of transactions that are over: libre would print them.
    if (err == 0)
        err = sip_listen(
            out(responses_), sip_.get(), false, [](const sip_msg*, void*) { return true; }, nullptr);
    return from_errno(err);
}

error_code stack::add(sip_transp which, const sa& address, tls* with)
{
    const int err = sip_transp_add(sip_.get(), which, &address, with);
    if (err == EADDRINUSE) return port_taken(sa_port(&address), which == SIP_TRANSP_TLS);
    if (err == EADDRNOTAVAIL) return start_error(bad_address);
    if (err != 0) return from_errno(err);
    sa bound{};
    sip_transp_laddr(sip_.get(), &bound, which, &address);
    // libre tells the first transport of a kind only; the others got the port that they were asked for.
    const auto port = sa_port(&address) != 0 ? sa_port(&address) : sa_port(&bound);
    addresses_.push_back(transport_of(which) + ':' + ip_of(address) + ':' + std::to_string(port));
    return {};
}

error_code stack::listen(const sip_settings& settings, const sa& address)
{
    if (!settings.tcp) return add(SIP_TRANSP_UDP, address, nullptr);
    if (sa_port(&address) != 0) {
        if (const auto problem = add(SIP_TRANSP_UDP, address, nullptr)) return problem;
        return add(SIP_TRANSP_TCP, address, nullptr);
    }
    // Any free port, but the same one for both: TCP picks, UDP follows.
    for (int attempt = 0; attempt < port_attempts; ++attempt) {
        re_ptr<tcp_sock> probe;
        sa chosen = address;
        if (tcp_listen(out(probe), &address, nullptr, nullptr) != 0) return start_error(bad_address);
        tcp_sock_local_get(probe.get(), &chosen);
        probe.reset();
        if (!add(SIP_TRANSP_UDP, chosen, nullptr)) return add(SIP_TRANSP_TCP, chosen, nullptr);
    }
    return from_errno(EADDRINUSE);
}

error_code stack::listen_tls(const sip_settings& settings, const sa& address)
{
    if (settings.tls_certificate.empty()) return {};
    if (!tls_) {
        if (const int err = tls_alloc(out(tls_), TLS_METHOD_SSLV23, settings.tls_certificate.c_str(), nullptr)) {
            log::error("sip", "cannot use the TLS certificate", {{"file", settings.tls_certificate}, {"errno", err}});
            return start_error(bad_certificate);
        }
    }
    sa where = address;
    sa_set_port(&where, settings.tls_port);
    return add(SIP_TRANSP_TLS, where, tls_.get());
}

bool stack::on_request(const sip_msg* msg, void* self) noexcept
{
    return guarded(false, [&] { return static_cast<stack*>(self)->events_.on_request(*msg); });
}

bool stack::on_other(const sip_msg* msg, void* self) noexcept
{
    guarded([&] { static_cast<stack*>(self)->events_.on_other(*msg); });
    return true;
}

void stack::on_invite(const sip_msg* msg, void* self) noexcept
{
    guarded([&] { static_cast<stack*>(self)->events_.on_invite(*msg); });
}

}  // namespace strowger::softswitch::sip
