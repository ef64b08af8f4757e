#pragma once
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace strowger::test {

/// What happened, in order, written by any thread and waited for by the test.
class journal {
public:
    void write(std::string line)
    {
        const std::lock_guard lock{mutex_};
        lines_.push_back(std::move(line));
        changed_.notify_all();
    }
    /// Whether a line that starts with `prefix` is there, or comes within `time`.
    bool wait(const std::string& prefix, std::chrono::milliseconds time = std::chrono::seconds{5})
    {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, time, [&] { return find(prefix) != lines_.end(); });
    }
    /// The first line that starts with `prefix`; empty if there is none.
    std::string line(const std::string& prefix)
    {
        const std::lock_guard lock{mutex_};
        const auto found = find(prefix);
        return found == lines_.end() ? std::string{} : *found;
    }
    std::size_t count(const std::string& prefix)
    {
        const std::lock_guard lock{mutex_};
        return static_cast<std::size_t>(
            std::ranges::count_if(lines_, [&](const std::string& each) { return each.starts_with(prefix); }));
    }
    void clear()
    {
        const std::lock_guard lock{mutex_};
        lines_.clear();
    }
    std::string text()
    {
        const std::lock_guard lock{mutex_};
        std::string out;
        for (const auto& each : lines_) out += each + '\n';
        return out;
    }

private:
    std::vector<std::string>::const_iterator find(const std::string& prefix) const
    {
        return std::ranges::find_if(lines_, [&](const std::string& each) { return each.starts_with(prefix); });
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

}  // namespace strowger::test
