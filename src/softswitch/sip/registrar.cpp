#include "softswitch/sip/registrar.hpp"

#include <algorithm>

namespace strowger::softswitch::sip {

std::uint32_t registrar::granted(const register_request& request,
                                 const register_request::contact& contact) const noexcept
{
    const auto wanted = contact.expires_s.value_or(request.expires_s.value_or(limits_.default_s));
    return std::min(wanted, limits_.max_s);
}

int registrar::check(const register_request& request, const bindings* known) const
{
    if (request.all && (!request.contacts.empty() || request.expires_s.value_or(1) != 0)) return 400;
    std::size_t wanted = 0;
    for (const auto& each : request.contacts) {
        const auto seconds = granted(request, each);
        if (seconds != 0 && seconds < limits_.min_s) return 423;
        if (seconds != 0) ++wanted;
    }
    if (known != nullptr) {
        for (const auto& each : *known) {
            if (each.call_id == request.from.call_id && request.from.cseq <= each.cseq &&
                (wanted != 0 || request.all || !request.contacts.empty())) {
                return 500;
            }
        }
    }
    if (wanted > limits_.most_per_user) return 503;
    if (wanted != 0 && count_ >= limits_.most && (known == nullptr || known->empty())) return 503;
    return 200;
}

void registrar::remove(bindings& from, std::string_view contact, reply& out)
{
    const auto found = std::ranges::find(from, contact, &binding::contact);
    if (found == from.end()) return;
    out.removed.push_back(std::move(*found));
    from.erase(found);
    --count_;
}

void registrar::put(bindings& to, binding made, reply& out)
{
    const auto found = std::ranges::find(to, made.contact, &binding::contact);
    if (found != to.end()) {
        to.erase(found);
        --count_;
    }
    // The phone that registered longest ago makes room.
    if (to.size() >= limits_.most_per_user) {
        out.removed.push_back(std::move(to.back()));
        to.pop_back();
        --count_;
    }
    out.added.push_back(made);
    to.insert(to.begin(), std::move(made));
    ++count_;
}

registrar::reply registrar::handle(const register_request& request, steady_clock::time_point now)
{
    reply out;
    const auto known = users_.find(request.from.user);
    out.status = check(request, known == users_.end() ? nullptr : &known->second);
    if (out.status != 200) return out;

    auto& mine = users_[request.from.user];
    if (request.all) {
        while (!mine.empty()) remove(mine, std::string{mine.front().contact}, out);
    }
    for (const auto& each : request.contacts) {
        const auto seconds = granted(request, each);
        if (seconds == 0) {
            remove(mine, each.uri, out);
            continue;
        }
        auto made = request.from;
        made.contact = each.uri;
        made.expires_s = seconds;
        made.expires_at = now + std::chrono::seconds{seconds};
        made.registered_at = now;
        put(mine, std::move(made), out);
    }
    out.current = mine;
    if (mine.empty()) users_.erase(request.from.user);
    return out;
}

std::vector<binding> registrar::expire(steady_clock::time_point now)
{
    std::vector<binding> out;
    for (auto user = users_.begin(); user != users_.end();) {
        auto& mine = user->second;
        const auto gone =
            std::ranges::stable_partition(mine, [now](const binding& each) { return each.expires_at > now; });
        count_ -= gone.size();
        std::ranges::move(gone, std::back_inserter(out));
        mine.erase(gone.begin(), gone.end());
        user = mine.empty() ? users_.erase(user) : std::next(user);
    }
    return out;
}

const binding* registrar::newest(std::string_view user) const noexcept
{
    const auto found = users_.find(user);
    return found == users_.end() || found->second.empty() ? nullptr : &found->second.front();
}

std::vector<binding> registrar::all() const
{
    std::vector<binding> out;
    for (const auto& [user, mine] : users_) out.insert(out.end(), mine.begin(), mine.end());
    return out;
}

}  // namespace strowger::softswitch::sip
