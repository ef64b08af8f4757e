#pragma once
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "media/jitter_buffer.hpp"
#include "softswitch/media_port.hpp"
#include "softswitch/rtp/codec.hpp"
#include "softswitch/rtp/rtcp.hpp"
#include "softswitch/rtp/socket.hpp"
#include "softswitch/rtp/telephone_event.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>

namespace strowger::softswitch {

/// Sums over all sessions since the start.
struct rtp_totals {
    metrics::counter sent, received, lost, late, duplicate, concealed, malformed, strays, send_errors;
    void collect(metrics::writer& out) const;
};

/// One session's numbers.
struct rtp_stats {
    std::uint64_t sent = 0;
    std::uint64_t sent_bytes = 0;  ///< of payload
    std::uint64_t received = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t lost = 0, late = 0, duplicate = 0, concealed = 0;
    std::uint64_t malformed = 0;  ///< no RTP, or no payload of what was agreed
    std::uint64_t strays = 0;     ///< from somebody who is not our party
    std::uint64_t events_received = 0, events_sent = 0, comfort_noise = 0;
    std::uint64_t rtcp_received = 0;
    std::uint32_t jitter = 0;       ///< [timestamp units] of what we hear
    std::uint32_t peer_jitter = 0;  ///< [timestamp units] of what the party hears, by its reports
    std::int32_t peer_lost = 0;
    double round_trip_ms = 0;
};

struct rtp_settings {
    udp_address address;         ///< to bind; the port is ignored
    std::uint16_t port_min = 0;  ///< 0: any
    std::uint16_t port_max = 0;
    std::chrono::milliseconds media_timeout{60'000};  ///< 0: never
};

/// What signalling agreed on; takes effect as a whole. Made on the control side, so that the media thread
/// only swaps pointers.
struct rtp_plan {
    rtp_plan(const rtp_codec& with, const udp_address& to, const udp_address& to_rtcp, bool may_send,
             bool may_receive)
        : codec{with},
          remote{to},
          remote_rtcp{to_rtcp},
          send{may_send},
          receive{may_receive},
          buffer{std::make_unique<media::jitter_buffer>(media::jitter_settings{.rate_hz = with.rate_hz})}
    {
    }
    rtp_codec codec;
    udp_address remote;
    udp_address remote_rtcp;
    bool send = true;
    bool receive = true;
    std::unique_ptr<media::jitter_buffer> buffer;
};

/// A leg's RTP and RTCP.
///
/// It sends one packet a frame for as long as it may, silence included. It answers to where packets really
/// come from (symmetric RTP): the first valid packet after a plan decides, and another source takes over only
/// after a second of silence, or with a new SSRC from the host that was signalled.
///
/// Threads: open(), send_dtmf() and the destructor on the control thread; apply() and stats() there before the
///          port exists or between ticks; everything else on the media thread.
/// Source: RFC 3550, RFC 3551, RFC 4733, RFC 4961.
class rtp_session final : public media_transport {
public:
    static constexpr std::size_t max_packets_per_tick = 16;

    [[nodiscard]] static result<std::unique_ptr<rtp_session>> open(const rtp_settings& settings, rtp_totals& totals);
    ~rtp_session() override;
    rtp_session(const rtp_session&) = delete;
    rtp_session& operator=(const rtp_session&) = delete;

    std::uint16_t port() const noexcept { return sockets_.port(); }
    std::uint32_t ssrc() const noexcept { return ssrc_; }
    /// Swaps the old buffer into `plan`, to be freed by who made it.
    void apply(rtp_plan& plan) noexcept;
    /// @return false when the party can't or the queue is full
    bool send_dtmf(char digit, std::uint32_t duration_ms) noexcept;
    /// Sends nothing from now on. Control thread.
    void hush() noexcept { hushed_.store(true, std::memory_order_relaxed); }
    rtp_stats stats() const noexcept;

    bool read(std::span<std::int16_t> pcm) noexcept override;
    void write(std::span<const std::int16_t> pcm) noexcept override;
    bool next_event(transport_event& out) noexcept override;
    void skipped(std::uint32_t ticks) noexcept override;

    /// What arrives, without a socket.
    void take_rtp(const datagram& what) noexcept;
    void take_rtcp(const datagram& what) noexcept;

private:
    rtp_session(rtp_sockets sockets, const rtp_settings& settings, rtp_totals& totals);

    void drain() noexcept;
    bool is_party(const datagram& what, const rtp_packet& packet) noexcept;
    void follow_ssrc(std::uint32_t ssrc) noexcept;
    void follow_sequence(std::uint16_t sequence) noexcept;
    void take_audio(const rtp_packet& packet, payload_kind kind) noexcept;
    void measure_jitter(const rtp_packet& packet, std::int64_t arrived_ns) noexcept;
    void watch_silence() noexcept;
    bool send_packet(rtp_packet& packet, std::size_t payload_size) noexcept;
    void report(bool bye) noexcept;
    rtcp_block reception_block() noexcept;
    void publish() noexcept;
    void malformed() noexcept;

    rtp_sockets sockets_;
    rtp_totals& totals_;
    std::uint32_t timeout_ticks_;

    rtp_codec codec_;
    udp_address signalled_;
    udp_address remote_;
    udp_address remote_rtcp_;
    bool may_send_ = false;
    bool may_receive_ = false;
    std::unique_ptr<media::jitter_buffer> buffer_;

    // Heard.
    bool latched_ = false;
    std::uint32_t peer_ssrc_ = 0;
    std::uint32_t silent_ticks_ = 0;
    bool timed_out_ = false;
    bool have_sequence_ = false;
    std::uint16_t highest_sequence_ = 0;
    std::uint16_t sequence_cycles_ = 0;
    std::uint32_t last_transit_ = 0;
    bool have_transit_ = false;
    std::uint32_t jitter_16_ = 0;  ///< [timestamp units * 16], RFC 3550 A.8
    dtmf_receiver keys_in_;

    // Said.
    std::uint32_t ssrc_;
    std::uint16_t sequence_;
    std::uint32_t timestamp_;
    std::atomic<bool> hushed_{false};
    bool talking_ = false;  ///< the last tick sent audio: no marker bit wanted
    dtmf_sender keys_out_;
    std::atomic<bool> peer_takes_events_{false};
    std::array<std::uint8_t, rtp_packet::header_size + 1920> out_{};

    // Reports.
    std::array<char, 24> cname_{};
    std::uint32_t ticks_to_report_;
    std::uint32_t last_sr_ = 0;
    std::int64_t last_sr_ns_ = 0;
    std::uint64_t reported_expected_ = 0, reported_lost_ = 0;
    std::uint64_t sent_at_report_ = 0;
    rtp_stats stats_;
    rtp_stats published_;
    media::jitter_counters before_;  ///< of the buffers that were replaced
};

}  // namespace strowger::softswitch
