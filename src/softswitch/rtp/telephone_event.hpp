#pragma once
#include "softswitch/rtp/packet.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

namespace strowger::softswitch {

/// One key as the media path knows it.
struct dtmf_key {
    char digit = '\0';
    std::uint32_t duration_ms = 0;
};

/// @return the event's code, or nothing for a character that is no key
std::optional<std::uint8_t> dtmf_code(char digit) noexcept;
std::optional<char> dtmf_digit(std::uint8_t code) noexcept;

/// Makes one key press of the many packets that describe it, even if the last ones are lost.
/// Threads: the media thread. Source: RFC 4733 2.5.
class dtmf_receiver {
public:
    /// A press whose end was lost counts as ended after that many ticks without a packet of it.
    static constexpr std::uint32_t patience_ticks = 6;

    void set_rate(std::uint32_t rate_hz) noexcept { rate_hz_ = rate_hz; }
    void reset() noexcept { *this = dtmf_receiver{rate_hz_}; }
    /// @return false when the payload is malformed. A finished press waits in take().
    bool put(std::uint32_t timestamp, std::span<const std::uint8_t> payload) noexcept;
    /// Once a tick. Silence after the last packet of a press ends it.
    void tick() noexcept;
    std::optional<dtmf_key> take() noexcept;

    dtmf_receiver() = default;

private:
    explicit dtmf_receiver(std::uint32_t rate_hz) noexcept : rate_hz_{rate_hz} {}
    void finish() noexcept;

    std::uint32_t rate_hz_ = 8000;
    bool pressed_ = false;
    bool seen_any_ = false;
    std::uint8_t code_ = 0;
    std::uint32_t timestamp_ = 0;  ///< of the press that is going on, or of the last one
    std::uint32_t duration_ = 0;   ///< [timestamp units]
    std::uint32_t idle_ticks_ = 0;
    std::array<dtmf_key, 4> done_{};
    std::size_t done_count_ = 0;
};

/// Sends keys one after another, one packet a tick, with a gap between them.
/// Threads: push() by the control thread; the rest by the media thread. Source: RFC 4733 2.5.1.
class dtmf_sender {
public:
    static constexpr std::size_t queue_capacity = 128;  ///< a power of two
    static constexpr std::uint32_t gap_ticks = 3;
    static constexpr std::uint32_t end_packets = 3;
    static constexpr std::size_t payload_size = 4;

    /// @return false when the queue is full or `key.digit` is no key
    bool push(const dtmf_key& key) noexcept;
    struct packet {
        bool first = false;           ///< wants the marker bit
        std::uint32_t timestamp = 0;  ///< that of the key's beginning
        std::array<std::uint8_t, payload_size> payload{};
    };
    /// What to send instead of audio in the tick that starts at `timestamp`, or nothing.
    std::optional<packet> next(std::uint32_t timestamp, std::uint32_t samples_per_tick) noexcept;

private:
    bool start(std::uint32_t timestamp) noexcept;

    std::array<dtmf_key, queue_capacity> queue_{};
    std::atomic<std::size_t> head_{0};
    std::atomic<std::size_t> tail_{0};
    bool sending_ = false;
    std::uint8_t code_ = 0;
    std::uint32_t began_ = 0;
    std::uint32_t sent_ticks_ = 0;
    std::uint32_t wanted_ticks_ = 0;
    std::uint32_t ends_sent_ = 0;
    std::uint32_t wait_ticks_ = 0;
};

}  // namespace strowger::softswitch
