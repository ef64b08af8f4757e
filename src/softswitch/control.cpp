#include "softswitch/control.hpp"

#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include <re.h>

namespace strowger::softswitch {

struct control_loop::impl {
    std::thread thread;
    std::thread::id id;
    std::mutex mutex;
    std::deque<std::function<void()>> posted;
    mqueue* wake = nullptr;
    bool woken = false;

    void run(std::promise<int> started);
    void drain();
};

namespace {
constexpr int most_descriptors = 16384;
enum wake_id { wake_drain = 0, wake_stop = 1 };
}  // namespace

void control_loop::impl::drain()
{
    std::deque<std::function<void()>> work;
    {
        const std::lock_guard lock{mutex};
        work.swap(posted);
        woken = false;
    }
    for (auto& each : work) each();
}

void control_loop::impl::run(std::promise<int> started)
{
    int err = re_thread_init();
    // By number, so the sockets of media count too: the default of 1024 would be used up by 500 calls.
    if (err == 0) err = fd_setsize(most_descriptors);
    id = std::this_thread::get_id();
    if (err == 0) {
        err = mqueue_alloc(
            &wake,
            [](int what, void*, void* self) {
                static_cast<impl*>(self)->drain();
                if (what == wake_stop) re_cancel();
            },
            this);
    }
    started.set_value(err);
    if (err == 0) re_main(nullptr);
    drain();
    wake = static_cast<mqueue*>(mem_deref(wake));
    tmr_debug();
    re_thread_close();
}

control_loop::control_loop(std::unique_ptr<impl> made) : impl_{std::move(made)} {}

result<std::unique_ptr<control_loop>> control_loop::start()
{
    static const int initialised = libre_init();
    if (initialised != 0) return error_code{initialised, boost::system::generic_category()};
    auto made = std::make_unique<impl>();
    std::promise<int> started;
    auto outcome = started.get_future();
    made->thread =
        std::thread{[&self = *made, promise = std::move(started)]() mutable { self.run(std::move(promise)); }};
    if (const int err = outcome.get(); err != 0) {
        made->thread.join();
        return error_code{err, boost::system::generic_category()};
    }
    return std::unique_ptr<control_loop>{new control_loop{std::move(made)}};
}

control_loop::~control_loop()
{
    mqueue_push(impl_->wake, wake_stop, nullptr);
    impl_->thread.join();
}

void control_loop::post(std::function<void()> work)
{
    const std::lock_guard lock{impl_->mutex};
    impl_->posted.push_back(std::move(work));
    if (impl_->woken) return;  // one byte in the pipe is enough
    impl_->woken = true;
    mqueue_push(impl_->wake, wake_drain, nullptr);
}

void control_loop::call(const std::function<void()>& work)
{
    if (on_thread()) return work();
    std::promise<void> done;
    post([&] {
        work();
        done.set_value();
    });
    done.get_future().wait();
}

bool control_loop::on_thread() const noexcept
{
    return std::this_thread::get_id() == impl_->id;
}

struct control_loop::timer::impl {
    tmr handle{};
    std::function<void()> work;
};

void control_loop::timer::destroy::operator()(impl* what) const noexcept
{
    tmr_cancel(&what->handle);
    delete what;
}

bool control_loop::timer::pending() const noexcept
{
    return impl_ && tmr_isrunning(&impl_->handle);
}

control_loop::timer control_loop::after(std::chrono::milliseconds delay, std::function<void()> work)
{
    timer out;
    out.impl_.reset(new timer::impl{});
    out.impl_->work = std::move(work);
    tmr_start(
        &out.impl_->handle, static_cast<std::uint64_t>(delay.count()),
        [](void* self) {
            // The work may destroy its own timer: keep it alive on this stack.
            const auto work_to_do = std::move(static_cast<timer::impl*>(self)->work);
            work_to_do();
        },
        out.impl_.get());
    return out;
}

}  // namespace strowger::softswitch
