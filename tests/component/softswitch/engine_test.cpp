#include "softswitch/engine/media_engine.hpp"
#include "support/alloc_guard.hpp"
#include "support/journal.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace strowger::softswitch {
namespace {

constexpr pbx::media_format narrow{.rate_hz = 8000, .ptime_ms = 20, .channels = 1};
constexpr pbx::media_format wide{.rate_hz = 16000, .ptime_ms = 20, .channels = 1};

/// What a transport was told, readable after the engine took it.
struct transport_log {
    std::atomic<std::int16_t> says{0};
    std::atomic<std::int16_t> hears{-1};
    std::atomic<std::size_t> frame{0};
    std::atomic<std::uint64_t> writes{0};
    std::atomic<std::uint32_t> skipped{0};
    std::atomic<bool> has_event{false};
    std::atomic<bool> destroyed{false};
};

class fake_transport final : public media_transport {
public:
    explicit fake_transport(transport_log& to) : log_{to} {}
    ~fake_transport() override { log_.destroyed = true; }
    bool read(std::span<std::int16_t> pcm) noexcept override
    {
        std::ranges::fill(pcm, log_.says.load());
        return log_.says != 0;
    }
    void write(std::span<const std::int16_t> pcm) noexcept override
    {
        log_.hears = pcm[pcm.size() / 2];
        log_.frame = pcm.size();
        ++log_.writes;
    }
    bool next_event(transport_event& out) noexcept override
    {
        if (!log_.has_event.exchange(false)) return false;
        out = {transport_event::kind::dtmf, '5', 100};
        return true;
    }
    void skipped(std::uint32_t ticks) noexcept override { log_.skipped += ticks; }

private:
    transport_log& log_;
};

class constant_source final : public frame_source {
public:
    constant_source(std::int16_t value, int frames) : value_{value}, left_{frames} {}
    bool next(std::span<std::int16_t> pcm) noexcept override
    {
        if (left_-- == 0) return false;
        std::ranges::fill(pcm, value_);
        return true;
    }

private:
    std::int16_t value_;
    int left_;
};

class counting_sink final : public frame_sink {
public:
    void put(std::span<const std::int16_t> read, std::span<const std::int16_t> written) noexcept override
    {
        ++frames;
        last_read = read[0];
        last_written = written[0];
    }
    std::atomic<int> frames{0};
    std::atomic<std::int16_t> last_read{0}, last_written{0};
};

class recording_tap final : public pbx::tap {
public:
    void on_start(const pbx::media_format& format) noexcept override
    {
        ++starts;
        rate = format.rate_hz;
    }
    void on_read(std::span<const std::int16_t> pcm) noexcept override
    {
        if (ends != 0) ++after_end;
        ++reads;
        heard = pcm[0];
    }
    void on_write(std::span<std::int16_t> pcm) noexcept override
    {
        if (ends != 0) ++after_end;
        if (replace != 0) std::ranges::fill(pcm, replace.load());
    }
    void on_end() noexcept override { ++ends; }

    std::atomic<int> starts{0}, reads{0}, ends{0}, after_end{0};
    std::atomic<std::uint32_t> rate{0};
    std::atomic<std::int16_t> heard{0}, replace{0};
};

class Engine : public testing::Test {
protected:
    std::unique_ptr<media_port> add(transport_log& log, pbx::media_format format = narrow, port_events events = {})
    {
        return engine_->add(std::make_unique<fake_transport>(log), format, std::move(events));
    }
    /// Lets the control thread take what the media thread sent back.
    void settle()
    {
        engine_->run_tick();
        control_->call([] {});
    }

    bool ticks_until(const std::string& line)
    {
        for (int i = 0; i < 500; ++i) {
            engine_->run_tick();
            if (journal_.wait(line, std::chrono::milliseconds{10})) return true;
        }
        return false;
    }

    std::unique_ptr<control_loop> control_ = control_loop::start().value();
    std::unique_ptr<media_engine> engine_ = media_engine::start_without_clock(*control_);
    test::journal journal_;
};

TEST_F(Engine, APartyHearsWhatIsPlayedThenItsPeerThenItselfThenSilence)
{
    transport_log a, b;
    a.says = 11;
    b.says = 22;
    const auto first = add(a);
    const auto second = add(b);
    engine_->run_tick();
    EXPECT_EQ(a.hears, 0);
    first->set_echo(true);
    engine_->run_tick();
    EXPECT_EQ(a.hears, 11);
    first->bridge(*second);
    engine_->run_tick();
    EXPECT_EQ(a.hears, 22);
    EXPECT_EQ(b.hears, 11);
    first->play(std::make_unique<constant_source>(33, 2), {});
    engine_->run_tick();
    EXPECT_EQ(a.hears, 33);
    EXPECT_EQ(b.hears, 11) << "playing to one does not cut the other off";
    engine_->run_tick();
    engine_->run_tick();
    EXPECT_EQ(a.hears, 22) << "back to the bridge";
    second->unbridge();
    engine_->run_tick();
    EXPECT_EQ(a.hears, 11);
    EXPECT_EQ(b.hears, 0);
}

TEST_F(Engine, ASourceTellsOnceHowItEnded)
{
    transport_log a;
    const auto port = add(a);
    const auto tell = [this](const char* who) {
        return [this, who](bool completed) { journal_.write(std::string{who} + (completed ? " done" : " cut")); };
    };
    port->play(std::make_unique<constant_source>(1, 1), tell("short"));
    EXPECT_TRUE(ticks_until("short done"));
    port->play(std::make_unique<constant_source>(1, 100), tell("replaced"));
    settle();
    port->play(std::make_unique<constant_source>(1, 100), tell("stopped"));
    EXPECT_TRUE(ticks_until("replaced cut"));
    port->stop_playing();
    EXPECT_TRUE(ticks_until("stopped cut"));
    EXPECT_EQ(journal_.count("short") + journal_.count("replaced") + journal_.count("stopped"), 3u);
}

TEST_F(Engine, ASourceOfAPortThatWentAwayIsToldSo)
{
    transport_log a;
    auto port = add(a);
    port->play(std::make_unique<constant_source>(1, 100),
               [this](bool completed) { journal_.write(completed ? "ended done" : "ended cut"); });
    settle();
    port.reset();
    EXPECT_TRUE(a.destroyed);
    EXPECT_TRUE(ticks_until("ended cut"));
}

TEST_F(Engine, LegsOfDifferentRatesHearOneAnother)
{
    transport_log a, b;
    a.says = 1000;
    b.says = 2000;
    const auto first = add(a, narrow);
    const auto second = add(b, wide);
    first->bridge(*second);
    for (int i = 0; i < 20; ++i) engine_->run_tick();
    EXPECT_EQ(a.frame, 160u);
    EXPECT_EQ(b.frame, 320u);
    EXPECT_NEAR(a.hears, 2000, 50);
    EXPECT_NEAR(b.hears, 1000, 50);
}

TEST_F(Engine, AFormatChangeKeepsTheBridgeAndStartsTapsAgain)
{
    transport_log a, b;
    a.says = 1000;
    b.says = 2000;
    const auto first = add(a, narrow);
    const auto second = add(b, narrow);
    const auto listener = std::make_shared<recording_tap>();
    first->bridge(*second);
    first->attach(listener);
    engine_->run_tick();
    bool changed = false;
    engine_->reformat(*first, wide, [&] { changed = true; });
    EXPECT_TRUE(changed);
    EXPECT_EQ(first->format(), wide);
    for (int i = 0; i < 20; ++i) engine_->run_tick();
    EXPECT_EQ(a.frame, 320u);
    EXPECT_NEAR(a.hears, 2000, 50);
    EXPECT_NEAR(b.hears, 1000, 50);
    EXPECT_EQ(listener->starts, 2);
    EXPECT_EQ(listener->rate, 16000u);
    EXPECT_EQ(listener->ends, 0);
    first->detach(listener);
}

TEST_F(Engine, ATapHearsTheParty_MayReplaceWhatItHears_AndEndsOnce)
{
    transport_log a;
    a.says = 7;
    auto port = add(a);
    const auto listener = std::make_shared<recording_tap>();
    EXPECT_TRUE(port->attach(listener));
    EXPECT_FALSE(port->attach(listener)) << "attached already";
    listener->replace = 99;
    engine_->run_tick();
    EXPECT_EQ(listener->heard, 7);
    EXPECT_EQ(a.hears, 99);
    port->detach(listener);
    EXPECT_EQ(listener->ends, 1);
    port->detach(listener);
    engine_->run_tick();
    EXPECT_EQ(a.hears, 0);
    EXPECT_TRUE(port->attach(listener));
    port.reset();
    EXPECT_EQ(listener->ends, 2);
    EXPECT_EQ(listener->starts, 2);
}

TEST_F(Engine, ASinkGetsBothDirectionsUntilItIsRemoved)
{
    transport_log a;
    a.says = 5;
    const auto port = add(a);
    const auto sink = std::make_shared<counting_sink>();
    port->set_echo(true);
    port->add_sink(sink);
    engine_->run_tick();
    EXPECT_EQ(sink->frames, 1);
    EXPECT_EQ(sink->last_read, 5);
    EXPECT_EQ(sink->last_written, 5);
    port->remove_sink(sink);
    settle();
    settle();
    EXPECT_EQ(sink->frames, 1);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (sink.use_count() > 1 && std::chrono::steady_clock::now() < deadline) settle();
    EXPECT_EQ(sink.use_count(), 1) << "the engine gave its references back";
}

TEST_F(Engine, ADisplacementComesOverTheRestUntilItEndsOrIsStopped)
{
    transport_log a, b;
    a.says = 11;
    b.says = 22;
    auto first = add(a);
    const auto second = add(b);
    first->bridge(*second);
    first->displace(std::make_unique<constant_source>(100, 2), false, [this] { journal_.write("replacing ended"); });
    const auto mixed = first->displace(std::make_unique<constant_source>(1000, 100), true,
                                       [this] { journal_.write("mixing ended"); });
    engine_->run_tick();
    engine_->run_tick();
    EXPECT_EQ(a.hears, 1100);
    EXPECT_EQ(b.hears, 0) << "a displaced party is not heard";
    engine_->run_tick();
    engine_->run_tick();
    EXPECT_EQ(a.hears, 1022);
    EXPECT_EQ(b.hears, 11);
    EXPECT_TRUE(ticks_until("replacing ended"));
    first->stop_displacing(mixed);
    engine_->run_tick();
    EXPECT_EQ(a.hears, 22);
    EXPECT_TRUE(ticks_until("mixing ended"));
    first->displace(std::make_unique<constant_source>(1, 1000), false, [this] { journal_.write("left behind"); });
    settle();
    first.reset();
    EXPECT_TRUE(ticks_until("left behind"));
    EXPECT_EQ(journal_.count("replacing") + journal_.count("mixing") + journal_.count("left"), 3u) << "once each";
}

TEST_F(Engine, EachDirectionHasItsVolume)
{
    transport_log a, b;
    a.says = 1000;
    b.says = 20000;
    const auto first = add(a);
    const auto second = add(b);
    first->bridge(*second);
    first->set_volume(direction::read, {.muted = false, .steps = -1});
    first->set_volume(direction::write, {.muted = false, .steps = 4});
    engine_->run_tick();
    EXPECT_EQ(b.hears, 800);
    EXPECT_EQ(a.hears, 32767);
    first->set_volume(direction::read, {.muted = true, .steps = 2});
    first->set_volume(direction::write, {});
    engine_->run_tick();
    EXPECT_EQ(b.hears, 0);
    EXPECT_EQ(a.hears, 20000);
}

TEST_F(Engine, WhatATransportNoticesIsToldOnTheControlThread)
{
    transport_log a;
    auto port = add(a, narrow,
                    {.on_dtmf =
                         [this](char digit, std::uint32_t ms) {
                             journal_.write(std::string{"dtmf "} + digit + ' ' + std::to_string(ms) +
                                            (control_->on_thread() ? " control" : " elsewhere"));
                         },
                     .on_media_timeout = {}});
    a.has_event = true;
    engine_->run_tick();
    EXPECT_TRUE(journal_.wait("dtmf 5 100 control")) << journal_.text();
}

TEST_F(Engine, TheMediaThreadNeitherAllocatesNorFreesInAMinuteOfFrames)
{
    std::array<transport_log, 8> logs;
    std::vector<std::unique_ptr<media_port>> ports;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        logs[i].says = static_cast<std::int16_t>(100 * i);
        ports.push_back(add(logs[i], i % 2 == 0 ? narrow : wide));
    }
    const auto listener = std::make_shared<recording_tap>();
    std::uint64_t calls = 0;
    for (int tick = 0; tick < 50 * 60; ++tick) {
        // Every command comes by and its objects come back, while frames run.
        auto& port = *ports[static_cast<std::size_t>(tick) % ports.size()];
        auto& peer = *ports[static_cast<std::size_t>(tick + 1) % ports.size()];
        if (tick % 10 == 0) port.bridge(peer);
        if (tick % 10 == 3) port.play(std::make_unique<constant_source>(1, 5), {});
        if (tick % 10 == 4) port.displace(std::make_unique<constant_source>(1, 5), tick % 20 == 4, {});
        if (tick % 10 == 5) port.attach(listener);
        if (tick % 10 == 6) port.set_volume(direction::write, {.muted = tick % 20 == 6, .steps = 2});
        if (tick % 10 == 7) peer.unbridge();
        if (tick % 10 == 9) port.add_sink(std::make_shared<counting_sink>());
        const test::alloc_guard guard;
        engine_->run_tick();
        calls += guard.count();
    }
    EXPECT_EQ(calls, 0u);
    EXPECT_EQ(logs[0].writes, 3000u);
}

TEST(EngineClock, TicksEvery20MillisecondsAndMeasuresIt)
{
    const auto control = control_loop::start().value();
    const auto engine = media_engine::start(*control);
    transport_log a;
    auto port = engine->add(std::make_unique<fake_transport>(a), narrow, {});
    const auto begin = std::chrono::steady_clock::now();
    while (a.writes < 25 && std::chrono::steady_clock::now() - begin < std::chrono::seconds{5}) {
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, std::chrono::milliseconds{20 * 23});
    metrics::writer page;
    engine->collect(page);
    EXPECT_NE(page.text().find("strowger_media_tick_lateness_seconds_count"), std::string::npos);
    EXPECT_NE(page.text().find("strowger_media_ports 1"), std::string::npos) << page.text();
}

TEST(EngineClock, PortsAndTapsComeAndGoFromManyThreadsWhileItRuns)
{
    const auto control = control_loop::start().value();
    const auto engine = media_engine::start(*control);
    transport_log a, b;
    std::unique_ptr<media_port> port;
    control->call([&] { port = engine->add(std::make_unique<fake_transport>(a), narrow, {}); });
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int worker = 0; worker < 3; ++worker) {
        threads.emplace_back([&] {
            for (int round = 0; round < 40; ++round) {
                const auto listener = std::make_shared<recording_tap>();
                if (!port->attach(listener)) ++wrong;
                port->detach(listener);
                if (listener->ends != 1 || listener->after_end != 0) ++wrong;
            }
        });
    }
    for (int round = 0; round < 40; ++round) {
        control->call([&] {
            auto other = engine->add(std::make_unique<fake_transport>(b), wide, {});
            port->bridge(*other);
            port->play(std::make_unique<constant_source>(1, 3), {});
            other.reset();
        });
    }
    for (auto& each : threads) each.join();
    EXPECT_EQ(wrong, 0);
    control->call([&] { port.reset(); });
    EXPECT_TRUE(a.destroyed);
}

}  // namespace
}  // namespace strowger::softswitch
