#pragma once
#include "media/detail/concealer.hpp"
#include "media/detail/delay_estimator.hpp"

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace strowger::media {

struct jitter_settings {
    std::uint32_t rate_hz = 8000;      ///< of the PCM and of the RTP time stamps; 8000 to 48000
    std::uint32_t frame_ms = 20;       ///< what one get() fills; 5 to 60
    std::uint32_t min_delay_ms = 20;   ///< how long the fastest packet waits, at least
    std::uint32_t max_delay_ms = 200;  ///< at most; up to 1000
};

struct jitter_counters {
    std::uint64_t received = 0;   ///< packets given to put(), whatever became of them
    std::uint64_t late = 0;       ///< packets that came after their place was played
    std::uint64_t duplicate = 0;  ///< packets that had come before
    std::uint64_t refused = 0;    ///< packets of no or more than 120 ms, or astray in time
    std::uint64_t lost = 0;       ///< packets that never came (RFC 3550 6.4.1), so far
    std::uint64_t concealed = 0;  ///< frames in which something was made up
    std::uint64_t resets = 0;     ///< jumps of the sender's time stamps that were followed
    std::uint32_t delay_ms = 0;   ///< how long the fastest packets wait now
};

/// Turns one RTP stream's packets into one frame a tick.
///
/// Samples are laid on a timeline by their time stamp, so that packets may be of any length from 5 to 120 ms,
/// come in any order and more than once. The delay follows the jitter measured in ticks of get(), between its
/// bounds: the buffer drops or repeats one pitch period, or a bit of silence, at a time, which also takes care
/// of the two clocks' skew. What is missing is concealed for 60 ms, then silence.
///
/// Shape:   mono int16, host order, at rate_hz; a frame is rate_hz * frame_ms / 1000 samples.
/// Threads: put(), get() and reset() by one thread at a time; counters() by any.
/// Memory:  all of it in the constructor; nothing allocates, locks or throws afterwards.
class jitter_buffer {
public:
    /// Settings out of their range are moved to the nearest end of it.
    explicit jitter_buffer(const jitter_settings& settings);

    /// Takes one packet's samples. Bounded work, whatever the packet says.
    void put(std::uint16_t seq, std::uint32_t rtp_timestamp, std::span<const std::int16_t> pcm) noexcept;

    enum class got : std::uint8_t {
        frame,      ///< every sample is the sender's
        concealed,  ///< some or all are made up
        silence,    ///< nothing has come yet, or nothing for so long that concealment has died away
    };
    /// Fills the next frame and moves on by one tick. A span of another size than frame_samples() is
    /// filled with silence and nothing moves.
    got get(std::span<std::int16_t> frame) noexcept;

    /// Forgets the stream (new SSRC, new codec) but not the counters.
    void reset() noexcept;

    std::size_t frame_samples() const noexcept { return frame_; }
    jitter_counters counters() const noexcept;

private:
    /// Samples since the first packet; never wraps.
    using position = std::int64_t;
    using count = std::atomic<std::uint64_t>;

    bool is_duplicate(std::uint16_t seq) const noexcept;
    void follow_sequence(std::uint16_t seq) noexcept;
    bool place(std::uint16_t seq, std::uint32_t timestamp, position& at) noexcept;
    bool is_stray(std::uint16_t seq, std::uint32_t timestamp) noexcept;
    void re_anchor(std::uint32_t timestamp) noexcept;
    void resume(position at) noexcept;
    void store(position at, std::span<const std::int16_t> pcm) noexcept;

    bool adjust(std::span<std::int16_t> frame) noexcept;
    bool skip_period(std::span<std::int16_t> frame) noexcept;
    bool repeat_period(std::span<std::int16_t> frame) noexcept;
    std::size_t best_lag(std::size_t from, std::size_t longest, bool backwards) const noexcept;
    got render(std::span<std::int16_t> frame) noexcept;
    void move_to(position where) noexcept;
    bool all_present(position from, std::size_t samples) const noexcept;
    void copy_out(position from, std::span<std::int16_t> pcm) const noexcept;
    position delay() const noexcept { return estimate_.fastest() - (play_ - clock_); }
    position target() const noexcept { return estimate_.target(); }
    std::size_t index(position at) const noexcept { return static_cast<std::size_t>(at) & mask_; }

    const jitter_settings settings_;
    std::size_t frame_;
    position max_delay_;
    position window_;  ///< how far from the play position a time stamp is believed
    std::size_t max_packet_;
    std::size_t overlap_;
    std::size_t shortest_lag_;
    std::size_t longest_lag_;
    std::size_t mask_;
    std::vector<std::int16_t> samples_;
    std::vector<std::uint8_t> present_;
    std::vector<std::int16_t> scratch_;  ///< longest_lag_ before, a frame, longest_lag_ after
    detail::concealer concealer_;
    detail::delay_estimator estimate_;

    bool running_ = false;
    position clock_ = 0;  ///< get()s so far, in samples: our own time
    position play_ = 0;   ///< what the next get() starts with
    position end_ = 0;    ///< one past the newest sample stored
    position anchor_at_ = 0;
    std::uint32_t anchor_timestamp_ = 0;
    std::size_t calm_ = 0;  ///< samples since the last adjustment

    bool have_sequence_ = false;
    std::uint64_t highest_sequence_ = 0;  ///< extended by its cycles
    std::uint64_t seen_ = 0;              ///< bit n: highest_sequence_ - n has come
    bool have_stray_ = false;
    std::uint16_t stray_sequence_ = 0;
    std::uint32_t stray_timestamp_ = 0;

    count received_{0}, late_{0}, duplicate_{0}, refused_{0}, concealed_{0}, resets_{0};
    count expected_{0}, unique_{0};
    std::atomic<std::uint32_t> delay_ms_{0};
};

}  // namespace strowger::media
