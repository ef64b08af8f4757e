// What one 20 ms frame of a call costs, part by part. Time per iteration is time per frame; the budget is 20,000,000
// ns for all calls of a core together.
#include "media/frame_ring.hpp"
#include "media/g711.hpp"
#include "media/jitter_buffer.hpp"
#include "media/mix.hpp"
#include "media/resampler.hpp"
#include "media/tone.hpp"
#include "media/tone_stream.hpp"

#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

using namespace strowger::media;

constexpr std::size_t frame_20ms = 160;

std::vector<std::int16_t> speech_like(std::size_t samples, std::uint32_t rate_hz = 8000)
{
    std::vector<std::int16_t> pcm(samples);
    tone_generator{{150.0, 450.0, 1200.0}, rate_hz, -20.0}.next(pcm);
    return pcm;
}

void check(benchmark::State& state, bool good)
{
    if (!good) state.SkipWithError("the result is wrong");
}

void g711_ulaw(benchmark::State& state)  // what do encoding and decoding one frame cost?
{
    auto pcm = speech_like(frame_20ms);
    std::vector<std::uint8_t> wire(frame_20ms);
    for (auto _ : state) {
        ulaw_encode(pcm, wire);
        ulaw_decode(wire, pcm);
        benchmark::DoNotOptimize(pcm.data());
        benchmark::ClobberMemory();
    }
    const auto once = pcm;
    ulaw_encode(pcm, wire);
    ulaw_decode(wire, pcm);
    check(state, pcm == once);
}

void jitter_put_get(benchmark::State& state)  // what does one packet in and one frame out cost, at a loss [%]?
{
    jitter_buffer buffer{{}};
    const auto pcm = speech_like(frame_20ms);
    std::vector<std::int16_t> out(frame_20ms);
    const auto lost_of_100 = static_cast<std::uint32_t>(state.range(0));
    std::uint32_t n = 0;
    for (auto _ : state) {
        if (n * 37 % 100 >= lost_of_100) buffer.put(static_cast<std::uint16_t>(n), n * frame_20ms, pcm);
        ++n;
        buffer.get(out);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    check(state, lost_of_100 > 0 || buffer.counters().concealed == 0);
}

void resample(benchmark::State& state)  // what does changing one frame's rate cost?
{
    const auto from = static_cast<std::uint32_t>(state.range(0));
    const auto to = static_cast<std::uint32_t>(state.range(1));
    const auto change = resampler::create(from, to).value();
    const auto pcm = speech_like(from / 50, from);
    std::vector<std::int16_t> out(change->max_output(pcm.size()));
    std::size_t made = 0;
    for (auto _ : state) {
        made = change->process(pcm, out);
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
    }
    check(state, made == to / 50);
}

template <auto Way>
void mix_with(benchmark::State& state)  // what does adding one frame to another cost?
{
    auto pcm = speech_like(frame_20ms);
    const std::vector<std::int16_t> none(frame_20ms);
    const auto before = pcm;
    for (auto _ : state) {
        Way(pcm.data(), none.data(), pcm.size());
        benchmark::DoNotOptimize(pcm.data());
        benchmark::ClobberMemory();
    }
    check(state, pcm == before);
}

void frame_ring_push_pop(benchmark::State& state)  // what does handing one 20 ms frame across cost?
{
    const auto samples = static_cast<std::size_t>(state.range(0));
    const auto ring = frame_ring::create(64, samples).value();
    std::vector<std::int16_t> pcm(samples);
    for (auto _ : state) {
        ring->push(pcm);
        ring->pop(pcm);
        benchmark::DoNotOptimize(pcm.data());
        benchmark::ClobberMemory();
    }
    check(state, ring->overruns() == 0);
}

void tone_script(benchmark::State& state)  // what does playing one frame of a two-tone script cost?
{
    const auto tone = tone_stream::parse("%(2000,4000,440,480);loops=-1", 8000).value();
    std::vector<std::int16_t> pcm(frame_20ms);
    bool playing = true;
    for (auto _ : state) {
        playing = tone->next(pcm) && playing;
        benchmark::DoNotOptimize(pcm.data());
        benchmark::ClobberMemory();
    }
    check(state, playing);
}

constexpr int repetitions = 9;

BENCHMARK(g711_ulaw)->Repetitions(repetitions)->ReportAggregatesOnly();
BENCHMARK(jitter_put_get)->ArgName("loss")->Arg(0)->Arg(5)->Repetitions(repetitions)->ReportAggregatesOnly();
BENCHMARK(resample)
    ->ArgNames({"from", "to"})
    ->Args({8000, 16000})
    ->Args({16000, 8000})
    ->Args({48000, 8000})
    ->Repetitions(repetitions)
    ->ReportAggregatesOnly();
BENCHMARK(mix_with<detail::mix_scalar>)->Name("mix/scalar")->Repetitions(repetitions)->ReportAggregatesOnly();
#if defined(__x86_64__)
BENCHMARK(mix_with<detail::mix_sse2>)->Name("mix/sse2")->Repetitions(repetitions)->ReportAggregatesOnly();
BENCHMARK(mix_with<detail::mix_avx2>)->Name("mix/avx2")->Repetitions(repetitions)->ReportAggregatesOnly();
#endif
BENCHMARK(frame_ring_push_pop)
    ->ArgName("samples")
    ->Arg(160)
    ->Arg(320)
    ->Arg(960)
    ->Repetitions(repetitions)
    ->ReportAggregatesOnly();
BENCHMARK(tone_script)->Repetitions(repetitions)->ReportAggregatesOnly();

}  // namespace
