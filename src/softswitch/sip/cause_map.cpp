#include "softswitch/sip/cause_map.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace strowger::softswitch::sip {

using pbx::cause;

namespace {

constexpr auto phrases = std::to_array<std::pair<int, std::string_view>>({
    {100, "Trying"},
    {180, "Ringing"},
    {181, "Call Is Being Forwarded"},
    {182, "Queued"},
    {183, "Session Progress"},
    {200, "OK"},
    {202, "Accepted"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Moved Temporarily"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {410, "Gone"},
    {413, "Request Entity Too Large"},
    {415, "Unsupported Media Type"},
    {420, "Bad Extension"},
    {423, "Interval Too Brief"},
    {428, "Use Identity Header"},
    {429, "Provide Referrer Identity"},
    {437, "Unsupported Certificate"},
    {438, "Invalid Identity Header"},
    {480, "Temporarily Unavailable"},
    {481, "Call Does Not Exist"},
    {482, "Loop Detected"},
    {483, "Too Many Hops"},
    {484, "Address Incomplete"},
    {485, "Ambiguous"},
    {486, "Busy Here"},
    {487, "Request Terminated"},
    {488, "Not Acceptable Here"},
    {489, "Bad Event"},
    {491, "Request Pending"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Time-out"},
    {505, "Version Not Supported"},
    {513, "Message Too Large"},
    {600, "Busy Everywhere"},
    {603, "Decline"},
    {604, "Does Not Exist Anywhere"},
    {606, "Not Acceptable"},
    {607, "Unwanted"},
});

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept
{
    return text.size() >= prefix.size() &&
           std::ranges::equal(text.substr(0, prefix.size()), prefix,
                              [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

}  // namespace

cause cause_of(int status) noexcept
{
    switch (status) {
        case 200:
            return cause::normal_clearing;
        case 401:
        case 402:
        case 403:
        case 407:
        case 603:
        case 608:
            return cause::call_rejected;
        case 607:
            return cause::unwanted;
        case 404:
            return cause::unallocated_number;
        case 485:
        case 604:
            return cause::no_route_destination;
        case 408:
        case 504:
            return cause::recovery_on_timer_expire;
        case 410:
            return cause::number_changed;
        case 413:
        case 414:
        case 416:
        case 420:
        case 421:
        case 423:
        case 505:
        case 513:
            return cause::interworking;
        case 480:
            return cause::no_user_response;
        case 400:
        case 481:
        case 500:
        case 503:
            return cause::normal_temporary_failure;
        case 486:
        case 600:
            return cause::user_busy;
        case 484:
            return cause::invalid_number_format;
        case 488:
        case 606:
            return cause::incompatible_destination;
        case 502:
            return cause::network_out_of_order;
        case 405:
            return cause::service_unavailable;
        case 406:
        case 415:
        case 501:
            return cause::service_not_implemented;
        case 482:
        case 483:
            return cause::exchange_routing_error;
        case 487:
            return cause::originator_cancel;
        case 428:
            return cause::no_identity;
        case 429:
            return cause::bad_identity_info;
        case 437:
            return cause::unsupported_certificate;
        case 438:
            return cause::invalid_identity;
        default:
            return cause::normal_unspecified;
    }
}

int status_of(cause why) noexcept
{
    switch (why) {
        case cause::unallocated_number:
        case cause::no_route_transit_net:
        case cause::no_route_destination:
            return 404;
        case cause::user_busy:
            return 486;
        case cause::no_user_response:
            return 408;
        case cause::call_rejected:
        case cause::decline:
        case cause::reject_all:
            return 603;
        case cause::number_changed:
        case cause::redirection_to_new_destination:
            return 410;
        case cause::destination_out_of_order:
        case cause::invalid_profile:
            return 502;
        case cause::invalid_number_format:
        case cause::invalid_url:
        case cause::invalid_gateway:
            return 484;
        case cause::facility_rejected:
        case cause::facility_not_implemented:
        case cause::service_not_implemented:
            return 501;
        case cause::requested_chan_unavail:
        case cause::normal_circuit_congestion:
        case cause::network_out_of_order:
        case cause::normal_temporary_failure:
        case cause::switch_congestion:
        case cause::gateway_down:
        case cause::bearercapability_notavail:
            return 503;
        case cause::outgoing_call_barred:
        case cause::incoming_call_barred:
        case cause::bearercapability_notauth:
        case cause::stale_date:
            return 403;
        case cause::bearercapability_notimpl:
        case cause::incompatible_destination:
            return 488;
        case cause::recovery_on_timer_expire:
            return 504;
        case cause::originator_cancel:
            return 487;
        case cause::exchange_routing_error:
            return 483;
        case cause::busy_everywhere:
            return 600;
        case cause::does_not_exist_anywhere:
            return 604;
        case cause::not_acceptable:
            return 606;
        case cause::unwanted:
            return 607;
        case cause::no_identity:
            return 428;
        case cause::bad_identity_info:
            return 429;
        case cause::unsupported_certificate:
            return 437;
        case cause::invalid_identity:
            return 438;
        default:
            return 480;
    }
}

std::string_view phrase_of(int status) noexcept
{
    const auto found = std::ranges::find(phrases, status, &decltype(phrases)::value_type::first);
    return found == phrases.end() ? "Unknown" : found->second;
}

std::string reason_header(cause why)
{
    if (why == cause::picked_off || why == cause::lose_race) {
        return "SIP;cause=200;text=\"Call completed elsewhere\"";
    }
    const auto number = static_cast<unsigned>(why);
    const std::string protocol = number > 0 && number < 128 ? "Q.850" : "SIP";
    return protocol + ";cause=" + std::to_string(number) + ";text=\"" + std::string{pbx::to_string(why)} + '"';
}

std::optional<cause> parse_reason(std::string_view value) noexcept
{
    while (value.starts_with(' ')) value.remove_prefix(1);
    // Our own name and FreeSWITCH's carry the same numbers.
    if (!starts_with_ignoring_case(value, "Q.850") && !starts_with_ignoring_case(value, "FreeSWITCH") &&
        !starts_with_ignoring_case(value, "Strowger")) {
        return std::nullopt;
    }
    constexpr std::string_view name = "cause=";
    const auto at = value.find(name);
    if (at == std::string_view::npos) return std::nullopt;
    const auto digits = value.substr(at + name.size());
    std::uint16_t number = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (ec != std::errc{} || end == digits.data() || number == 0 || number > 999) return std::nullopt;
    return static_cast<cause>(number);
}

}  // namespace strowger::softswitch::sip
