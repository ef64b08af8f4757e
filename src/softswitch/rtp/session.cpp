#include "softswitch/rtp/session.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <random>

namespace strowger::softswitch {
namespace {

constexpr std::uint32_t ticks_per_second = 50;
constexpr std::uint32_t report_ticks = 5 * ticks_per_second;
constexpr std::uint32_t relatch_ticks = ticks_per_second;
constexpr std::uint32_t rtcp_every_ticks = 8;
constexpr std::size_t longest_payload_samples = 1920;  // 120 ms at 16 kHz
constexpr std::uint8_t comfort_noise_type = 13;
constexpr std::uint8_t static_pcmu = 0;
constexpr std::uint8_t static_pcma = 8;

std::uint32_t random_u32()
{
    static thread_local std::random_device source;
    return source();
}

std::int64_t wall_ns() noexcept
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::uint64_t ntp_time(std::int64_t ns) noexcept
{
    constexpr std::uint64_t from_1900_to_1970 = 2'208'988'800;
    const auto seconds = static_cast<std::uint64_t>(ns / 1'000'000'000);
    const auto rest = static_cast<std::uint64_t>(ns % 1'000'000'000);
    return (seconds + from_1900_to_1970) << 32 | (rest << 32) / 1'000'000'000;
}

/// The middle 32 bits: 1/65536 s. Source: RFC 3550 4.
std::uint32_t ntp_middle(std::uint64_t ntp) noexcept
{
    return static_cast<std::uint32_t>(ntp >> 16);
}

std::uint32_t ticks(std::chrono::milliseconds time) noexcept
{
    return static_cast<std::uint32_t>(time / std::chrono::milliseconds{20});
}

}  // namespace

void rtp_totals::collect(metrics::writer& out) const
{
    out.counter("strowger_rtp_packets_sent_total", "RTP packets sent", sent.value());
    out.counter("strowger_rtp_packets_received_total", "RTP packets of our parties", received.value());
    out.counter("strowger_rtp_packets_lost_total", "RTP packets that never came", lost.value());
    out.counter("strowger_rtp_packets_late_total", "RTP packets that came too late to be played", late.value());
    out.counter("strowger_rtp_packets_duplicate_total", "RTP packets that came again", duplicate.value());
    out.counter("strowger_rtp_frames_concealed_total", "Frames made up for what was missing", concealed.value());
    out.counter("strowger_rtp_packets_malformed_total", "Datagrams dropped because they were no RTP that we know",
                malformed.value());
    out.counter("strowger_rtp_packets_stray_total", "RTP packets dropped because a stranger sent them",
                strays.value());
    out.counter("strowger_rtp_send_errors_total", "RTP packets that the kernel did not take", send_errors.value());
}

result<std::unique_ptr<rtp_session>> rtp_session::open(const rtp_settings& settings, rtp_totals& totals)
{
    auto sockets = rtp_sockets::bind(settings.address, settings.port_min, settings.port_max);
    if (!sockets) return sockets.error();
    return std::unique_ptr<rtp_session>{new rtp_session{std::move(*sockets), settings, totals}};
}

rtp_session::rtp_session(rtp_sockets sockets, const rtp_settings& settings, rtp_totals& totals)
    : sockets_{std::move(sockets)},
      totals_{totals},
      timeout_ticks_{ticks(settings.media_timeout)},
      ssrc_{random_u32()},
      sequence_{static_cast<std::uint16_t>(random_u32() & 0x7fff)},
      timestamp_{random_u32()},
      ticks_to_report_{ticks_per_second + ssrc_ % report_ticks}
{
    std::snprintf(cname_.data(), cname_.size(), "strowger-%08x", ssrc_);
}

rtp_session::~rtp_session()
{
    if (stats_.sent != 0 || stats_.received != 0) report(true);
    publish();
}

void rtp_session::apply(rtp_plan& plan) noexcept
{
    const bool moved = !(plan.remote == signalled_);
    if (moved || !(plan.codec == codec_) || !buffer_) {
        if (buffer_) {
            const auto now = buffer_->counters();
            before_.lost += now.lost;
            before_.late += now.late;
            before_.duplicate += now.duplicate;
            before_.concealed += now.concealed;
        }
        std::swap(buffer_, plan.buffer);
        keys_in_.set_rate(plan.codec.rate_hz);
        have_transit_ = false;
    }
    if (moved) {
        signalled_ = remote_ = plan.remote;
        remote_rtcp_ = plan.remote_rtcp;
        latched_ = false;
    }
    codec_ = plan.codec;
    may_send_ = plan.send;
    may_receive_ = plan.receive;
    silent_ticks_ = 0;
    timed_out_ = false;
    peer_takes_events_.store(codec_.event_payload_type >= 0, std::memory_order_relaxed);
}

bool rtp_session::send_dtmf(char digit, std::uint32_t duration_ms) noexcept
{
    return peer_takes_events_.load(std::memory_order_relaxed) && keys_out_.push({digit, duration_ms});
}

rtp_stats rtp_session::stats() const noexcept
{
    auto out = stats_;
    const auto now = buffer_ ? buffer_->counters() : media::jitter_counters{};
    out.lost = before_.lost + now.lost;
    out.late = before_.late + now.late;
    out.duplicate = before_.duplicate + now.duplicate;
    out.concealed = before_.concealed + now.concealed;
    out.jitter = jitter_16_ >> 4;
    return out;
}

bool rtp_session::read(std::span<std::int16_t> pcm) noexcept
{
    drain();
    keys_in_.tick();
    watch_silence();
    if (!buffer_) return false;
    return buffer_->get(pcm) != media::jitter_buffer::got::silence;
}

void rtp_session::drain() noexcept
{
    datagram_batch batch;
    for (std::size_t taken = 0; taken < max_packets_per_tick;) {
        const auto got = batch.receive(sockets_.rtp());
        for (const auto& each : got) take_rtp(each);
        taken += got.size();
        if (got.size() < datagram_batch::capacity) break;
    }
    // Reports are rare: looking for them at every tick would double the system calls.
    if (ticks_to_report_ % rtcp_every_ticks == 0) {
        for (const auto& each : batch.receive(sockets_.rtcp())) take_rtcp(each);
    }
}

void rtp_session::watch_silence() noexcept
{
    if (silent_ticks_ < 0xffffffff) ++silent_ticks_;
    if (!may_receive_ || !may_send_) silent_ticks_ = std::min(silent_ticks_, relatch_ticks);
}

bool rtp_session::next_event(transport_event& out) noexcept
{
    if (const auto key = keys_in_.take()) {
        out = {transport_event::kind::dtmf, key->digit, key->duration_ms};
        return true;
    }
    const bool on_hold = !may_receive_ || !may_send_;
    if (timed_out_ || timeout_ticks_ == 0 || on_hold || silent_ticks_ < timeout_ticks_) return false;
    timed_out_ = true;
    out = {transport_event::kind::media_timeout, '\0', 0};
    return true;
}

bool rtp_session::is_party(const datagram& what, const rtp_packet& packet) noexcept
{
    if (latched_ && what.from == remote_) return true;
    const bool silence = silent_ticks_ >= relatch_ticks;
    const bool restarted = packet.ssrc != peer_ssrc_ && what.from.same_host(signalled_);
    if (latched_ && !silence && !restarted) return false;
    latched_ = true;
    if (!(what.from == remote_)) {
        remote_ = what.from;
        remote_rtcp_ = what.from.with_port(static_cast<std::uint16_t>(what.from.port() + 1));
    }
    return true;
}

void rtp_session::follow_ssrc(std::uint32_t ssrc) noexcept
{
    if (stats_.received != 0 && ssrc == peer_ssrc_) return;
    if (stats_.received != 0 && buffer_) buffer_->reset();
    peer_ssrc_ = ssrc;
    keys_in_.reset();
    have_transit_ = false;
    sequence_cycles_ = 0;
    have_sequence_ = false;
}

void rtp_session::follow_sequence(std::uint16_t sequence) noexcept
{
    if (std::exchange(have_sequence_, true)) {
        if (static_cast<std::int16_t>(sequence - highest_sequence_) <= 0) return;
        if (sequence < highest_sequence_) ++sequence_cycles_;
    }
    highest_sequence_ = sequence;
}

void rtp_session::malformed() noexcept
{
    ++stats_.malformed;
}

void rtp_session::take_rtp(const datagram& what) noexcept
{
    rtp_packet packet;
    if (!buffer_ || !parse_rtp(what.bytes, packet)) return malformed();
    const bool is_event = static_cast<int>(packet.payload_type) == codec_.event_payload_type;
    const bool is_static =
        codec_.rate_hz == 8000 && (packet.payload_type == static_pcmu || packet.payload_type == static_pcma);
    const bool is_codec = packet.payload_type == codec_.payload_type;
    if (!is_event && !is_static && !is_codec && packet.payload_type != comfort_noise_type) return malformed();
    if (!is_party(what, packet)) {
        ++stats_.strays;
        return;
    }
    follow_ssrc(packet.ssrc);
    silent_ticks_ = 0;
    timed_out_ = false;
    ++stats_.received;
    stats_.received_bytes += packet.payload.size();
    follow_sequence(packet.sequence);
    if (is_event) {
        ++stats_.events_received;
        if (!keys_in_.put(packet.timestamp, packet.payload)) malformed();
    } else if (is_codec) {
        measure_jitter(packet, what.arrived_ns);
        take_audio(packet, codec_.kind);
    } else if (is_static) {
        take_audio(packet, packet.payload_type == static_pcmu ? payload_kind::ulaw : payload_kind::alaw);
    } else {
        ++stats_.comfort_noise;  // the gap that follows is silence
    }
}

void rtp_session::take_audio(const rtp_packet& packet, payload_kind kind) noexcept
{
    std::array<std::int16_t, longest_payload_samples> pcm;
    const auto samples = decode_payload(kind, packet.payload, pcm);
    if (samples == 0) return malformed();
    if (may_receive_) buffer_->put(packet.sequence, packet.timestamp, std::span{pcm}.first(samples));
}

void rtp_session::measure_jitter(const rtp_packet& packet, std::int64_t arrived_ns) noexcept
{
    if (arrived_ns == 0) return;
    const auto at = static_cast<std::uint64_t>(arrived_ns);
    const auto arrived = static_cast<std::uint32_t>(at / 1'000'000'000 * codec_.rate_hz +
                                                    at % 1'000'000'000 * codec_.rate_hz / 1'000'000'000);
    const std::uint32_t transit = arrived - packet.timestamp;
    if (std::exchange(have_transit_, true)) {
        const auto change = static_cast<std::int32_t>(transit - last_transit_);
        const auto size = static_cast<std::uint32_t>(change < 0 ? -std::int64_t{change} : change);
        jitter_16_ += std::min<std::uint32_t>(size, codec_.rate_hz * 10) - ((jitter_16_ + 8) >> 4);
    }
    last_transit_ = transit;
}

void rtp_session::take_rtcp(const datagram& what) noexcept
{
    rtcp_news news;
    if (!parse_rtcp(what.bytes, ssrc_, news)) return malformed();
    if (!what.from.same_host(remote_) && !what.from.same_host(signalled_)) {
        ++stats_.strays;
        return;
    }
    ++stats_.rtcp_received;
    const auto now = wall_ns();
    if (news.sr_ntp_middle) {
        last_sr_ = *news.sr_ntp_middle;
        last_sr_ns_ = now;
    }
    if (!news.about_us) return;
    stats_.peer_jitter = news.about_us->jitter;
    stats_.peer_lost = news.about_us->lost;
    if (news.about_us->last_sr == 0) return;
    const auto round = ntp_middle(ntp_time(now)) - news.about_us->last_sr - news.about_us->since_last_sr;
    if (round < 65536 * 60) stats_.round_trip_ms = round * 1000.0 / 65536;
}

void rtp_session::write(std::span<const std::int16_t> pcm) noexcept
{
    const auto samples = static_cast<std::uint32_t>(pcm.size());
    const auto now = std::exchange(timestamp_, timestamp_ + samples);
    if (--ticks_to_report_ == 0) {
        ticks_to_report_ = report_ticks;
        report(false);
        publish();
    }
    if (!may_send_ || !remote_.valid() || hushed_.load(std::memory_order_relaxed)) {
        talking_ = false;
        return;
    }
    const auto body = std::span{out_}.subspan(rtp_packet::header_size);
    if (const auto key = codec_.event_payload_type >= 0 ? keys_out_.next(now, samples) : std::nullopt) {
        rtp_packet packet{.marker = key->first,
                          .payload_type = static_cast<std::uint8_t>(codec_.event_payload_type),
                          .timestamp = key->timestamp};
        std::ranges::copy(key->payload, body.begin());
        if (send_packet(packet, key->payload.size())) ++stats_.events_sent;
        return;
    }
    rtp_packet packet{
        .marker = !std::exchange(talking_, true), .payload_type = codec_.payload_type, .timestamp = now};
    send_packet(packet, encode_payload(codec_.kind, pcm, body));
}

bool rtp_session::send_packet(rtp_packet& packet, std::size_t payload_size) noexcept
{
    packet.sequence = sequence_++;
    packet.ssrc = ssrc_;
    write_rtp_header(out_, packet);
    if (!send_datagram(sockets_.rtp(), std::span{out_}.first(rtp_packet::header_size + payload_size), remote_)) {
        totals_.send_errors.add();
        return false;
    }
    ++stats_.sent;
    stats_.sent_bytes += payload_size;
    return true;
}

void rtp_session::skipped(std::uint32_t ticks) noexcept
{
    timestamp_ += ticks * (codec_.rate_hz / ticks_per_second);
    talking_ = false;
}

rtcp_block rtp_session::reception_block() noexcept
{
    const auto now = stats();
    const auto expected = now.received + now.lost;
    const auto new_expected = expected - std::exchange(reported_expected_, expected);
    const auto new_lost = now.lost - std::exchange(reported_lost_, now.lost);
    rtcp_block block;
    block.ssrc = peer_ssrc_;
    block.fraction_lost =
        new_expected == 0 ? std::uint8_t{0}
                          : static_cast<std::uint8_t>(std::min<std::uint64_t>(255, new_lost * 256 / new_expected));
    block.lost = static_cast<std::int32_t>(std::min<std::uint64_t>(now.lost, 0x7fffff));
    block.highest_sequence = std::uint32_t{sequence_cycles_} << 16 | highest_sequence_;
    block.jitter = now.jitter;
    block.last_sr = last_sr_;
    if (last_sr_ != 0) {
        block.since_last_sr = static_cast<std::uint32_t>((wall_ns() - last_sr_ns_) / 1000 * 65536 / 1'000'000);
    }
    return block;
}

void rtp_session::report(bool bye) noexcept
{
    if (!remote_rtcp_.valid()) return;
    rtcp_report what{.ssrc = ssrc_,
                     .is_sender = stats_.sent != std::exchange(sent_at_report_, stats_.sent),
                     .ntp = ntp_time(wall_ns()),
                     .rtp_timestamp = timestamp_,
                     .packets = static_cast<std::uint32_t>(stats_.sent),
                     .octets = static_cast<std::uint32_t>(stats_.sent_bytes),
                     .cname = cname_.data(),
                     .bye = bye};
    if (stats_.received != 0) what.heard = reception_block();
    std::array<std::uint8_t, 160> bytes;
    const auto size = write_rtcp(bytes, what);
    send_datagram(sockets_.rtcp(), std::span{bytes}.first(size), remote_rtcp_);
}

void rtp_session::publish() noexcept
{
    const auto now = stats();
    const auto last = std::exchange(published_, now);
    totals_.sent.add(now.sent - last.sent);
    totals_.received.add(now.received - last.received);
    totals_.late.add(now.late - last.late);
    totals_.duplicate.add(now.duplicate - last.duplicate);
    totals_.concealed.add(now.concealed - last.concealed);
    totals_.malformed.add(now.malformed - last.malformed);
    totals_.strays.add(now.strays - last.strays);
    // A packet that comes after all is no longer lost: what was said already stands until the sum catches up.
    if (now.lost >= last.lost) {
        totals_.lost.add(now.lost - last.lost);
    } else {
        published_.lost = last.lost;
    }
}

}  // namespace strowger::softswitch
