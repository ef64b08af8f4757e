#include "softswitch/sip/destination.hpp"

#include "softswitch/sip/message.hpp"

#include <algorithm>

namespace strowger::softswitch::sip {
namespace {

constexpr std::string_view profile = "internal";
constexpr std::size_t longest_uri = 512;

std::string host_text(const std::string& ip)
{
    return ip.find(':') == std::string::npos ? ip : '[' + ip + ']';
}

/// The name in front of `@domain` or `%domain`.
std::string_view user_part(std::string_view target)
{
    return target.substr(0, target.find_first_of("@%"));
}

bool find_user(std::string_view name, const registrar& phones, const std::vector<user>& users, destination& out,
               pbx::cause& why)
{
    if (const auto* const phone = phones.newest(name)) {
        out = reach(*phone);
        return true;
    }
    const bool known = std::ranges::find(users, name, &user::number) != users.end();
    why = known ? pbx::cause::user_not_registered : pbx::cause::subscriber_absent;
    return false;
}

bool find_uri(std::string_view target, destination& out, pbx::cause& why)
{
    why = pbx::cause::invalid_url;
    if (target.size() > longest_uri || target.find_first_of(" \t\r\n<>\"") != std::string_view::npos) return false;
    std::string full{target};
    if (!target.starts_with("sip:")) full.insert(0, "sip:");
    uri parsed{};
    const auto whole = as_pl(full);
    if (uri_decode(&parsed, &whole) != 0 || !pl_isset(&parsed.host)) return false;
    // The resolver asks DNS servers only, and those seldom know this one.
    if (view(parsed.host) == "localhost") full.replace(full.find("localhost"), 9, "127.0.0.1");
    out.uri = full;
    out.name = full.substr(4, full.find_first_of(";?") - 4);
    return true;
}

}  // namespace

destination reach(const binding& phone)
{
    uri contact{};
    const auto whole = as_pl(phone.contact);
    std::string who = phone.user;
    if (uri_decode(&contact, &whole) == 0 && pl_isset(&contact.user)) who = text(contact.user);
    destination out;
    out.name = who + '@' + host_text(phone.network_ip) + ':' + std::to_string(phone.network_port);
    out.uri = "sip:" + out.name;
    if (phone.transport != "udp") out.uri += ";transport=" + phone.transport;
    return out;
}

bool find_destination(std::string_view target, const registrar& phones, const std::vector<user>& users,
                      destination& out, pbx::cause& why)
{
    if (target.starts_with("user/")) return find_user(user_part(target.substr(5)), phones, users, out, why);
    if (target.starts_with("sip:")) return find_uri(target, out, why);
    if (!target.starts_with("sofia/")) {
        why = pbx::cause::invalid_url;
        return false;
    }
    target.remove_prefix(6);
    const auto slash = target.find('/');
    const auto first = target.substr(0, slash);
    const auto rest = slash == std::string_view::npos ? std::string_view{} : target.substr(slash + 1);
    if (first == "gateway") {
        why = pbx::cause::invalid_gateway;
        return false;
    }
    if (first != profile) {
        why = pbx::cause::invalid_profile;
        return false;
    }
    const bool is_user = rest.find('@') == std::string_view::npos && !rest.starts_with("sip:");
    return is_user ? find_user(user_part(rest), phones, users, out, why) : find_uri(rest, out, why);
}

}  // namespace strowger::softswitch::sip
