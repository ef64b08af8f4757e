// Verbs about SIP: who is registered, where the switch listens.
#include "softswitch/api/report.hpp"
#include "softswitch/api/verb.hpp"
#include "softswitch/text.hpp"

#include <array>

namespace strowger::softswitch::api {
namespace {

constexpr std::string_view rule =
    "=================================================================================================\n";

std::string padded(std::string_view text, std::size_t width)
{
    return std::string(width > text.size() ? width - text.size() : 0, ' ') + std::string{text};
}

/// sofia status
std::string sofia(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 4);
    if (words.empty() || !text::same(words[0], "status")) return self.usage();
    const auto addresses = with.sip_addresses();
    std::string out = padded("Name", 25) + "\t   Type\t" + padded("Data", 43) + "\tState\n";
    out += rule;
    for (const auto& each : addresses)
        out += padded("internal", 25) + "\tprofile\t" + padded(each, 43) + "\tRUNNING (" +
               std::to_string(with.board.figures().sessions) + ")\n";
    out += rule;
    return out + std::to_string(addresses.size()) + " profile" + (addresses.size() == 1 ? "" : "s") + " 0 aliases\n";
}

/// sofia_contact [<profile>/]<user>[@<domain>]
std::string sofia_contact(context& with, const verb& self, std::string_view args)
{
    if (args.empty()) return self.usage();
    const auto [profile, rest] = text::cut(args, '/');
    const auto user = text::cut(rest.empty() ? profile : rest, '@').first;
    std::string out;
    for (const auto& each : with.registrations()) {
        if (each.user != user) continue;
        if (!out.empty()) out += ',';
        out += "sofia/internal/" + each.contact;
    }
    return out.empty() ? "error/user_not_registered" : out;
}

constexpr std::array table{
    verb{"sofia", "status", "Sofia Controls", runs::on_control, sofia},
    verb{"sofia_contact", "[profile/]<user>@<domain>", "Sofia Contacts", runs::on_control, sofia_contact},
};

}  // namespace

report list_registrations(context& with)
{
    report out{{"reg_user", "realm", "token", "url", "expires", "network_ip", "network_port", "network_proto",
                "hostname", "metadata"},
               {}};
    for (const auto& each : with.registrations())
        out.rows.push_back({each.user, each.realm, each.call_id, "sofia/internal/" + each.contact,
                            std::to_string(each.expires_epoch_s), each.network_ip, each.network_port, each.transport,
                            with.board.events().hostname(), ""});
    return out;
}

std::span<const verb> phone_verbs()
{
    return table;
}

}  // namespace strowger::softswitch::api
