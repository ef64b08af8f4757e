#include "hub/event_filter.hpp"
#include "hub/event_json.hpp"
#include "hub/json_view.hpp"
#include "support/recordings.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace strowger;

std::vector<pbx::event_ptr> channel_events()
{
    std::vector<pbx::event_ptr> out;
    for (const char* name : {"echo", "bridge", "sip-inbound-bridge"})
        for (auto& it : test::recorded_events(STROWGER_SOURCE_DIR "/tests/recordings/freeswitch", name))
            if (it->name().starts_with("CHANNEL_") && it->bytes() > 2000) out.push_back(std::move(it));
    return out;
}

void filter_and_serialise(benchmark::State& state)  // what does one recorded channel event cost before the bus?
{
    const auto events = channel_events();
    const hub::event_filter filter{{"CHANNEL_*", "CUSTOM sofia::*", "CALL_UPDATE"}, {"DTMF", "HEARTBEAT"}, true};
    hub::event_json writer{{"pbx_7", 1, false, {"*password*", "*passwd*", "*secret*"}, {}, {}}};
    std::string_view out;
    std::size_t bytes = 0;
    std::size_t at = 0;
    std::uint64_t seq = 0;
    for (auto _ : state) {
        const auto& it = *events[at];
        if (++at == events.size()) at = 0;
        if (filter.wants(it.name(), it.subclass())) out = writer.write(it, ++seq, true);
        benchmark::DoNotOptimize(out.data());
        bytes += out.size();
    }
    if (!hub::json_view::parse(out)) state.SkipWithError("the result is not JSON");
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
    state.counters["bytes_per_event"] = static_cast<double>(bytes) / static_cast<double>(state.iterations());
}
BENCHMARK(filter_and_serialise)->Repetitions(9)->ReportAggregatesOnly();

}  // namespace
