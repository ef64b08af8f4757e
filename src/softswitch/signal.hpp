#pragma once
#include "base/clock.hpp"
#include "softswitch/control.hpp"

#include <coroutine>
#include <memory>
#include <optional>

namespace strowger::softswitch {

/// "Something changed, look again": what a script waits on. It says that, never what; whoever waits checks
/// its own conditions in a loop, so a wake-up too many does no harm and none is lost.
///
/// Threads:  control thread. raise() never runs the waiting script inside the caller: it goes on in a later
///           turn of the control loop, so that code that changes a call need not fear that the call is gone.
/// Lifetime: may be destroyed while a wake-up is on its way. One script waits at a time.
class signal {
public:
    using deadline = std::optional<steady_clock::time_point>;

    explicit signal(control_loop& control) : control_{control}, link_{std::make_shared<signal*>(this)} {}
    ~signal() { *link_ = nullptr; }
    signal(const signal&) = delete;
    signal& operator=(const signal&) = delete;

    void raise();

    /// Waits until raise() or `until`. Takes back the timer and the wait when the script is destroyed.
    class awaiter {
    public:
        awaiter(signal& of, deadline until) : of_{of}, until_{until} {}
        ~awaiter() { of_.forget(self_); }
        awaiter(const awaiter&) = delete;
        awaiter& operator=(const awaiter&) = delete;

        bool await_ready() noexcept { return of_.take(); }
        void await_suspend(std::coroutine_handle<> self)
        {
            self_ = self;
            of_.wait(self, until_);
        }
        void await_resume() noexcept { self_ = nullptr; }

    private:
        signal& of_;
        deadline until_;
        std::coroutine_handle<> self_;
    };
    awaiter changed(deadline until = {}) { return {*this, until}; }

private:
    bool take() noexcept;
    void wait(std::coroutine_handle<> who, deadline until);
    void forget(std::coroutine_handle<> who) noexcept;
    void wake();
    void post_wake();

    control_loop& control_;
    std::shared_ptr<signal*> link_;  // nulled when we go: a posted wake-up may come later
    std::coroutine_handle<> waiting_;
    control_loop::timer timer_;
    bool raised_ = false;
    bool posted_ = false;
};

}  // namespace strowger::softswitch
