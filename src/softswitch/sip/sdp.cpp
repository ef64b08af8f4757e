#include "softswitch/sip/sdp.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace strowger::softswitch::sip {
namespace {

constexpr std::size_t longest = 16 * 1024;
constexpr std::size_t most_media = 16;
constexpr std::size_t most_formats = 64;
constexpr std::uint8_t first_dynamic = 96;
constexpr std::uint8_t event_8k = 101;
constexpr std::uint8_t event_16k = 102;

template <class Number>
bool to_number(std::string_view text, Number& out) noexcept
{
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
    return ec == std::errc{} && end == text.data() + text.size();
}

/// Cuts the text up to `separator` off the front.
std::string_view cut(std::string_view& text, char separator) noexcept
{
    const auto at = text.find(separator);
    const auto head = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
    return head;
}

std::string upper(std::string_view text)
{
    std::string out{text};
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return out;
}

std::optional<payload_kind> kind_of(std::string_view name) noexcept
{
    if (name == "PCMU") return payload_kind::ulaw;
    if (name == "PCMA") return payload_kind::alaw;
    if (name == "L16") return payload_kind::l16;
    return std::nullopt;
}

/// What a payload type means without an rtpmap. Source: RFC 3551 table 4.
sdp_format static_format(std::uint8_t type)
{
    switch (type) {
        case 0:
            return {type, "PCMU", 8000, 1};
        case 8:
            return {type, "PCMA", 8000, 1};
        case 13:
            return {type, "CN", 8000, 1};
        default:
            return {type, "", 0, 1};
    }
}

/// Reads a description line by line into one structure.
class description_parser {
public:
    bool line(char type, std::string_view value)
    {
        switch (type) {
            case 'v':
                return value == "0";
            case 'm':
                return media(value);
            case 'c':
                connection(value);
                return true;
            case 'a':
                attribute(value);
                return true;
            default:
                return true;
        }
    }
    sdp_description finish()
    {
        for (auto& each : out_.media) {
            if (each.address.empty()) each.address = session_address_;
        }
        return std::move(out_);
    }

private:
    bool media(std::string_view value)
    {
        if (out_.media.size() == most_media) return false;
        sdp_media made;
        made.flow = session_flow_;
        made.kind = cut(value, ' ');
        auto port = cut(value, ' ');
        made.protocol = cut(value, ' ');
        made.first_format = value.substr(0, value.find(' '));
        if (made.kind.empty() || made.protocol.empty() || !to_number(cut(port, '/'), made.port)) return false;
        while (!value.empty() && made.formats.size() < most_formats) {
            std::uint8_t type = 0;
            if (to_number(cut(value, ' '), type) && type < 128) made.formats.push_back(static_format(type));
        }
        out_.media.push_back(std::move(made));
        return true;
    }
    void connection(std::string_view value)
    {
        cut(value, ' ');  // IN
        cut(value, ' ');  // IP4 or IP6
        const auto address = cut(value, '/');
        (out_.media.empty() ? session_address_ : out_.media.back().address) = address;
    }
    void attribute(std::string_view value)
    {
        const auto name = cut(value, ':');
        for (const auto each : {direction::inactive, direction::recvonly, direction::sendonly, direction::sendrecv}) {
            if (name == to_string(each)) (out_.media.empty() ? session_flow_ : out_.media.back().flow) = each;
        }
        if (out_.media.empty()) return;
        if (name == "rtpmap") rtpmap(value);
        if (name == "rtcp") to_number(cut(value, ' '), out_.media.back().rtcp_port);
    }
    void rtpmap(std::string_view value)
    {
        std::uint8_t type = 0;
        if (!to_number(cut(value, ' '), type)) return;
        auto& formats = out_.media.back().formats;
        const auto found = std::ranges::find(formats, type, &sdp_format::payload_type);
        if (found == formats.end()) return;
        found->name = upper(cut(value, '/'));
        to_number(cut(value, '/'), found->rate_hz);
        if (!value.empty()) to_number(value, found->channels);
    }

    sdp_description out_;
    std::string session_address_;
    direction session_flow_ = direction::sendrecv;
};

void append_codec(std::string& types, std::string& maps, std::uint8_t type, std::string_view name, std::uint32_t rate)
{
    const auto number = std::to_string(type);
    types += ' ' + number;
    maps += "a=rtpmap:" + number + ' ' + std::string{name} + '/' + std::to_string(rate) + "\r\n";
}

void append_events(std::string& types, std::string& maps, std::uint8_t type, std::uint32_t rate)
{
    append_codec(types, maps, type, "telephone-event", rate);
    maps += "a=fmtp:" + std::to_string(type) + " 0-15\r\n";
}

std::string session_part(sdp_origin& us)
{
    const std::string family = us.address.find(':') == std::string::npos ? "IP4 " : "IP6 ";
    ++us.version;
    return "v=0\r\no=Strowger " + std::to_string(us.id) + ' ' + std::to_string(us.version) + " IN " + family +
           us.address + "\r\ns=Strowger\r\nc=IN " + family + us.address + "\r\nt=0 0\r\n";
}

std::string audio_part(const sdp_origin& us, std::string_view protocol, const std::string& types,
                       const std::string& maps, direction flow)
{
    return "m=audio " + std::to_string(us.port) + ' ' + std::string{protocol} + types + "\r\n" + maps +
           "a=ptime:20\r\na=" + std::string{to_string(flow)} + "\r\n";
}

/// The types and maps of one agreed codec.
void append_agreed(std::string& types, std::string& maps, const rtp_codec& codec)
{
    append_codec(types, maps, codec.payload_type, codec.name(), codec.rate_hz);
    if (codec.event_payload_type >= 0) {
        append_events(types, maps, static_cast<std::uint8_t>(codec.event_payload_type), codec.rate_hz);
    }
}

const sdp_format* find_format(const sdp_media& media, std::string_view name, std::uint32_t rate_hz) noexcept
{
    const auto found = std::ranges::find_if(
        media.formats, [&](const sdp_format& each) { return each.name == name && each.rate_hz == rate_hz; });
    return found == media.formats.end() ? nullptr : &*found;
}

std::optional<rtp_codec> choose(const sdp_media& media, std::span<const codec_choice> ours)
{
    for (const auto& each : media.formats) {
        const auto kind = kind_of(each.name);
        if (!kind || each.channels != 1 || std::ranges::find(ours, codec_choice{*kind, each.rate_hz}) == ours.end()) {
            continue;
        }
        const auto* const events = find_format(media, "TELEPHONE-EVENT", each.rate_hz);
        return rtp_codec{*kind, each.rate_hz, each.payload_type, events == nullptr ? -1 : events->payload_type};
    }
    return std::nullopt;
}

bool is_plain_rtp(std::string_view protocol) noexcept
{
    return protocol == "RTP/AVP" || protocol == "RTP/AVPF";
}

}  // namespace

std::vector<codec_choice> parse_codec(std::string_view text)
{
    const auto kind = kind_of(upper(cut(text, '@')));
    if (!kind) return {};
    std::uint32_t rate = 0;
    while (!text.empty()) {
        const auto part = cut(text, '@');
        if (part.ends_with('h') && !to_number(part.substr(0, part.size() - 1), rate)) return {};
    }
    if (*kind != payload_kind::l16)
        return rate == 0 || rate == 8000 ? std::vector{codec_choice{*kind, 8000}} : std::vector<codec_choice>{};
    if (rate == 0) return {{*kind, 16000}, {*kind, 8000}};
    if (rate == 8000 || rate == 16000) return {{*kind, rate}};
    return {};
}

std::vector<codec_choice> parse_codecs(std::span<const std::string> texts)
{
    std::vector<codec_choice> out;
    for (const auto& text : texts) {
        for (const auto& each : parse_codec(text)) {
            if (std::ranges::find(out, each) == out.end()) out.push_back(each);
        }
    }
    return out;
}

std::string_view to_string(direction which) noexcept
{
    constexpr std::array<std::string_view, 4> names{"inactive", "recvonly", "sendonly", "sendrecv"};
    return names[static_cast<std::size_t>(which)];
}

direction reversed(direction which) noexcept
{
    if (which == direction::sendonly) return direction::recvonly;
    if (which == direction::recvonly) return direction::sendonly;
    return which;
}

std::optional<sdp_description> parse_sdp(std::string_view text)
{
    if (text.size() > longest) return std::nullopt;
    description_parser parser;
    bool first = true;
    while (!text.empty()) {
        auto line = cut(text, '\n');
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        if (line.size() < 2 || line[1] != '=') return std::nullopt;
        if (std::exchange(first, false) && line[0] != 'v') return std::nullopt;
        if (!parser.line(line[0], line.substr(2))) return std::nullopt;
    }
    if (first) return std::nullopt;
    return parser.finish();
}

std::optional<sdp_agreement> agree(const sdp_description& theirs, std::span<const codec_choice> ours)
{
    for (std::size_t i = 0; i < theirs.media.size(); ++i) {
        const auto& media = theirs.media[i];
        if (media.kind != "audio" || media.port == 0 || !is_plain_rtp(media.protocol)) continue;
        const auto codec = choose(media, ours);
        const auto remote = udp_address::parse(media.address, media.port);
        if (!codec || !remote) continue;
        const auto rtcp_port = media.rtcp_port != 0 ? media.rtcp_port : static_cast<std::uint16_t>(media.port + 1);
        return sdp_agreement{.codec = *codec,
                             .remote = *remote,
                             .remote_rtcp = remote->with_port(rtcp_port),
                             .theirs = media.flow,
                             .held = !receives(media.flow) || remote->is_wildcard(),
                             .media_index = i};
    }
    return std::nullopt;
}

std::string write_offer(sdp_origin& us, std::span<const codec_choice> codecs, direction flow)
{
    std::string types;
    std::string maps;
    std::uint8_t dynamic = first_dynamic;
    bool wide = false;
    for (const auto& each : codecs) {
        const rtp_codec codec{each.kind, each.rate_hz, 0, -1};
        const std::uint8_t type = each.kind == payload_kind::ulaw   ? 0
                                  : each.kind == payload_kind::alaw ? 8
                                                                    : dynamic++;
        append_codec(types, maps, type, codec.name(), each.rate_hz);
        wide = wide || each.rate_hz == 16000;
    }
    append_events(types, maps, event_8k, 8000);
    if (wide) append_events(types, maps, event_16k, 16000);
    auto head = session_part(us);
    return head + audio_part(us, "RTP/AVP", types, maps, flow);
}

std::string write_offer(sdp_origin& us, const rtp_codec& agreed, direction flow)
{
    std::string types;
    std::string maps;
    append_agreed(types, maps, agreed);
    auto head = session_part(us);
    return head + audio_part(us, "RTP/AVP", types, maps, flow);
}

std::string write_answer(sdp_origin& us, const sdp_description& theirs, const sdp_agreement& agreed, direction flow)
{
    auto out = session_part(us);
    for (std::size_t i = 0; i < theirs.media.size(); ++i) {
        const auto& media = theirs.media[i];
        if (i != agreed.media_index) {
            out += "m=" + media.kind + " 0 " + media.protocol + ' ' + media.first_format + "\r\n";
            continue;
        }
        std::string types;
        std::string maps;
        append_agreed(types, maps, agreed.codec);
        out += audio_part(us, media.protocol, types, maps, flow);
    }
    return out;
}

}  // namespace strowger::softswitch::sip
