#include "softswitch/engine/media_engine.hpp"

#include "base/log.hpp"
#include "softswitch/engine/media_clock.hpp"
#include "softswitch/engine/mixer.hpp"

#include <cassert>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include <re.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace strowger::softswitch {
namespace {

/// Work that nobody waits for.
template <class Work>
class order final : public parcel {
public:
    explicit order(Work work) : work_{std::move(work)} {}
    bool open() noexcept override
    {
        work_();
        return true;
    }

private:
    Work work_;
};

/// Work that its sender waits for, on the sender's stack.
class errand final : public parcel {
public:
    errand(const std::function<void()>& work, std::atomic<std::uint32_t>& progress) : work_{work}, progress_{progress}
    {
    }
    bool open() noexcept override
    {
        auto& progress = progress_;
        work_();
        done_.store(true, std::memory_order_release);  // the sender may be gone from here on
        progress.fetch_add(1, std::memory_order_release);
        progress.notify_all();
        return false;
    }
    void wait() const noexcept
    {
        for (;;) {
            const auto seen = progress_.load(std::memory_order_acquire);
            if (done_.load(std::memory_order_acquire)) return;
            progress_.wait(seen, std::memory_order_acquire);
        }
    }

private:
    const std::function<void()>& work_;
    std::atomic<std::uint32_t>& progress_;
    std::atomic<bool> done_{false};
};

std::unique_ptr<media::resampler> resampler_between(std::uint32_t from_hz, std::uint32_t to_hz)
{
    if (from_hz == to_hz) return nullptr;
    auto made = media::resampler::create(from_hz, to_hz);
    if (made) return std::move(*made);
    log::error("media", "cannot bridge", {{"from_hz", from_hz}, {"to_hz", to_hz}, {"ec", made.error().message()}});
    return nullptr;
}

}  // namespace

struct media_engine::impl {
    explicit impl(control_loop& loop) : control{loop} {}

    void run_tick()
    {
        mix.open_parcels();
        mix.tick();
        if (mix.report()) wake_control();
    }
    void poked()
    {
        mix.open_parcels();
        if (mix.report()) wake_control();
    }
    void wake_control() const noexcept
    {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto sent = ::write(wake, &one, sizeof one);
    }

    void send(parcel* made) noexcept { mix.inbox.push(*made); }
    template <class Work>
    void send_order(Work work)
    {
        send(new order<Work>{std::move(work)});
    }
    void between_ticks(const std::function<void()>& work)
    {
        errand mine{work, progress};
        mix.inbox.push(mine);
        if (clock) {
            clock->poke();
        } else {
            poked();
        }
        mine.wait();
    }

    void listen();
    void deliver();
    void take_back();

    control_loop& control;
    mixer mix;
    std::atomic<std::uint32_t> progress{0};
    std::uint64_t last_id = 0;
    std::unordered_map<std::uint64_t, port_events> listeners;  ///< by port; control thread
    std::atomic<std::size_t> ports{0};
    int wake = -1;
    std::unique_ptr<media_clock> clock;  ///< last: its thread uses all of the above
};

void media_engine::impl::listen()
{
    wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (wake < 0) throw std::runtime_error{"no descriptors left for the media engine"};
    control.call([this] {
        const int err = fd_listen(
            wake, FD_READ,
            [](int, void* self) {
                try {
                    static_cast<impl*>(self)->deliver();
                } catch (const std::exception& what) {
                    log::error("media", "an event of a port was not handled", {{"what", what.what()}});
                }
            },
            this);
        if (err != 0) log::error("media", "cannot listen to the media thread", {{"errno", err}});
    });
}

void media_engine::impl::deliver()
{
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake, &count, sizeof count);
    for (port_event event; mix.events.pop(event);) {
        const auto found = listeners.find(event.port);
        if (found == listeners.end()) continue;
        const auto to = found->second;  // a copy: the handler may destroy the port
        if (event.what.what == transport_event::kind::dtmf) {
            if (to.on_dtmf) to.on_dtmf(event.what.digit, event.what.duration_ms);
        } else if (to.on_media_timeout) {
            to.on_media_timeout();
        }
    }
    take_back();
}

void media_engine::impl::take_back()
{
    for (parcel* each = mix.outbox.take(); each != nullptr;) {
        const std::unique_ptr<parcel> mine{std::exchange(each, each->next)};
        mine->returned();
    }
}

/// The control side of a slot.
class engine_port final : public media_port {
public:
    engine_port(media_engine::impl& engine, std::unique_ptr<media_transport> transport, pbx::media_format format)
        : engine_{engine}, slot_{std::make_unique<mixer_slot>()}
    {
        slot_->id = ++engine_.last_id;
        slot_->format = format;
        slot_->transport = std::move(transport);
        format_ = format;
        engine_.ports.fetch_add(1, std::memory_order_relaxed);
        engine_.send_order([&mix = engine_.mix, &slot = *slot_]() noexcept { mix.insert(slot); });
    }
    ~engine_port() override;
    engine_port(const engine_port&) = delete;
    engine_port& operator=(const engine_port&) = delete;

    std::uint64_t id() const noexcept { return slot_->id; }
    pbx::media_format format() const noexcept override { return format_; }
    void play(std::unique_ptr<frame_source> source, std::function<void(bool)> on_end) override
    {
        engine_.send(new playback{engine_.mix, *slot_, std::move(source), std::move(on_end)});
    }
    void stop_playing() override
    {
        engine_.send_order([&mix = engine_.mix, &slot = *slot_]() noexcept { mix.stop_playing(slot); });
    }
    void set_echo(bool on) override
    {
        engine_.send_order([&slot = *slot_, on]() noexcept { slot.echo = on; });
    }
    std::uint64_t displace(std::unique_ptr<frame_source> source, bool mixes, std::function<void()> on_end) override;
    void stop_displacing(std::uint64_t which) override;
    void set_volume(direction which, volume to) override;
    void bridge(media_port& peer) override;
    void unbridge() override;
    void add_sink(std::shared_ptr<frame_sink> sink) override;
    void remove_sink(const std::shared_ptr<frame_sink>& sink) override;
    bool attach(std::shared_ptr<pbx::tap> listener) override;
    void detach(const std::shared_ptr<pbx::tap>& listener) override;
    void reformat(pbx::media_format format, const std::function<void()>& change);

private:
    void link(const std::shared_ptr<pbx::tap>& listener);

    media_engine::impl& engine_;
    std::unique_ptr<mixer_slot> slot_;
    pbx::media_format format_;  ///< under mutex_ when it changes
    engine_port* peer_ = nullptr;
    std::uint64_t last_displacement_ = 0;
    std::mutex mutex_;  ///< makes attach, detach and reformat take turns; never taken by the media thread
    std::vector<std::shared_ptr<pbx::tap>> taps_;
};

engine_port::~engine_port()
{
    const std::lock_guard lock{mutex_};
    if (peer_ != nullptr) std::exchange(peer_, nullptr)->peer_ = nullptr;
    engine_.between_ticks([this] { engine_.mix.remove(*slot_); });
    engine_.listeners.erase(id());
    engine_.ports.fetch_sub(1, std::memory_order_relaxed);
    for (const auto& each : taps_) each->on_end();
}

std::uint64_t engine_port::displace(std::unique_ptr<frame_source> source, bool mixes, std::function<void()> on_end)
{
    const auto id = ++last_displacement_;
    engine_.send(new displacement{engine_.mix, *slot_, id, std::move(source), mixes, std::move(on_end)});
    return id;
}

void engine_port::stop_displacing(std::uint64_t which)
{
    engine_.send_order([&mix = engine_.mix, &slot = *slot_, which]() noexcept { mix.stop_displacing(slot, which); });
}

void engine_port::set_volume(direction which, volume to)
{
    engine_.send_order([&slot = *slot_, which, to]() noexcept {
        (which == direction::read ? slot.read_volume : slot.write_volume) = to;
    });
}

void engine_port::bridge(media_port& peer)
{
    auto& other = dynamic_cast<engine_port&>(peer);
    assert(&other != this);
    unbridge();
    other.unbridge();
    peer_ = &other;
    other.peer_ = this;
    auto mine = std::make_unique<bridge_half>();
    auto theirs = std::make_unique<bridge_half>();
    mine->rate = resampler_between(other.format_.rate_hz, format_.rate_hz);
    theirs->rate = resampler_between(format_.rate_hz, other.format_.rate_hz);
    engine_.send_order([&mix = engine_.mix, &a = *slot_, &b = *other.slot_, half_a = mine.release(),
                        half_b = theirs.release()]() noexcept { mix.join(a, *half_a, b, *half_b); });
}

void engine_port::unbridge()
{
    if (peer_ == nullptr) return;
    std::exchange(peer_, nullptr)->peer_ = nullptr;
    engine_.send_order([&mix = engine_.mix, &slot = *slot_]() noexcept { mix.part(slot); });
}

void engine_port::add_sink(std::shared_ptr<frame_sink> sink)
{
    auto* const entry = new sink_entry{std::move(sink)};
    engine_.send_order([&mix = engine_.mix, &slot = *slot_, entry]() noexcept { mix.link(slot.sinks, *entry); });
}

void engine_port::remove_sink(const std::shared_ptr<frame_sink>& sink)
{
    engine_.send_order([&mix = engine_.mix, &slot = *slot_, sink]() noexcept { mix.unlink(slot.sinks, sink.get()); });
}

void engine_port::link(const std::shared_ptr<pbx::tap>& listener)
{
    listener->on_start(format_);
    auto* const entry = new tap_entry{listener};
    engine_.send_order([&mix = engine_.mix, &slot = *slot_, entry]() noexcept { mix.link(slot.taps, *entry); });
}

bool engine_port::attach(std::shared_ptr<pbx::tap> listener)
{
    const std::lock_guard lock{mutex_};
    if (std::ranges::find(taps_, listener) != taps_.end()) return false;
    taps_.push_back(listener);
    link(listener);
    return true;
}

void engine_port::detach(const std::shared_ptr<pbx::tap>& listener)
{
    const auto keep = listener;  // the caller's reference may be the one in taps_
    const std::lock_guard lock{mutex_};
    if (std::erase(taps_, keep) == 0) return;
    engine_.between_ticks([&] { engine_.mix.unlink(slot_->taps, keep.get()); });
    keep->on_end();
}

void engine_port::reformat(pbx::media_format format, const std::function<void()>& change)
{
    const std::lock_guard lock{mutex_};
    auto* const peer = peer_;
    unbridge();
    engine_.between_ticks([&] {
        for (const auto& each : taps_) engine_.mix.unlink(slot_->taps, each.get());
        slot_->format = format;
        if (change) change();
    });
    format_ = format;
    for (const auto& each : taps_) link(each);
    if (peer != nullptr) bridge(*peer);
}

media_engine::media_engine(std::unique_ptr<impl> made) : impl_{std::move(made)} {}

std::unique_ptr<media_engine> media_engine::start_without_clock(control_loop& control)
{
    auto made = std::make_unique<impl>(control);
    made->listen();
    return std::unique_ptr<media_engine>{new media_engine{std::move(made)}};
}

std::unique_ptr<media_engine> media_engine::start(control_loop& control)
{
    auto engine = start_without_clock(control);
    auto& self = *engine->impl_;
    self.clock = std::make_unique<media_clock>(media_clock::duties{
        .tick = [&self] { self.run_tick(); },
        .skip = [&self](std::uint32_t ticks) { self.mix.skip(ticks); },
        .poke = [&self] { self.poked(); },
    });
    return engine;
}

media_engine::~media_engine()
{
    assert(impl_->ports.load() == 0);
    impl_->clock.reset();
    impl_->control.call([this] {
        fd_close(impl_->wake);
        impl_->mix.open_parcels();
        // One chain may have been offered already; the rest follows in the second round.
        for (int round = 0; round < 2; ++round) {
            impl_->mix.report();
            impl_->take_back();
        }
    });
    ::close(impl_->wake);
}

std::unique_ptr<media_port> media_engine::add(std::unique_ptr<media_transport> transport, pbx::media_format format,
                                              port_events events)
{
    assert(format.ptime_ms == ptime_ms && format.frame_samples() <= mixer_slot::max_frame);
    auto port = std::make_unique<engine_port>(*impl_, std::move(transport), format);
    impl_->listeners.emplace(port->id(), std::move(events));
    return port;
}

void media_engine::reformat(media_port& port, pbx::media_format format, const std::function<void()>& change)
{
    assert(format.ptime_ms == ptime_ms && format.frame_samples() <= mixer_slot::max_frame);
    dynamic_cast<engine_port&>(port).reformat(format, change);
}

void media_engine::between_ticks(const std::function<void()>& work)
{
    impl_->between_ticks(work);
}

void media_engine::run_tick()
{
    impl_->run_tick();
}

void media_engine::collect(metrics::writer& out) const
{
    out.gauge("strowger_media_ports", "Legs with media", static_cast<double>(impl_->ports.load()));
    out.counter("strowger_media_events_lost_total", "Digits and time-outs that found the queue full",
                impl_->mix.events_lost.load(std::memory_order_relaxed));
    if (!impl_->clock) return;
    const auto& clock = impl_->clock->measured();
    out.counter("strowger_media_ticks_total", "Frames times moved by the media thread", clock.ticks.value());
    out.counter("strowger_media_ticks_skipped_total", "Ticks left out after a stall", clock.skipped.value());
    out.counter("strowger_media_ticks_late_total", "Ticks that finished sending over 3 ms late", clock.late.value());
    out.histogram("strowger_media_tick_lateness_seconds", "How late the media thread woke", clock.lateness);
    out.gauge("strowger_media_tick_lateness_max_seconds", "The worst of these",
              static_cast<double>(clock.worst_ns.load(std::memory_order_relaxed)) / 1e9);
    out.histogram("strowger_media_tick_work_seconds", "How long a tick took", clock.work);
}

}  // namespace strowger::softswitch
