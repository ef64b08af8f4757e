#include "base/metrics.hpp"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strowger::metrics {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Metrics, WritesCountersAndGaugesWithTheirHeadOnce)
{
    writer page;
    page.counter("strowger_calls_total", "Calls.", 3, {{"way", "in"}});
    page.counter("strowger_calls_total", "Calls.", 4, {{"way", "out"}, {"why", "a"}});
    page.gauge("strowger_legs", "Legs.", 2.5);
    EXPECT_EQ(page.text(),
              "# HELP strowger_calls_total Calls.\n"
              "# TYPE strowger_calls_total counter\n"
              "strowger_calls_total{way=\"in\"} 3\n"
              "strowger_calls_total{way=\"out\",why=\"a\"} 4\n"
              "# HELP strowger_legs Legs.\n"
              "# TYPE strowger_legs gauge\n"
              "strowger_legs 2.5\n");
}

TEST(Metrics, EscapesLabelsAndHelp)
{
    writer page;
    page.counter("a_total", "one\\two\nlines", 1, {{"path", "a\\b\"c\nd"}});
    EXPECT_THAT(page.text(), HasSubstr("# HELP a_total one\\\\two\\nlines\n"));
    EXPECT_THAT(page.text(), HasSubstr("a_total{path=\"a\\\\b\\\"c\\nd\"} 1\n"));
}

TEST(Metrics, HistogramBucketsAddUp)
{
    histogram took;
    took.observe(50us);  // a bound belongs to its bucket
    took.observe(51us);
    took.observe(3ms);
    took.observe(1min);
    took.observe(-5us);  // a clock that went backwards counts as no time
    writer page;
    page.histogram("api_seconds", "Time.", took, {{"verb", "status"}});
    EXPECT_THAT(page.text(), HasSubstr("# TYPE api_seconds histogram\n"));
    EXPECT_THAT(page.text(), HasSubstr("api_seconds_bucket{verb=\"status\",le=\"5e-05\"} 2\n"));
    EXPECT_THAT(page.text(), HasSubstr("api_seconds_bucket{verb=\"status\",le=\"0.0001\"} 3\n"));
    EXPECT_THAT(page.text(), HasSubstr("api_seconds_bucket{verb=\"status\",le=\"0.005\"} 4\n"));
    EXPECT_THAT(page.text(), HasSubstr("api_seconds_bucket{verb=\"status\",le=\"10\"} 4\n"));
    EXPECT_THAT(page.text(), HasSubstr("api_seconds_bucket{verb=\"status\",le=\"+Inf\"} 5\n"));
    EXPECT_THAT(page.text(), HasSubstr("api_seconds_sum{verb=\"status\"} 60.003101\n"));
    EXPECT_THAT(page.text(), HasSubstr("api_seconds_count{verb=\"status\"} 5\n"));
}

TEST(Metrics, CountersAddUpAcrossThreads)
{
    counter calls;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int n = 0; n < 10000; ++n) calls.add();
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(calls.value(), 40000U);
}

}  // namespace
}  // namespace strowger::metrics
