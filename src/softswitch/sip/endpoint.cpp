#include "softswitch/sip/endpoint.hpp"

#include "base/log.hpp"
#include "softswitch/sip/call.hpp"
#include "softswitch/sip/cause_map.hpp"
#include "softswitch/sip/digest.hpp"
#include "softswitch/sip/registration.hpp"
#include "softswitch/sip/stack.hpp"

#include <algorithm>

namespace strowger::softswitch::sip {
namespace {

constexpr std::string_view allow =
    "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, REFER, NOTIFY, UPDATE, REGISTER\r\n";
constexpr std::chrono::milliseconds sweep_every{1000};

registrar_limits limits_of(const sip_settings& from)
{
    return {.most = from.max_registrations,
            .most_per_user = from.max_contacts_per_user,
            .default_s = from.registration_expires_s,
            .min_s = from.registration_min_s,
            .max_s = from.registration_max_s};
}

bool is(const sip_msg& msg, std::string_view method) noexcept
{
    return view(msg.met) == method;
}

std::string without_quotes(std::string_view name)
{
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    return header_safe(name);
}

}  // namespace

struct endpoint::impl {
    impl(const sip_settings& with, std::vector<user> known, control_loop& loop, media_engine& engine,
         call_acceptor& acceptor)
        : settings{with},
          users{std::move(known)},
          calls{acceptor},
          where{.settings = settings, .control = loop, .media = engine, .codecs = parse_codecs(settings.codecs)},
          guard{settings.realm, users, std::chrono::seconds{settings.nonce_lifetime_s}},
          phones{limits_of(settings)}
    {
    }

    error_code open();
    void sweep();

    bool on_request(const sip_msg& msg);
    void on_invite(const sip_msg& msg);
    void on_other(const sip_msg& msg);
    void on_register(const sip_msg& msg);
    void on_update(const sip_msg& msg);
    void accept(const sip_msg& msg, const std::string& username);

    /// @return the user who sent `msg`; nothing when it was challenged or refused
    std::optional<std::string> authenticate(const sip_msg& msg);
    bool is_open_to(const sip_msg& msg) const;
    void reply(const sip_msg& msg, int status, const std::string& headers = {});
    const user* find_user(std::string_view number) const;
    void announce(const registrar::reply& changes);

    const sip_settings settings;
    const std::vector<user> users;
    call_acceptor& calls;
    site where;
    authenticator guard;
    registrar phones;
    control_loop::timer sweeper;
    std::vector<std::string> addresses;
    std::unique_ptr<stack> sip;
};

error_code endpoint::impl::open()
{
    sip = std::make_unique<stack>();
    const auto problem = sip->open(settings, {.on_request = [this](const sip_msg& msg) { return on_request(msg); },
                                              .on_invite = [this](const sip_msg& msg) { on_invite(msg); },
                                              .on_other = [this](const sip_msg& msg) { on_other(msg); }});
    if (problem) return problem;
    where.stack = sip->get();
    where.sessions = sip->sessions();
    addresses = sip->addresses();
    for (const auto& each : addresses) log::info("sip", "listening", {{"address", each}});
    if (!settings.require_auth && !is_loopback(settings.bind)) {
        log::warn("sip", "anybody who reaches this address may call: require_auth is off", {{"bind", settings.bind}});
    }
    sweep();
    return {};
}

void endpoint::impl::sweep()
{
    for (const auto& each : phones.expire(steady_clock::now())) {
        log::info("sip", "registration expired", {{"user", each.user}, {"contact", each.contact}});
        calls.on_technology_event("sofia::expire", expire_event(each, settings.realm));
    }
    sweeper = where.control.after(sweep_every, [this] { sweep(); });
}

void endpoint::impl::reply(const sip_msg& msg, int status, const std::string& headers)
{
    if (status >= 400) where.counters.refused.add();
    sip_treplyf(nullptr, nullptr, where.stack, &msg, false, static_cast<std::uint16_t>(status),
                phrase_of(status).data(), "%sContent-Length: 0\r\n\r\n", headers.c_str());
}

const user* endpoint::impl::find_user(std::string_view number) const
{
    const auto found = std::ranges::find(users, number, &user::number);
    return found == users.end() ? nullptr : &*found;
}

bool endpoint::impl::is_open_to(const sip_msg& msg) const
{
    // On loopback only the machine's own people come in; elsewhere the owner said that he wants it.
    return !settings.require_auth && (!is_loopback(settings.bind) || sa_is_loopback(&msg.src));
}

std::optional<std::string> endpoint::impl::authenticate(const sip_msg& msg)
{
    if (is_open_to(msg)) return text(is(msg, "REGISTER") ? msg.to.uri.user : msg.from.uri.user);
    const bool registers = is(msg, "REGISTER");
    const auto now = steady_clock::now();
    const auto credentials = header(msg, registers ? SIP_HDR_AUTHORIZATION : SIP_HDR_PROXY_AUTHORIZATION);
    const auto found = guard.check(view(msg.met), credentials, now);
    using verdict = authenticator::verdict;
    if (found.what == verdict::accepted) return found.username;
    if (found.what == verdict::forbidden) {
        where.counters.auth_failures.add();
        log::warn("sip", "wrong user or password",
                  {{"user", header_safe(found.username)}, {"peer", ip_of(msg.src)}, {"method", view(msg.met)}});
        reply(msg, 403);
        return std::nullopt;
    }
    std::string challenge = registers ? "WWW-Authenticate: " : "Proxy-Authenticate: ";
    challenge += guard.challenge(found.what == verdict::stale, now);
    challenge += "\r\n";
    reply(msg, registers ? 401 : 407, challenge);
    return std::nullopt;
}

bool endpoint::impl::on_request(const sip_msg& msg)
{
    where.counters.requests.add();
    if (is(msg, "ACK") || is(msg, "CANCEL")) return false;
    if (msg.mb != nullptr && msg.mb->end > settings.max_message_bytes) {
        reply(msg, 513);
        return true;
    }
    if (view(msg.maxfwd) == "0" && !is(msg, "OPTIONS")) {
        reply(msg, 483);
        return true;
    }
    if (is(msg, "BYE")) {
        auto [first, last] = where.calls.equal_range(text(msg.callid));
        for (; first != last; ++first) {
            if (first->second->owns(msg)) first->second->note_bye(msg);
        }
    }
    return false;
}

void endpoint::impl::on_invite(const sip_msg& msg)
{
    const auto demands = header(msg, SIP_HDR_REQUIRE);
    if (!demands.empty() && demands != "timer") {
        return reply(msg, 420, "Unsupported: " + header_safe(demands) + "\r\n");
    }
    if (!pl_isset(&msg.from.tag) || !pl_isset(&msg.callid)) return reply(msg, 400);
    const auto username = authenticate(msg);
    if (username) accept(msg, *username);
}

void endpoint::impl::accept(const sip_msg& msg, const std::string& username)
{
    auto party = call::incoming(where, msg);
    if (!party) return;
    where.counters.inbound_calls.add();
    auto& arrived = *party;
    const auto call_id = text(msg.callid);
    const auto* const known = find_user(username);
    incoming_call facts;
    facts.caller_id_number = text(msg.from.uri.user);
    facts.caller_id_name = without_quotes(view(msg.from.dname));
    if (facts.caller_id_name.empty() && known != nullptr) facts.caller_id_name = known->caller_id_name;
    if (facts.caller_id_name.empty()) facts.caller_id_name = facts.caller_id_number;
    facts.username = username;
    facts.destination_number = unescape(view(msg.uri.user));
    facts.context = known != nullptr ? known->context : settings.context;
    facts.presence_id = facts.caller_id_number + '@' + text(msg.from.uri.host);
    facts.party = std::move(party);
    auto* const observer = calls.on_incoming(std::move(facts));
    // What the switch did meanwhile may have ended the call, and destroyed it.
    auto [first, last] = where.calls.equal_range(call_id);
    const bool lives = std::any_of(first, last, [&](const auto& each) { return each.second == &arrived; });
    if (observer != nullptr && lives) arrived.observe(*observer);
}

void endpoint::impl::on_register(const sip_msg& msg)
{
    const auto wanted = read_register(msg);
    if (!wanted) return reply(msg, 400);
    const auto username = authenticate(msg);
    if (!username) return;
    if (*username != text(msg.to.uri.user)) return reply(msg, 403);
    const auto now = steady_clock::now();
    const auto done = phones.handle(*wanted, now);
    if (done.status == 423) {
        return reply(msg, 423, "Min-Expires: " + std::to_string(settings.registration_min_s) + "\r\n");
    }
    if (done.status != 200) return reply(msg, done.status);
    auto headers = contact_lines(done, now);
    headers += allow;
    reply(msg, 200, headers);
    announce(done);
}

void endpoint::impl::announce(const registrar::reply& changes)
{
    for (const auto& each : changes.removed) {
        log::info("sip", "unregistered", {{"user", each.user}, {"contact", each.contact}});
        calls.on_technology_event("sofia::unregister", unregister_event(each, settings.realm));
    }
    for (const auto& each : changes.added) {
        log::debug("sip", "registered",
                   {{"user", each.user}, {"contact", each.contact}, {"seconds", each.expires_s}});
        calls.on_technology_event("sofia::register", register_event(each, settings.realm));
    }
}

void endpoint::impl::on_update(const sip_msg& msg)
{
    auto [first, last] = where.calls.equal_range(text(msg.callid));
    for (; first != last; ++first) {
        if (first->second->owns(msg)) return first->second->on_update(msg);
    }
    reply(msg, 481);
}

void endpoint::impl::on_other(const sip_msg& msg)
{
    if (is(msg, "REGISTER")) return on_register(msg);
    if (is(msg, "OPTIONS")) {
        std::string headers{allow};
        headers += "Accept: application/sdp\r\nSupported: timer\r\n";
        return reply(msg, 200, headers);
    }
    if (is(msg, "UPDATE")) return on_update(msg);
    if (is(msg, "NOTIFY") && pl_isset(&msg.to.tag)) return reply(msg, 200);
    if (is(msg, "CANCEL")) return reply(msg, 481);
    if (is(msg, "SUBSCRIBE") || is(msg, "PUBLISH")) return reply(msg, 489);
    reply(msg, 405, std::string{allow});
}

endpoint::endpoint(std::unique_ptr<impl> made) : impl_{std::move(made)} {}

result<std::unique_ptr<endpoint>> endpoint::start(const sip_settings& settings, std::vector<user> users,
                                                  control_loop& control, media_engine& media, call_acceptor& calls)
{
    auto made = std::make_unique<impl>(settings, std::move(users), control, media, calls);
    error_code problem;
    control.call([&] {
        problem = made->open();
        if (problem) made->sip.reset();
    });
    if (problem) return problem;
    return std::unique_ptr<endpoint>{new endpoint{std::move(made)}};
}

endpoint::~endpoint()
{
    auto& control = impl_->where.control;
    control.call([this] { impl_.reset(); });
}

std::unique_ptr<leg> endpoint::dial(const outgoing_call& wanted, leg_observer& observer, pbx::cause& why)
{
    destination to;
    if (!find_destination(wanted.target, impl_->phones, impl_->users, to, why)) return nullptr;
    auto made = call::outgoing(impl_->where, wanted, to, observer, why);
    if (made) impl_->where.counters.outbound_calls.add();
    return made;
}

std::vector<registration_facts> endpoint::registrations() const
{
    std::vector<registration_facts> out;
    impl_->where.control.call([&] {
        const auto now = steady_clock::now();
        for (const auto& each : impl_->phones.all()) {
            const auto left = std::chrono::ceil<std::chrono::seconds>(each.expires_at - now).count();
            out.push_back({.user = each.user,
                           .contact = each.contact,
                           .network_ip = each.network_ip,
                           .network_port = each.network_port,
                           .transport = each.transport,
                           .expires_s = each.expires_s,
                           .remaining_s = static_cast<std::uint32_t>(std::max<std::int64_t>(left, 0)),
                           .agent = each.agent,
                           .call_id = each.call_id,
                           .realm = impl_->settings.realm});
        }
    });
    return out;
}

std::vector<std::string> endpoint::addresses() const
{
    return impl_->addresses;
}

void endpoint::collect(metrics::writer& out) const
{
    const auto& count = impl_->where.counters;
    out.counter("strowger_sip_requests_total", "SIP requests received", count.requests.value());
    out.counter("strowger_sip_requests_refused_total", "SIP requests answered with 4xx or 5xx outside of calls",
                count.refused.value());
    out.counter("strowger_sip_auth_failures_total", "Requests with a wrong user or password",
                count.auth_failures.value());
    out.counter("strowger_sip_calls_total", "Calls that came or went by SIP", count.inbound_calls.value(),
                {{"direction", "inbound"}});
    out.counter("strowger_sip_calls_total", "Calls that came or went by SIP", count.outbound_calls.value(),
                {{"direction", "outbound"}});
    impl_->where.rtp.collect(out);
}

}  // namespace strowger::softswitch::sip
