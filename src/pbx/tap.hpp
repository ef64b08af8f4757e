#pragma once
#include <cstdint>
#include <span>

namespace strowger::pbx {

/// One direction's audio as the switch hands it over: 16-bit PCM, host order, interleaved if stereo.
struct media_format {
    std::uint32_t rate_hz = 8000;
    std::uint32_t ptime_ms = 20;
    std::uint32_t channels = 1;

    std::size_t frame_samples() const noexcept { return std::size_t{rate_hz} * ptime_ms / 1000 * channels; }
    bool operator==(const media_format&) const = default;
};

/// Our copy of a leg's audio (FreeSWITCH: media bug; Asterisk: audiohook).
///
/// Threads: the switch's media thread, every ptime; no lock, allocation, log or system call there.
///          on_start and on_end may come from another thread, never while a frame call is running.
class tap {
public:
    virtual ~tap() = default;
    /// Once before the first frame, and again when the format changes in mid-call.
    virtual void on_start(const media_format& format) noexcept = 0;
    /// What the party said: one frame.
    virtual void on_read(std::span<const std::int16_t> pcm) noexcept = 0;
    /// What is about to be played to the party: one frame, which may be mixed into or replaced.
    virtual void on_write(std::span<std::int16_t> pcm) noexcept = 0;
    /// Once, whatever ended it: detach, hang-up, the switch stopping. No call follows.
    virtual void on_end() noexcept = 0;
};

}  // namespace strowger::pbx
