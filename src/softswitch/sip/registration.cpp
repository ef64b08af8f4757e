#include "softswitch/sip/registration.hpp"

#include <charconv>

namespace strowger::softswitch::sip {
namespace {

constexpr std::size_t most_contacts = 20;
constexpr std::size_t longest_contact = 512;

/// Nothing when the text is no number; the largest there is when it is too large.
std::optional<std::uint32_t> seconds(std::string_view text)
{
    std::uint32_t value = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec == std::errc::result_out_of_range) return ~std::uint32_t{0};
    if (ec != std::errc{} || end == text.data()) return std::nullopt;
    return value;
}

/// Contacts of one header line stand between commas that are not in quotes or angle brackets.
std::vector<std::string_view> split_contacts(std::string_view line)
{
    std::vector<std::string_view> out;
    bool quoted = false;
    bool bracketed = false;
    std::size_t start = 0;
    for (std::size_t i = 0; i <= line.size(); ++i) {
        if (i == line.size() || (line[i] == ',' && !quoted && !bracketed)) {
            out.push_back(line.substr(start, i - start));
            start = i + 1;
            continue;
        }
        if (line[i] == '"') quoted = !quoted;
        if (line[i] == '<') bracketed = true;
        if (line[i] == '>') bracketed = false;
    }
    return out;
}

bool add_contacts(std::string_view line, register_request& out)
{
    for (auto each : split_contacts(line)) {
        while (each.starts_with(' ') || each.starts_with('\t')) each.remove_prefix(1);
        if (each.starts_with('*')) {
            out.all = true;
            continue;
        }
        const auto address = parse_address(each);
        if (!address || address->auri.l > longest_contact || out.contacts.size() == most_contacts) return false;
        register_request::contact made{.uri = header_safe(view(address->auri)), .expires_s = std::nullopt};
        if (pl value{}; msg_param_decode(&address->params, "expires", &value) == 0) {
            made.expires_s = seconds(view(value));
        }
        out.contacts.push_back(std::move(made));
    }
    return true;
}

void add_common(variables& out, const binding& phone, const std::string& realm)
{
    out.emplace_back("from-user", phone.user);
    out.emplace_back("from-host", realm);
}

}  // namespace

std::optional<register_request> read_register(const sip_msg& msg)
{
    register_request out;
    out.from.user = unescape(view(msg.to.uri.user));
    if (out.from.user.empty() || out.from.user.size() > 128) return std::nullopt;
    out.from.network_ip = ip_of(msg.src);
    out.from.network_port = sa_port(&msg.src);
    out.from.transport = transport_of(msg.tp);
    out.from.call_id = text(msg.callid);
    out.from.cseq = msg.cseq.num;
    out.from.agent = header_safe(header(msg, SIP_HDR_USER_AGENT));
    if (pl_isset(&msg.expires)) out.expires_s = seconds(view(msg.expires));

    struct reading {
        register_request& to;
        bool good = true;
    } state{out};
    sip_msg_hdr_apply(
        &msg, true, SIP_HDR_CONTACT,
        [](const sip_hdr* line, const sip_msg*, void* arg) {
            auto& to = *static_cast<reading*>(arg);
            to.good = guarded(false, [&] { return add_contacts(view(line->val), to.to); }) && to.good;
            return !to.good;
        },
        &state);
    if (!state.good) return std::nullopt;
    return out;
}

std::string contact_lines(const registrar::reply& reply, steady_clock::time_point now)
{
    std::string out;
    for (const auto& each : reply.current) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(each.expires_at - now).count();
        out += "Contact: <" + each.contact + ">;expires=" + std::to_string(left) + "\r\n";
    }
    return out;
}

variables register_event(const binding& phone, const std::string& realm)
{
    variables out{{"profile-name", "internal"}};
    add_common(out, phone, realm);
    const variables rest{{"presence-hosts", realm},
                         {"contact", '<' + phone.contact + '>'},
                         {"call-id", phone.call_id},
                         {"rpid", "unknown"},
                         {"status", "Registered(" +
                                        std::string{phone.transport == "udp"   ? "UDP"
                                                    : phone.transport == "tcp" ? "TCP"
                                                                               : "TLS"} +
                                        ")"},
                         {"expires", std::to_string(phone.expires_s)},
                         {"to-user", phone.user},
                         {"to-host", realm},
                         {"network-ip", phone.network_ip},
                         {"network-port", std::to_string(phone.network_port)},
                         {"username", phone.user},
                         {"realm", realm},
                         {"user-agent", phone.agent}};
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

variables unregister_event(const binding& phone, const std::string& realm)
{
    variables out{{"profile-name", "internal"}, {"username", phone.user}};
    add_common(out, phone, realm);
    const variables rest{{"contact", '<' + phone.contact + '>'},
                         {"call-id", phone.call_id},
                         {"rpid", "unknown"},
                         {"realm", realm},
                         {"network-ip", phone.network_ip},
                         {"network-port", std::to_string(phone.network_port)},
                         {"user-agent", phone.agent},
                         {"expires", "0"}};
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

variables expire_event(const binding& phone, const std::string& realm)
{
    return {{"profile-name", "internal"},
            {"call-id", phone.call_id},
            {"user", phone.user},
            {"username", phone.user},
            {"host", realm},
            {"contact", '<' + phone.contact + '>'},
            {"expires", std::to_string(phone.expires_s)},
            {"user-agent", phone.agent},
            {"realm", realm},
            {"network-ip", phone.network_ip},
            {"network-port", std::to_string(phone.network_port)}};
}

}  // namespace strowger::softswitch::sip
