#include "softswitch/signal.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace strowger::softswitch {

void signal::raise()
{
    raised_ = true;
    if (waiting_) post_wake();
}

void signal::post_wake()
{
    if (posted_) return;
    posted_ = true;
    control_.post([link = link_] {
        if (auto* self = *link) self->wake();
    });
}

void signal::wake()
{
    posted_ = false;
    if (!waiting_) return;
    raised_ = false;
    timer_.cancel();
    std::exchange(waiting_, nullptr).resume();  // may destroy us: nothing after it
}

bool signal::take() noexcept
{
    return std::exchange(raised_, false);
}

void signal::wait(std::coroutine_handle<> who, deadline until)
{
    assert(!waiting_);
    waiting_ = who;
    if (!until) return;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - steady_clock::now());
    timer_ = control_.after(std::max(left, std::chrono::milliseconds{0}), [this] { post_wake(); });
}

void signal::forget(std::coroutine_handle<> who) noexcept
{
    if (!who || waiting_ != who) return;
    waiting_ = nullptr;
    timer_.cancel();
}

}  // namespace strowger::softswitch
