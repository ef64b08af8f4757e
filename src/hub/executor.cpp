#include "hub/executor.hpp"

#include <algorithm>

namespace strowger::hub {

executor::executor(std::size_t workers, std::size_t queue)
    : workers_{std::max<std::size_t>(1, workers)}, queue_{queue}
{
}

executor::~executor()
{
    stop(std::chrono::milliseconds{0});
}

bool executor::submit(task_ptr what)
{
    bool wake = false;
    {
        const std::lock_guard lock{mutex_};
        if (stopping_ || waiting_ + running_ >= workers_ + queue_) return false;
        ++waiting_;
        if (what->urgent) {
            ready_.push_front(std::move(what));
        } else if (what->lane.empty()) {
            ready_.push_back(std::move(what));
        } else if (const auto [busy, free] = lanes_.try_emplace(what->lane); free) {
            ready_.push_back(std::move(what));
        } else {
            busy->second.push_back(std::move(what));
            return true;
        }
        wake = call_somebody();
    }
    if (wake) work_.notify_one();
    return true;
}

/// Needs mutex_. One is called at a time: whoever comes calls the next before it starts to work, so that quick
/// tasks cost fewer wake-ups than there are tasks, and a slow one still delays nobody.
/// @return whether work_ is to be notified
bool executor::call_somebody()
{
    if (waking_ || ready_.empty()) return false;
    if (sleeping_ > 0) return waking_ = true;
    if (threads_.size() >= workers_ || leaving_) return false;
    waking_ = true;
    current_.emplace_back();
    threads_.emplace_back([this, index = threads_.size()] { work(index); });
    return false;
}

void executor::work(std::size_t index)
{
    std::unique_lock lock{mutex_};
    while (true) {
        ++sleeping_;
        work_.wait(lock, [this] { return !ready_.empty() || leaving_; });
        --sleeping_;
        waking_ = false;
        if (ready_.empty()) return;
        task_ptr mine = std::move(ready_.front());
        ready_.pop_front();
        --waiting_;
        ++running_;
        if (!mine->timed_out_) {
            current_[index] = mine;
            const bool wake = call_somebody();
            lock.unlock();
            if (wake) work_.notify_one();
            mine->run();
            lock.lock();
            current_[index] = nullptr;
        }
        --running_;
        if (!mine->lane.empty() && !mine->urgent) finish_lane(mine->lane);
        if (waiting_ + running_ == 0 && stopping_) idle_.notify_all();
        lock.unlock();
        mine.reset();  // its captures die without our lock
        lock.lock();
    }
}

/// Needs mutex_. The next of the lane becomes ready, for the calling thread if for nobody else, or the lane is over.
void executor::finish_lane(const std::string& lane)
{
    const auto at = lanes_.find(lane);
    if (at == lanes_.end()) return;  // stop() cleared it
    if (at->second.empty()) {
        lanes_.erase(at);
        return;
    }
    ready_.push_back(std::move(at->second.front()));
    at->second.pop_front();
}

void executor::check_deadlines(steady_clock::time_point now)
{
    std::vector<task_ptr> late;
    const auto look = [&](const task_ptr& it) {
        if (!it || it->timed_out_ || it->deadline > now) return;
        it->timed_out_ = true;
        late.push_back(it);
    };
    {
        const std::lock_guard lock{mutex_};
        if (waiting_ + running_ == 0) return;
        std::ranges::for_each(current_, look);
        std::ranges::for_each(ready_, look);
        for (const auto& [name, queue] : lanes_) std::ranges::for_each(queue, look);
    }
    for (const auto& it : late) it->on_timeout();
}

void executor::stop(std::chrono::milliseconds drain)
{
    std::vector<task_ptr> rest;
    std::vector<std::thread> threads;
    {
        std::unique_lock lock{mutex_};
        stopping_ = true;
        idle_.wait_for(lock, drain, [this] { return waiting_ + running_ == 0; });
        for (auto& it : current_)
            if (it) rest.push_back(it);
        rest.insert(rest.end(), ready_.begin(), ready_.end());
        for (const auto& [name, queue] : lanes_) rest.insert(rest.end(), queue.begin(), queue.end());
        ready_.clear();
        lanes_.clear();
        waiting_ = 0;
        leaving_ = true;
        threads.swap(threads_);
    }
    work_.notify_all();
    for (const auto& it : rest) it->on_abandon();
    for (auto& it : threads) it.join();
}

std::size_t executor::waiting() const
{
    const std::lock_guard lock{mutex_};
    return waiting_;
}

std::size_t executor::running() const
{
    const std::lock_guard lock{mutex_};
    return running_;
}

}  // namespace strowger::hub
