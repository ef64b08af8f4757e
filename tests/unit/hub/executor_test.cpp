#include "hub/executor.hpp"

#include "support/nats_server.hpp"

#include <atomic>
#include <functional>
#include <latch>
#include <mutex>
#include <string>

#include <gtest/gtest.h>

namespace strowger::hub {
namespace {

using namespace std::chrono_literals;
using test::eventually;

struct job final : executor::task {
    std::function<void()> what;
    std::atomic<int> runs{0}, timeouts{0}, abandons{0};
    void run() override
    {
        ++runs;
        if (what) what();
    }
    void on_timeout() override { ++timeouts; }
    void on_abandon() override { ++abandons; }
};

std::shared_ptr<job> make(std::string lane, std::function<void()> what, bool urgent = false)
{
    auto out = std::make_shared<job>();
    out->lane = std::move(lane);
    out->what = std::move(what);
    out->urgent = urgent;
    return out;
}

TEST(Executor, OneLaneRunsInOrderAndNeverTwiceAtOnce)
{
    executor pool{4, 1000};
    std::atomic<int> inside{0};
    std::atomic<bool> overlapped{false};
    std::vector<int> order;
    for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(pool.submit(make("call", [&, i] {
            if (inside.fetch_add(1) > 0) overlapped = true;
            order.push_back(i);
            --inside;
        })));
    pool.stop(5s);
    EXPECT_FALSE(overlapped);
    ASSERT_EQ(order.size(), 200u);
    EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(Executor, OtherLanesDoNotWaitForABlockedOne)
{
    executor pool{3, 1000};
    std::latch open{1};
    for (const char* lane : {"a", "a", "a", "b"}) ASSERT_TRUE(pool.submit(make(lane, [&] { open.wait(); })));
    std::atomic<bool> ran{false};
    ASSERT_TRUE(pool.submit(make("c", [&] { ran = true; })));
    EXPECT_TRUE(eventually([&] { return ran.load(); }));
    open.count_down();
    pool.stop(5s);
}

TEST(Executor, AnUrgentTaskOvertakesItsBlockedLane)
{
    executor pool{2, 1000};
    std::latch open{1};
    ASSERT_TRUE(pool.submit(make("a", [&] { open.wait(); })));
    ASSERT_TRUE(pool.submit(make("a", nullptr)));
    std::atomic<bool> killed{false};
    ASSERT_TRUE(pool.submit(make(
        "a", [&] { killed = true; }, true)));
    EXPECT_TRUE(eventually([&] { return killed.load(); }));
    open.count_down();
    pool.stop(5s);
}

TEST(Executor, RefusesAtOnceWhenFull)
{
    executor pool{1, 2};
    std::latch open{1};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(pool.submit(make("", [&] { open.wait(); })));
    EXPECT_FALSE(pool.submit(make("", nullptr)));
    open.count_down();
    pool.stop(5s);
}

TEST(Executor, TellsATimeoutOnceAndNeverStartsWhatWaitedTooLong)
{
    executor pool{1, 10};
    std::latch open{1};
    const auto running = make("", [&] { open.wait(); });
    const auto waiting = make("", nullptr);
    running->deadline = waiting->deadline = steady_clock::now() - 1ms;
    ASSERT_TRUE(pool.submit(running));
    ASSERT_TRUE(eventually([&] { return running->runs == 1; }));
    ASSERT_TRUE(pool.submit(waiting));
    pool.check_deadlines(steady_clock::now());
    pool.check_deadlines(steady_clock::now());
    open.count_down();
    pool.stop(5s);
    EXPECT_EQ(running->timeouts, 1);
    EXPECT_EQ(waiting->timeouts, 1);
    EXPECT_EQ(waiting->runs, 0);
}

TEST(Executor, StopWaitsThenAbandonsTheRest)
{
    executor pool{1, 10};
    std::latch open{1};
    const auto running = make("x", [&] { open.wait(); });
    const auto waiting = make("x", nullptr);
    running->what = [&] { open.wait(); };
    ASSERT_TRUE(pool.submit(running));
    ASSERT_TRUE(eventually([&] { return running->runs == 1; }));
    ASSERT_TRUE(pool.submit(waiting));
    std::thread stop{[&] { pool.stop(20ms); }};
    EXPECT_TRUE(eventually([&] { return waiting->abandons == 1 && running->abandons == 1; }));
    EXPECT_FALSE(pool.submit(make("", nullptr)));
    open.count_down();
    stop.join();
    EXPECT_EQ(waiting->runs, 0);
}

}  // namespace
}  // namespace strowger::hub
