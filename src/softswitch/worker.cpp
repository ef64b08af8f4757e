#include "softswitch/worker.hpp"

#include <algorithm>
#include <chrono>

namespace strowger::softswitch {
namespace {

constexpr std::size_t most_waiting = 1024;
constexpr std::chrono::milliseconds period{20};

}  // namespace

worker::worker() : thread_{[this] { run(); }} {}

worker::~worker()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

bool worker::submit(std::function<void()> work)
{
    {
        const std::lock_guard lock{mutex_};
        if (waiting_.size() >= most_waiting) return false;
        waiting_.push_back(std::move(work));
    }
    wake_.notify_one();
    return true;
}

bool worker::repeat(std::function<bool()> work)
{
    {
        const std::lock_guard lock{mutex_};
        if (repeating_.size() >= most_waiting) return false;
        repeating_.push_back(std::move(work));
    }
    wake_.notify_one();
    return true;
}

void worker::run()
{
    std::unique_lock lock{mutex_};
    for (;;) {
        const auto due = [&] { return stopping_ || !waiting_.empty(); };
        if (repeating_.empty()) {
            wake_.wait(lock, [&] { return due() || !repeating_.empty(); });
        } else {
            wake_.wait_for(lock, period, due);
        }
        std::deque<std::function<void()>> once;
        std::deque<std::function<bool()>> again;
        once.swap(waiting_);
        again.swap(repeating_);
        const bool last = stopping_;
        lock.unlock();
        for (const auto& each : once) each();
        std::erase_if(again, [](const auto& each) { return !each(); });
        lock.lock();
        std::ranges::move(again, std::back_inserter(repeating_));
        if (last && waiting_.empty()) return;
    }
}

}  // namespace strowger::softswitch
