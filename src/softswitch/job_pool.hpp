#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace strowger::softswitch {

/// A few threads for API verbs that run without their caller and may wait (`bgapi`). Started when needed.
/// Threads: any. Lifetime: the destructor drops what waits and joins what runs.
class job_pool {
public:
    static constexpr std::size_t most_threads = 16;
    static constexpr std::size_t most_waiting = 1024;

    job_pool() = default;
    ~job_pool() { stop(); }
    job_pool(const job_pool&) = delete;
    job_pool& operator=(const job_pool&) = delete;

    /// @return false when most_waiting are waiting, or it was stopped
    bool submit(std::function<void()> job);
    /// May be called twice.
    void stop();

private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> waiting_;
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool stopping_ = false;
};

}  // namespace strowger::softswitch
