#include "media/jitter_buffer.hpp"

#include "media/level.hpp"
#include "media/tone.hpp"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace strowger::media;
using got = jitter_buffer::got;
using frame = std::vector<std::int16_t>;

constexpr std::uint32_t rate = 8000;
constexpr std::size_t frame_20ms = 160;

/// A sender that counts its packets from wherever the test wants.
struct sender {
    std::uint16_t seq = 100;
    std::uint32_t timestamp = 5000;
    tone_generator voice{{440.0}, rate, -10.0};

    frame next(std::size_t samples)
    {
        frame pcm(samples);
        voice.next(pcm);
        return pcm;
    }
    void send(jitter_buffer& to, std::size_t samples = frame_20ms)
    {
        to.put(seq++, timestamp, next(samples));
        timestamp += static_cast<std::uint32_t>(samples);
    }
    void lose(std::size_t samples = frame_20ms)
    {
        next(samples);
        ++seq;
        timestamp += static_cast<std::uint32_t>(samples);
    }
};

struct tick {
    got what;
    frame pcm;
};

tick pull(jitter_buffer& from)
{
    tick out{got::silence, frame(from.frame_samples(), 99)};
    out.what = from.get(out.pcm);
    return out;
}

/// A network, in simulated time, between a 440 Hz tone and the buffer.
struct network {
    double loss = 0;
    double jitter_ms = 0;
    double skew_ppm = 0;  ///< of the sender's clock
    double duplicates = 0;
    std::size_t packet_ms = 20;
    std::uint32_t seed = 1;
};

struct outcome {
    std::vector<tick> ticks;
    jitter_counters counters;

    /// Share of the frames after the first second in which the tone is heard.
    double heard() const
    {
        std::size_t good = 0;
        for (std::size_t i = 50; i < ticks.size(); ++i) good += hears(ticks[i].pcm, 440, rate) ? 1 : 0;
        return static_cast<double>(good) / static_cast<double>(ticks.size() - 50);
    }
};

outcome listen(const network& net, jitter_settings settings, int seconds)
{
    struct arrival {
        double at_ms;
        std::uint16_t seq;
        std::uint32_t timestamp;
        frame pcm;
    };
    std::mt19937 random{net.seed};
    std::uniform_real_distribution<double> share{0, 1};
    std::vector<arrival> arrivals;
    tone_generator voice{{440.0}, rate, -10.0};
    const auto samples = net.packet_ms * rate / 1000;
    std::uint16_t seq = 65500;
    std::uint32_t timestamp = 0xffffff00;
    for (double sent_ms = 3; sent_ms < seconds * 1000.0;
         sent_ms += static_cast<double>(net.packet_ms) * (1 - net.skew_ppm / 1e6)) {
        frame pcm(samples);
        voice.next(pcm);
        const arrival one{sent_ms + share(random) * net.jitter_ms, seq++, timestamp, pcm};
        timestamp += static_cast<std::uint32_t>(samples);
        if (share(random) < net.loss) continue;
        if (share(random) < net.duplicates) arrivals.push_back({one.at_ms + 1, one.seq, one.timestamp, pcm});
        arrivals.push_back(one);
    }
    std::ranges::sort(arrivals, {}, &arrival::at_ms);

    jitter_buffer buffer{settings};
    outcome out;
    std::size_t next = 0;
    for (int tick_ms = 0; tick_ms < seconds * 1000; tick_ms += 20) {
        for (; next < arrivals.size() && arrivals[next].at_ms <= tick_ms; ++next)
            buffer.put(arrivals[next].seq, arrivals[next].timestamp, arrivals[next].pcm);
        out.ticks.push_back(pull(buffer));
    }
    out.counters = buffer.counters();
    return out;
}

TEST(JitterBuffer, IsSilentUntilThePartySpeaks)
{
    jitter_buffer buffer{{}};
    const auto first = pull(buffer);
    EXPECT_EQ(first.what, got::silence);
    EXPECT_EQ(first.pcm, frame(frame_20ms, 0));
}

TEST(JitterBuffer, PlaysTheSamplesThatCameAfterItsDelay)
{
    jitter_buffer buffer{{.min_delay_ms = 40}};
    sender phone;
    std::vector<frame> sent;
    for (std::uint16_t i = 0; i < 10; ++i) {
        sent.push_back(phone.next(frame_20ms));
        buffer.put(i, i * 160U, sent.back());
        const auto out = pull(buffer);
        if (i < 2) {
            EXPECT_EQ(out.what, got::silence);
            continue;
        }
        ASSERT_EQ(out.what, got::frame);
        // The very first 5 ms fade in from silence.
        const auto skip = i == 2 ? 40 : 0;
        EXPECT_TRUE(std::equal(out.pcm.begin() + skip, out.pcm.end(), sent[i - 2U].begin() + skip)) << "frame " << i;
    }
}

TEST(JitterBuffer, PutsReorderedPacketsInOrder)
{
    jitter_buffer buffer{{.min_delay_ms = 40}};
    sender phone;
    std::vector<frame> sent;
    for (int i = 0; i < 8; ++i) sent.push_back(phone.next(frame_20ms));
    for (std::uint16_t tick = 0; tick < 8; ++tick) {
        const auto i = static_cast<std::uint16_t>(tick ^ 1U);  // 1 0 3 2 5 4 7 6
        buffer.put(i, i * 160U, sent[i]);
        const auto out = pull(buffer);
        EXPECT_TRUE(tick < 4 || out.pcm == sent[tick - 1U]) << tick;
    }
    EXPECT_EQ(buffer.counters().lost, 0u);
    EXPECT_EQ(buffer.counters().late, 0u);
}

TEST(JitterBuffer, TakesPacketsOfAnyLength)
{
    for (const std::size_t packet_ms : {5U, 10U, 30U, 60U, 120U}) {
        const auto out = listen({.packet_ms = packet_ms}, {.min_delay_ms = 20}, 10);
        EXPECT_GE(out.heard(), 0.99) << packet_ms << " ms packets";
        EXPECT_EQ(out.counters.lost, 0u);
    }
}

TEST(JitterBuffer, CountsDuplicatesAndPlaysThemOnce)
{
    const auto out = listen({.duplicates = 0.3}, {}, 10);
    EXPECT_GE(out.heard(), 0.99);
    EXPECT_GT(out.counters.duplicate, 100u);
    EXPECT_EQ(out.counters.concealed, 0u);
}

TEST(JitterBuffer, CountsWhatNeverCameAndWhatCameTooLate)
{
    jitter_buffer buffer{{.min_delay_ms = 0}};
    sender phone;
    for (int i = 0; i < 5; ++i) {
        phone.send(buffer);
        pull(buffer);
    }
    const auto late_seq = phone.seq;
    const auto late_timestamp = phone.timestamp;
    phone.lose();
    phone.lose();
    phone.send(buffer);
    EXPECT_EQ(buffer.counters().lost, 2u);
    pull(buffer);
    pull(buffer);
    buffer.put(late_seq, late_timestamp, frame(frame_20ms, 1));
    EXPECT_EQ(buffer.counters().lost, 1u);
    EXPECT_EQ(buffer.counters().late, 1u);
}

TEST(JitterBuffer, ConcealsALostPacketSoThatTheToneGoesOn)
{
    jitter_buffer buffer{{}};
    sender phone;
    for (int i = 0; i < 20; ++i) {
        phone.send(buffer);
        pull(buffer);
    }
    phone.lose();
    pull(buffer);
    phone.send(buffer);
    const auto made_up = pull(buffer);
    EXPECT_EQ(made_up.what, got::concealed);
    EXPECT_TRUE(hears(made_up.pcm, 440, rate));
    EXPECT_NEAR(rms_dbov(made_up.pcm), -10, 2);
    const auto back = pull(buffer);
    EXPECT_EQ(back.what, got::frame);
    EXPECT_TRUE(hears(back.pcm, 440, rate));
}

TEST(JitterBuffer, ConcealmentDiesAwayWithin60Ms)
{
    jitter_buffer buffer{{}};
    sender phone;
    for (int i = 0; i < 20; ++i) {
        phone.send(buffer);
        pull(buffer);
    }
    while (pull(buffer).what == got::frame) {
    }
    pull(buffer);
    const auto third = pull(buffer);
    EXPECT_LT(rms_dbov(third.pcm), -14);
    const auto fourth = pull(buffer);
    EXPECT_EQ(fourth.what, got::silence);
    EXPECT_EQ(fourth.pcm, frame(frame_20ms, 0));
}

TEST(JitterBuffer, NoClickLeadsIntoOrOutOfAGap)
{
    jitter_buffer buffer{{}};
    sender phone;
    frame heard;
    for (int i = 0; i < 50; ++i) {
        i % 7 == 6 ? phone.lose() : phone.send(buffer);
        const auto out = pull(buffer);
        if (i > 2) heard.insert(heard.end(), out.pcm.begin(), out.pcm.end());
    }
    // A 440 Hz sine of -10 dBov moves by at most 5060 a sample at 8 kHz.
    for (std::size_t i = 1; i < heard.size(); ++i)
        ASSERT_LT(std::abs(heard[i] - heard[i - 1]), 6000) << "sample " << i;
}

TEST(JitterBuffer, FollowsASenderThatPausesAndResumes)
{
    for (const bool clock_runs_on : {true, false}) {
        jitter_buffer buffer{{}};
        sender phone;
        for (int i = 0; i < 50; ++i) {
            phone.send(buffer);
            pull(buffer);
        }
        for (int i = 0; i < 500; ++i) pull(buffer);
        if (clock_runs_on) phone.timestamp += 500 * 160;
        for (int i = 0; i < 10; ++i) {
            phone.send(buffer);
            pull(buffer);
        }
        phone.send(buffer);
        EXPECT_TRUE(hears(pull(buffer).pcm, 440, rate)) << "clock runs on: " << clock_runs_on;
        EXPECT_LE(buffer.counters().delay_ms, 40u);
    }
}

TEST(JitterBuffer, FollowsAJumpOfTheTimeStampsWithoutLosingWhatItHolds)
{
    jitter_buffer buffer{{.min_delay_ms = 40}};
    sender phone;
    for (int i = 0; i < 50; ++i) {
        phone.send(buffer);
        pull(buffer);
    }
    for (const std::uint32_t jump : {1000000U, 0x80000000U, static_cast<std::uint32_t>(-5000000)}) {
        phone.timestamp += jump;
        for (int i = 0; i < 10; ++i) {
            phone.send(buffer);
            const auto out = pull(buffer);
            EXPECT_EQ(out.what, got::frame);
            EXPECT_TRUE(hears(out.pcm, 440, rate));
        }
    }
    EXPECT_EQ(buffer.counters().resets, 3u);
}

TEST(JitterBuffer, OneStrayPacketDoesNotDisturbTheStream)
{
    jitter_buffer buffer{{}};
    sender phone;
    for (int i = 0; i < 50; ++i) {
        phone.send(buffer);
        pull(buffer);
    }
    buffer.put(static_cast<std::uint16_t>(phone.seq + 5000), phone.timestamp + 10000000, frame(frame_20ms, 30000));
    for (int i = 0; i < 50; ++i) {
        phone.send(buffer);
        EXPECT_EQ(pull(buffer).what, got::frame);
    }
    EXPECT_EQ(buffer.counters().refused, 1u);
    EXPECT_EQ(buffer.counters().resets, 0u);
}

TEST(JitterBuffer, RefusesPacketsOfNoOrTooManySamples)
{
    jitter_buffer buffer{{}};
    buffer.put(1, 0, {});
    buffer.put(2, 0, frame(961, 1));
    EXPECT_EQ(buffer.counters().refused, 2u);
    EXPECT_EQ(pull(buffer).what, got::silence);
}

TEST(JitterBuffer, SurvivesARandomPeer)
{
    std::mt19937 random{7};
    jitter_buffer buffer{{}};
    for (int i = 0; i < 20000; ++i) {
        const auto timestamp = random() % 3 != 0 ? static_cast<std::uint32_t>(random() % 4000) : random();
        buffer.put(static_cast<std::uint16_t>(random() % 2 != 0 ? i : static_cast<int>(random())), timestamp,
                   frame(random() % 1100, 1000));
        if (random() % 4 != 0) pull(buffer);
    }
    EXPECT_EQ(buffer.counters().received, 20000u);
    buffer.reset();
    sender phone;
    for (int i = 0; i < 10; ++i) {
        phone.send(buffer);
        pull(buffer);
    }
    EXPECT_TRUE(hears(pull(buffer).pcm, 440, rate));
}

TEST(JitterBuffer, CatchesUpWhenWeStoodStill)
{
    jitter_buffer buffer{{.max_delay_ms = 100}};
    sender phone;
    for (int i = 0; i < 50; ++i) {
        phone.send(buffer);
        pull(buffer);
    }
    for (int i = 0; i < 100; ++i) phone.send(buffer);
    for (int i = 0; i < 100; ++i) {
        phone.send(buffer);
        EXPECT_TRUE(hears(pull(buffer).pcm, 440, rate)) << i;
    }
    EXPECT_LE(buffer.counters().delay_ms, 60u);
}

TEST(JitterBuffer, GrowsItsDelayWithJitterAndGivesItBack)
{
    jitter_buffer buffer{{.min_delay_ms = 20, .max_delay_ms = 300}};
    sender phone;
    const auto run = [&](int ticks, int burst) {
        for (int i = 0; i < ticks; ++i) {
            if (i % burst == burst - 1)
                for (int n = 0; n < burst; ++n) phone.send(buffer);
            pull(buffer);
        }
    };
    run(200, 1);
    const auto calm = buffer.counters().delay_ms;
    run(500, 6);  // five packets wait for the sixth
    const auto rough = buffer.counters().delay_ms;
    run(1500, 1);
    EXPECT_LE(calm, 40u);
    EXPECT_GE(rough, 90u);
    EXPECT_LE(buffer.counters().delay_ms, 45u);
}

TEST(JitterBuffer, AToneSurvivesLossJitterAndReordering)
{
    struct expectation {
        network net;
        double heard;
    };
    for (const auto& [net, least] : {expectation{{}, 0.999}, expectation{{.loss = 0.02, .jitter_ms = 30}, 0.98},
                                     expectation{{.loss = 0.05, .jitter_ms = 80, .seed = 2}, 0.97},
                                     expectation{{.loss = 0.2, .jitter_ms = 50, .seed = 3}, 0.93},
                                     expectation{{.loss = 0.1, .jitter_ms = 150, .seed = 4}, 0.93}}) {
        const auto out = listen(net, {.min_delay_ms = 20, .max_delay_ms = 200}, 60);
        EXPECT_GE(out.heard(), least) << "loss " << net.loss << " jitter " << net.jitter_ms << " ms, late "
                                      << out.counters.late << " concealed " << out.counters.concealed << " delay "
                                      << out.counters.delay_ms;
        EXPECT_NEAR(static_cast<double>(out.counters.lost), net.loss * 3000, 0.02 * 3000);
        EXPECT_LE(out.counters.delay_ms, 200u);
    }
}

TEST(JitterBuffer, AToneSurvivesTheSkewOfTwoClocks)
{
    for (const double ppm : {-400.0, -50.0, 50.0, 400.0}) {
        const auto out = listen({.jitter_ms = 10, .skew_ppm = ppm}, {.min_delay_ms = 20, .max_delay_ms = 200}, 120);
        EXPECT_GE(out.heard(), 0.995) << ppm << " ppm";
        EXPECT_LE(out.counters.late, 20u) << ppm << " ppm";
        EXPECT_LE(out.counters.delay_ms, 80u) << ppm << " ppm";
    }
}

TEST(JitterBuffer, WorksAtOtherRates)
{
    jitter_buffer buffer{{.rate_hz = 16000}};
    tone_generator voice{{1000.0}, 16000, -10.0};
    ASSERT_EQ(buffer.frame_samples(), 320u);
    for (std::uint16_t i = 0; i < 50; ++i) {
        frame pcm(320);
        voice.next(pcm);
        if (i % 10 != 9) buffer.put(i, i * 320U, pcm);
        const auto out = pull(buffer);
        EXPECT_TRUE(i <= 2 || hears(out.pcm, 1000, 16000)) << i;
    }
}

}  // namespace
