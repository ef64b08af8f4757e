#pragma once
#include "media/resampler.hpp"
#include "softswitch/engine/event_ring.hpp"
#include "softswitch/engine/parcel.hpp"
#include "softswitch/media_port.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

namespace strowger::softswitch {

class mixer;
struct mixer_slot;

/// A source on its way to being played, or playing. Comes back when it ended or was replaced.
class playback final : public parcel {
public:
    playback(mixer& by, mixer_slot& where, std::unique_ptr<frame_source> what, std::function<void(bool)> on_end)
        : source{std::move(what)}, mixer_{by}, slot_{where}, on_end_{std::move(on_end)}
    {
    }
    bool open() noexcept override;
    void returned() override
    {
        if (on_end_) on_end_(completed);
    }

    std::unique_ptr<frame_source> source;
    bool completed = false;

private:
    mixer& mixer_;
    mixer_slot& slot_;
    std::function<void(bool)> on_end_;
};

/// A source on its way to displacing what a party hears, or doing so.
class displacement final : public parcel {
public:
    displacement(mixer& by, mixer_slot& where, std::uint64_t number, std::unique_ptr<frame_source> what, bool adds,
                 std::function<void()> on_end)
        : id{number}, source{std::move(what)}, mixes{adds}, mixer_{by}, slot_{where}, on_end_{std::move(on_end)}
    {
    }
    bool open() noexcept override;
    void returned() override
    {
        if (on_end_) on_end_();
    }

    const std::uint64_t id;
    const std::unique_ptr<frame_source> source;
    const bool mixes;
    displacement* following = nullptr;

private:
    mixer& mixer_;
    mixer_slot& slot_;
    std::function<void()> on_end_;
};

/// One direction of a bridge: what `slot` hears from `peer`, resampled where their rates differ.
struct bridge_half final : parcel {
    mixer_slot* peer = nullptr;
    std::unique_ptr<media::resampler> rate;
};

/// An entry of a slot's list of taps or sinks.
template <class Listener>
struct listener_entry final : parcel {
    explicit listener_entry(std::shared_ptr<Listener> who) : listener{std::move(who)} {}
    std::shared_ptr<Listener> listener;
    listener_entry* following = nullptr;
};
using tap_entry = listener_entry<pbx::tap>;
using sink_entry = listener_entry<frame_sink>;

/// A port as the media thread sees it.
struct mixer_slot {
    /// 20 ms at 48 kHz.
    static constexpr std::size_t max_frame = 960;

    std::uint64_t id = 0;
    pbx::media_format format;
    std::unique_ptr<media_transport> transport;
    std::array<std::int16_t, max_frame> from_party{};
    std::array<std::int16_t, max_frame> to_party{};
    playback* playing = nullptr;
    displacement* displacing = nullptr;  ///< the oldest
    bridge_half* bridged = nullptr;
    tap_entry* taps = nullptr;
    sink_entry* sinks = nullptr;
    volume read_volume, write_volume;
    bool echo = false;
    mixer_slot* before = nullptr;
    mixer_slot* after = nullptr;

    std::span<std::int16_t> heard() noexcept { return std::span{from_party}.first(format.frame_samples()); }
    std::span<std::int16_t> said() noexcept { return std::span{to_party}.first(format.frame_samples()); }
};

/// What the media thread does every 20 ms, without the clock that tells it when.
///
/// Threads: everything but `inbox`, `outbox.take()` and `events.pop()` belongs to the thread that ticks.
class mixer {
public:
    /// Opens what the control side sent. Also run between ticks, when somebody waits for it.
    void open_parcels() noexcept;
    /// One frame of every port: reads all transports, decides what each party hears, writes all transports.
    void tick() noexcept;
    void skip(std::uint32_t ticks) noexcept;

    void insert(mixer_slot& slot) noexcept;
    /// Takes `slot` out; what it held is on its way back. Nothing of it is touched afterwards.
    void remove(mixer_slot& slot) noexcept;
    void stop_playing(mixer_slot& slot) noexcept;
    void start_playing(mixer_slot& slot, playback& what) noexcept;
    void start_displacing(mixer_slot& slot, displacement& what) noexcept;
    void stop_displacing(mixer_slot& slot, std::uint64_t which) noexcept;
    void join(mixer_slot& a, bridge_half& heard_by_a, mixer_slot& b, bridge_half& heard_by_b) noexcept;
    void part(mixer_slot& slot) noexcept;
    template <class Listener>
    void link(listener_entry<Listener>*& list, listener_entry<Listener>& entry) noexcept
    {
        entry.following = list;
        list = &entry;
    }
    /// Unlinks the entry of `listener` from `list` and sends it back.
    template <class Listener>
    void unlink(listener_entry<Listener>*& list, const Listener* listener) noexcept
    {
        for (auto** link = &list; *link != nullptr; link = &(*link)->following) {
            if ((*link)->listener.get() != listener) continue;
            auto& entry = **link;
            *link = entry.following;
            outbox.add(entry);
            return;
        }
    }

    parcel_inbox inbox;
    parcel_outbox outbox;
    event_ring events;
    std::atomic<std::uint64_t> events_lost{0};

    /// Offers what is on its way back. @return whether the control thread should look
    bool report() noexcept { return outbox.offer() || std::exchange(noticed_, false); }

private:
    void read(mixer_slot& slot) noexcept;
    void notice(mixer_slot& slot) noexcept;
    void decide(mixer_slot& slot) noexcept;
    void compose(mixer_slot& slot, std::span<std::int16_t> out) noexcept;
    void displace(mixer_slot& slot, std::span<std::int16_t> out) noexcept;
    void retire(displacement*& link) noexcept;

    std::array<std::int16_t, mixer_slot::max_frame> displacing_{};  ///< one source's frame
    mixer_slot* slots_ = nullptr;
    bool noticed_ = false;
};

}  // namespace strowger::softswitch
