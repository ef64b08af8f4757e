#pragma once
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace strowger::softswitch {

/// Lets callers in until it is closed; close() waits for those inside. Threads: any.
class gate {
public:
    /// One caller inside; false when the gate was closed already.
    class pass {
    public:
        explicit pass(gate& of) : of_{of.enter() ? &of : nullptr} {}
        ~pass()
        {
            if (of_) of_->leave();
        }
        pass(const pass&) = delete;
        pass& operator=(const pass&) = delete;
        explicit operator bool() const noexcept { return of_ != nullptr; }

    private:
        gate* of_;
    };

    void close()
    {
        std::unique_lock lock{mutex_};
        closed_ = true;
        empty_.wait(lock, [&] { return inside_ == 0; });
    }

private:
    bool enter()
    {
        const std::lock_guard lock{mutex_};
        if (closed_) return false;
        ++inside_;
        return true;
    }
    void leave()
    {
        const std::lock_guard lock{mutex_};
        if (--inside_ == 0) empty_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable empty_;
    std::size_t inside_ = 0;
    bool closed_ = false;
};

}  // namespace strowger::softswitch
