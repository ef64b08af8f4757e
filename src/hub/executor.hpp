#pragma once
#include "base/clock.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace strowger::hub {

/// Runs tasks on a bounded number of threads. Tasks of one lane start in order, one after the other; tasks of
/// different lanes, and those without one, never wait for each other while a thread is free.
///
/// Threads: any. Threads of its own are started when first needed.
class executor {
public:
    struct task {
        virtual ~task() = default;
        virtual void run() = 0;
        /// The deadline passed before run() came back, or before it began (then it never does). Once.
        virtual void on_timeout() = 0;
        /// stop() gave up on it, whether it runs or not.
        virtual void on_abandon() = 0;

        std::string lane;     ///< empty: unordered
        bool urgent = false;  ///< overtakes everything that waits, its own lane included
        steady_clock::time_point deadline = steady_clock::time_point::max();

    private:
        friend class executor;
        bool timed_out_ = false;
    };
    using task_ptr = std::shared_ptr<task>;

    /// @param workers  at most this many run at once
    /// @param queue    at most this many more wait
    executor(std::size_t workers, std::size_t queue);
    ~executor();

    /// @return false, at once, when both are full or stop() was called
    bool submit(task_ptr what);
    /// Tells the tasks whose deadline has passed. To be called from time to time.
    void check_deadlines(steady_clock::time_point now);
    /// Takes no more, waits for what there is at most `drain`, abandons the rest and joins every thread:
    /// a task that runs can't be killed, so this waits for it all the same. Idempotent.
    void stop(std::chrono::milliseconds drain);

    std::size_t waiting() const;
    std::size_t running() const;

private:
    void work(std::size_t index);
    void finish_lane(const std::string& lane);
    bool call_somebody();

    const std::size_t workers_, queue_;
    mutable std::mutex mutex_;
    std::condition_variable work_, idle_;
    std::deque<task_ptr> ready_;
    std::unordered_map<std::string, std::deque<task_ptr>> lanes_;  ///< of each busy lane, what waits behind
    std::vector<task_ptr> current_;                                ///< by thread
    std::vector<std::thread> threads_;
    std::size_t waiting_ = 0, running_ = 0, sleeping_ = 0;
    bool waking_ = false;  ///< somebody was woken or started and has not looked at ready_ yet
    bool stopping_ = false, leaving_ = false;
};

}  // namespace strowger::hub
