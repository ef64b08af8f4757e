#pragma once
#include "base/result.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace strowger::softswitch {

/// The one thread on which all call control happens: signalling, channels, dialplan, applications.
/// It runs libre's event loop, so libre's callbacks arrive on it too. Nothing on it may block.
///
/// Threads: post() and call() by anyone; everything else on the control thread.
class control_loop {
public:
    /// A pending timer; destroying or resetting it cancels it.
    class timer {
    public:
        timer() = default;
        timer(timer&&) noexcept = default;
        timer& operator=(timer&&) noexcept = default;
        ~timer() = default;
        void cancel() noexcept { impl_.reset(); }
        bool pending() const noexcept;

    private:
        friend class control_loop;
        struct impl;
        struct destroy {
            void operator()(impl* what) const noexcept;
        };
        std::unique_ptr<impl, destroy> impl_;
    };

    /// Starts the thread. One instance a process (libre's state is per thread, its memory pool global).
    static result<std::unique_ptr<control_loop>> start();
    /// Runs what was posted, then ends and joins the thread.
    ~control_loop();
    control_loop(const control_loop&) = delete;
    control_loop& operator=(const control_loop&) = delete;

    /// Runs `work` on the control thread, in the order of posting. Never blocks.
    void post(std::function<void()> work);
    /// Runs `work` on the control thread and waits for it; at once when already there.
    void call(const std::function<void()>& work);
    /// Runs `work` once after `delay` unless the timer is destroyed first. Control thread only.
    [[nodiscard]] timer after(std::chrono::milliseconds delay, std::function<void()> work);
    bool on_thread() const noexcept;

private:
    struct impl;
    explicit control_loop(std::unique_ptr<impl> made);
    std::unique_ptr<impl> impl_;
};

}  // namespace strowger::softswitch
