#include "net/runtime.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace strowger::net {

namespace asio = boost::asio;

struct runtime::state {
    explicit state(std::size_t wanted) : count{std::max<std::size_t>(1, wanted)}, context{static_cast<int>(count)} {}

    std::size_t count;
    asio::io_context context;
    asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
    std::vector<std::thread> threads;
};

namespace {

/// A handler that throws is a bug of that handler; the others go on.
void run(asio::io_context& context)
{
    while (!context.stopped()) {
        try {
            context.run();
        } catch (const std::exception& thrown) {
            log::error("net", "a network handler threw", {{"what", thrown.what()}});
        }
    }
}

}  // namespace

runtime::runtime(std::size_t threads) : state_{std::make_unique<state>(threads)} {}

runtime::~runtime()
{
    stop();
}

void runtime::start()
{
    if (!state_->threads.empty()) return;
    state_->context.restart();
    for (std::size_t i = 0; i < state_->count; ++i) state_->threads.emplace_back([this] { run(state_->context); });
}

void runtime::stop()
{
    state_->context.stop();
    for (auto& thread : state_->threads) thread.join();
    state_->threads.clear();
}

asio::io_context& runtime::context() noexcept
{
    return state_->context;
}

}  // namespace strowger::net
