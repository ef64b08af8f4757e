#pragma once
#include "softswitch/control.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace strowger::softswitch {

/// One thread for what may wait for a disk: decoding files to play, writing recordings.
///
/// Threads:  submit() and poll by the control thread; the work runs on the worker's own.
/// Lifetime: the destructor runs what was submitted, then joins.
class worker {
public:
    worker();
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    /// @return false when 1024 pieces of work are waiting already
    bool submit(std::function<void()> work);
    /// Runs `work` every 20 ms until it returns false.
    bool repeat(std::function<bool()> work);

private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> waiting_;
    std::deque<std::function<bool()>> repeating_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace strowger::softswitch
