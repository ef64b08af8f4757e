#pragma once
#include <cstddef>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace strowger::net {

/// Network threads: one event loop, run by a fixed number of threads from start() to stop().
/// Threads: start() and stop() by the owner; context() by any.
class runtime {
public:
    /// @param threads  at least 1
    explicit runtime(std::size_t threads = 1);
    /// Stops first. What still waits in the loop is destroyed with it, without having run.
    ~runtime();
    runtime(const runtime&) = delete;
    runtime& operator=(const runtime&) = delete;

    void start();
    /// Ends the loop after the handlers that run now, and joins the threads. May be called twice; not from a handler.
    void stop();
    boost::asio::io_context& context() noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace strowger::net
