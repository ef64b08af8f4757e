#pragma once
#include "pbx/tap.hpp"
#include "softswitch/engine/volume.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace strowger::softswitch {

/// What a transport noticed besides audio.
struct transport_event {
    enum class kind : std::uint8_t { dtmf, media_timeout };
    kind what = kind::dtmf;
    char digit = '\0';
    std::uint32_t duration_ms = 0;
};

/// A leg's link with its party on the media thread: RTP, a loopback pipe, a tone.
/// Threads: media thread; no lock, allocation, log or blocking call. Destroyed on the control thread.
class media_transport {
public:
    virtual ~media_transport() = default;
    /// Fills one frame from the party. False: nothing came and nothing was concealed; the frame is silence.
    virtual bool read(std::span<std::int16_t> pcm) noexcept = 0;
    /// Sends one frame to the party.
    virtual void write(std::span<const std::int16_t> pcm) noexcept = 0;
    /// Takes the oldest thing noticed since the last call; asked after each read().
    virtual bool next_event(transport_event&) noexcept { return false; }
    /// The engine stalled and leaves out that many frames in both directions.
    virtual void skipped(std::uint32_t) noexcept {}
};

/// Something to play: a file, a tone, music. Same thread rules as media_transport.
class frame_source {
public:
    virtual ~frame_source() = default;
    /// Fills one frame; a last, partial one is padded with silence. False: ended, nothing was filled.
    virtual bool next(std::span<std::int16_t> pcm) noexcept = 0;
    /// Begins again, if it can.
    virtual void rewind() noexcept {}
};

/// Something that listens to both directions of a leg: a recorder. Same thread rules.
class frame_sink {
public:
    virtual ~frame_sink() = default;
    /// `read` came from the party, `written` was sent to it; both one frame of the port's format.
    virtual void put(std::span<const std::int16_t> read, std::span<const std::int16_t> written) noexcept = 0;
};

/// Of a leg's audio: `read` comes from the party, `write` goes to it.
enum class direction : std::uint8_t { read, write };

/// One leg's place in the media engine, which every 20 ms reads all transports, decides what each party
/// hears, and writes all transports.
///
/// What the party hears, first that applies: what is played (`play`), the bridged leg (`bridge`),
/// itself (`set_echo`), silence. Legs of different rates are resampled where they meet. What displaces
/// comes over that, then taps may change it, and the volume has the last word.
///
/// Threads: control thread, except attach() and detach(), which may come from any thread.
/// Lifetime: owned by the leg; destroying it takes it out of the engine, ends its taps, and returns only
///           when the media thread has let go.
class media_port {
public:
    virtual ~media_port() = default;

    virtual pbx::media_format format() const noexcept = 0;

    /// Plays `source`, replacing what was playing. `on_end(completed)` is called once on the control thread:
    /// true when the source ended by itself, false when it was replaced, stopped, or the port went away.
    virtual void play(std::unique_ptr<frame_source> source, std::function<void(bool completed)> on_end) = 0;
    virtual void stop_playing() = 0;
    virtual void set_echo(bool on) = 0;
    /// Each of the two hears the other until unbridge() on either.
    virtual void bridge(media_port& peer) = 0;
    virtual void unbridge() = 0;
    /// Until `source` ends, the party hears it: with what it would hear otherwise if it `mixes`, else instead of
    /// that, and the party itself is silent to others meanwhile, as in FreeSWITCH. Later ones come over earlier ones.
    /// `on_end` is called once on the control thread, however it ended.
    /// @return a number for stop_displacing()
    virtual std::uint64_t displace(std::unique_ptr<frame_source> source, bool mixes,
                                   std::function<void()> on_end) = 0;
    virtual void stop_displacing(std::uint64_t which) = 0;
    /// Everybody but the transport gets `read` at its volume; the party and the sinks get `write` at its.
    virtual void set_volume(direction which, volume to) = 0;
    /// Starts or stops giving both directions to `sink`. The engine keeps a reference while it uses it.
    virtual void add_sink(std::shared_ptr<frame_sink> sink) = 0;
    virtual void remove_sink(const std::shared_ptr<frame_sink>& sink) = 0;

    virtual bool attach(std::shared_ptr<pbx::tap> listener) = 0;
    virtual void detach(const std::shared_ptr<pbx::tap>& listener) = 0;
};

}  // namespace strowger::softswitch
