#include "softswitch/sip/call_media.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"

#include <cstdio>

namespace strowger::softswitch::sip {
namespace {

constexpr std::uint32_t rtp_header_bytes = 12;

std::string two_decimals(double value)
{
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.2f", value);
    return out.data();
}

/// The E-model's short form for G.711 and packet loss. Source: ITU-T G.107, G.113 appendix I (Ie 0, Bpl 4.3).
double mean_opinion(double loss_percent)
{
    const double r = 93.2 - 95.0 * loss_percent / (loss_percent + 4.3);
    if (r <= 0) return 1.0;
    return std::min(4.5, 1.0 + 0.035 * r + 7.0e-6 * r * (r - 60) * (100 - r));
}

}  // namespace

call_media::call_media(site& where, std::vector<codec_choice> codecs, port_events events)
    : site_{where}, codecs_{std::move(codecs)}, events_{std::move(events)}
{
    origin_.id = static_cast<std::uint64_t>(now_us() / 1'000'000);
    origin_.version = origin_.id;
}

bool call_media::open(const std::string& local_ip)
{
    if (session_ != nullptr) return true;
    const auto& wanted = site_.settings.media_address;
    origin_.address = wanted.empty() ? local_ip : wanted;
    auto address = udp_address::parse(origin_.address, 0);
    if (!address) return false;
    rtp_settings settings{.address = *address,
                          .port_min = site_.settings.rtp_port_min,
                          .port_max = site_.settings.rtp_port_max,
                          .media_timeout = std::chrono::seconds{site_.settings.media_timeout_s}};
    auto made = rtp_session::open(settings, site_.rtp);
    if (!made && made.error() == boost::system::errc::address_not_available) {
        // The address of a router in front of us: it is good for SDP, but not ours to bind.
        settings.address = *udp_address::parse(address->family() == AF_INET6 ? "::" : "0.0.0.0", 0);
        made = rtp_session::open(settings, site_.rtp);
    }
    if (!made) {
        log::error("rtp", "no port for a call", {{"address", origin_.address}, {"ec", made.error().message()}});
        return false;
    }
    bound_ip_ = settings.address.ip();
    unused_ = std::move(*made);
    session_ = unused_.get();
    origin_.port = session_->port();
    return true;
}

std::string call_media::make_offer()
{
    local_sdp_ = agreed_ ? write_offer(origin_, agreed_->codec, ours()) : write_offer(origin_, codecs_, ours());
    return local_sdp_;
}

std::optional<std::string> call_media::answer(std::string_view offer)
{
    const auto theirs = parse_sdp(offer);
    if (!theirs || !take(*theirs)) return std::nullopt;
    remote_sdp_ = offer;
    // We answer no more than what they take, and no more than what we want.
    const auto flow =
        static_cast<direction>(static_cast<unsigned>(reversed(agreed_->theirs)) & static_cast<unsigned>(ours()));
    local_sdp_ = write_answer(origin_, *theirs, *agreed_, flow);
    return local_sdp_;
}

bool call_media::accept(std::string_view answer)
{
    const auto theirs = parse_sdp(answer);
    if (!theirs || !take(*theirs)) return false;
    remote_sdp_ = answer;
    return true;
}

bool call_media::take(const sdp_description& theirs)
{
    const auto common = agree(theirs, codecs_);
    if (!common) return false;
    agreed_ = *common;
    apply();
    return true;
}

void call_media::apply()
{
    const bool may_send = receives(agreed_->theirs) && !agreed_->remote.is_wildcard();
    const bool may_receive = sends(agreed_->theirs) && !on_hold_;
    rtp_plan plan{agreed_->codec, agreed_->remote, agreed_->remote_rtcp, may_send, may_receive};
    const pbx::media_format format{.rate_hz = agreed_->codec.rate_hz, .ptime_ms = 20, .channels = 1};
    if (port_) {
        site_.media.reformat(*port_, format, [&] { session_->apply(plan); });
        return;
    }
    session_->apply(plan);
    port_ = site_.media.add(std::move(unused_), format, events_);
}

void call_media::stop() noexcept
{
    if (session_ != nullptr) session_->hush();
}

bool call_media::send_dtmf(char digit, std::uint32_t duration_ms) noexcept
{
    return port_ && session_->send_dtmf(digit, duration_ms);
}

rtp_codec call_media::codec() const
{
    if (agreed_) return agreed_->codec;
    const auto first = codecs_.empty() ? codec_choice{} : codecs_.front();
    return {first.kind, first.rate_hz, 0, -1};
}

variables call_media::negotiated() const
{
    if (!agreed_) return {};
    const auto& with = agreed_->codec;
    const auto name = std::string{with.name()};
    const auto rate = std::to_string(with.rate_hz);
    const auto flow = std::string{to_string(reversed(agreed_->theirs))};
    const auto type = std::to_string(with.payload_type);
    return {{"remote_video_media_flow", "inactive"},
            {"remote_text_media_flow", "inactive"},
            {"remote_audio_media_flow", std::string{to_string(agreed_->theirs)}},
            {"audio_media_flow", flow},
            {"rtp_audio_recv_pt", type},
            {"rtp_use_codec_name", name},
            {"rtp_use_codec_rate", rate},
            {"rtp_use_codec_ptime", "20"},
            {"rtp_use_codec_channels", "1"},
            {"rtp_last_audio_codec_string", name + '@' + rate + "h@20i@1c"},
            {"read_codec", name},
            {"original_read_codec", name},
            {"read_rate", rate},
            {"original_read_rate", rate},
            {"write_codec", name},
            {"write_rate", rate},
            {"dtmf_type", with.event_payload_type < 0 ? "info" : "rfc2833"},
            {"local_media_ip", bound_ip_},
            {"local_media_port", std::to_string(origin_.port)},
            {"advertised_media_ip", origin_.address},
            {"rtp_use_timer_name", "soft"},
            {"rtp_use_pt", type},
            {"rtp_use_ssrc", std::to_string(session_->ssrc())},
            {"remote_media_ip", agreed_->remote.ip()},
            {"remote_media_port", std::to_string(agreed_->remote.port())},
            {"endpoint_disposition", "EARLY MEDIA"},
            {"rtp_local_sdp_str", local_sdp_}};
}

variables call_media::statistics() const
{
    if (session_ == nullptr) return {};
    rtp_stats now;
    site_.media.between_ticks([&] { now = session_->stats(); });
    const auto expected = static_cast<double>(now.received + now.lost);
    const double loss = expected > 0 ? 100.0 * static_cast<double>(now.lost) / expected : 0;
    const auto media_in = now.received - now.events_received - now.comfort_noise;
    const auto number = [](auto value) { return std::to_string(value); };
    return {{"rtp_audio_in_raw_bytes", number(now.received_bytes + now.received * rtp_header_bytes)},
            {"rtp_audio_in_media_bytes", number(now.received_bytes + media_in * rtp_header_bytes)},
            {"rtp_audio_in_packet_count", number(now.received)},
            {"rtp_audio_in_media_packet_count", number(media_in)},
            {"rtp_audio_in_skip_packet_count", number(now.lost)},
            {"rtp_audio_in_jitter_packet_count", number(now.late)},
            {"rtp_audio_in_dtmf_packet_count", number(now.events_received)},
            {"rtp_audio_in_cng_packet_count", number(now.comfort_noise)},
            {"rtp_audio_in_flush_packet_count", number(now.strays)},
            {"rtp_audio_in_largest_jb_size", "0"},
            {"rtp_audio_in_jitter_min_variance", "0.00"},
            {"rtp_audio_in_jitter_max_variance", two_decimals(now.jitter * 1000.0 / codec().rate_hz)},
            {"rtp_audio_in_jitter_loss_rate", two_decimals(loss / 100)},
            {"rtp_audio_in_jitter_burst_rate", "0.00"},
            {"rtp_audio_in_mean_interval", media_in > 1 ? "20.00" : "0.00"},
            {"rtp_audio_in_flaw_total", number(now.lost + now.late)},
            {"rtp_audio_in_quality_percentage", two_decimals(100 - loss)},
            {"rtp_audio_in_mos", two_decimals(loss > 0 ? mean_opinion(loss) : 4.5)},
            {"rtp_audio_out_raw_bytes", number(now.sent_bytes + now.sent * rtp_header_bytes)},
            {"rtp_audio_out_media_bytes", number(now.sent_bytes + now.sent * rtp_header_bytes)},
            {"rtp_audio_out_packet_count", number(now.sent)},
            {"rtp_audio_out_media_packet_count", number(now.sent - now.events_sent)},
            {"rtp_audio_out_skip_packet_count", "0"},
            {"rtp_audio_out_dtmf_packet_count", number(now.events_sent)},
            {"rtp_audio_out_cng_packet_count", "0"},
            {"rtp_audio_rtcp_packet_count", number(now.rtcp_received)},
            {"rtp_audio_rtcp_octet_count", "0"}};
}

}  // namespace strowger::softswitch::sip
