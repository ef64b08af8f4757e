#include "softswitch/job_pool.hpp"

#include <utility>

namespace strowger::softswitch {

bool job_pool::submit(std::function<void()> job)
{
    const std::lock_guard lock{mutex_};
    if (stopping_ || waiting_.size() >= most_waiting) return false;
    waiting_.push_back(std::move(job));
    if (idle_ < waiting_.size() && threads_.size() < most_threads) threads_.emplace_back([this] { run(); });
    wake_.notify_one();
    return true;
}

void job_pool::stop()
{
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        waiting_.clear();
        threads.swap(threads_);
    }
    wake_.notify_all();
    for (auto& each : threads) each.join();
}

void job_pool::run()
{
    std::unique_lock lock{mutex_};
    for (;;) {
        ++idle_;
        wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        --idle_;
        if (stopping_) return;
        const auto job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        job();
        lock.lock();
    }
}

}  // namespace strowger::softswitch
