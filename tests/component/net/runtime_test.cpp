#include "net/runtime.hpp"

#include <atomic>
#include <latch>
#include <stdexcept>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace {

using strowger::net::runtime;

TEST(Runtime, RunsWorkOnAllItsThreads)
{
    runtime loop{3};
    loop.start();
    std::latch together{3};  // opens only if three handlers run at once
    std::latch done{3};
    for (int i = 0; i < 3; ++i) {
        boost::asio::post(loop.context(), [&] {
            together.arrive_and_wait();
            done.count_down();
        });
    }
    done.wait();
}

TEST(Runtime, GoesOnAfterAHandlerThrew)
{
    runtime loop;
    loop.start();
    std::latch done{1};
    boost::asio::post(loop.context(), [] { throw std::runtime_error{"a bug"}; });
    boost::asio::post(loop.context(), [&] { done.count_down(); });
    done.wait();
}

TEST(Runtime, NothingRunsAfterStopAndItCanStartAgain)
{
    runtime loop;
    loop.start();
    loop.stop();
    loop.stop();
    std::atomic<int> runs{0};
    std::latch done{1};
    boost::asio::post(loop.context(), [&] {
        ++runs;
        done.count_down();
    });
    EXPECT_EQ(runs, 0);
    loop.start();
    done.wait();
    EXPECT_EQ(runs, 1);
}

}  // namespace
