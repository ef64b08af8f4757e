#include "softswitch/engine/media_clock.hpp"

#include "base/log.hpp"

#include <array>
#include <stdexcept>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace strowger::softswitch {
namespace {

/// Real-time scheduling where the system lets us, else the best niceness that it does.
void raise_priority()
{
    pthread_setname_np(pthread_self(), "media");
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    const sched_param wanted{.sched_priority = 20};
    if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &wanted) == 0) return;
    log::info("media", "no real-time priority for the media thread; grant CAP_SYS_NICE for the best pacing");
    setpriority(PRIO_PROCESS, 0, -11);
}

timespec to_timespec(std::chrono::nanoseconds ns)
{
    return {.tv_sec = ns.count() / 1'000'000'000, .tv_nsec = ns.count() % 1'000'000'000};
}

void clear(int fd) noexcept
{
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(fd, &count, sizeof count);
}

}  // namespace

media_clock::media_clock(duties what)
    : duties_{std::move(what)},
      timer_{timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)},
      poked_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)}
{
    if (timer_ < 0 || poked_ < 0) throw std::runtime_error{"no descriptors left for the media clock"};
    thread_ = std::thread{[this] { run(); }};
}

media_clock::~media_clock()
{
    stopping_.store(true, std::memory_order_release);
    poke();
    thread_.join();
    ::close(timer_);
    ::close(poked_);
}

void media_clock::poke() noexcept
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto sent = ::write(poked_, &one, sizeof one);
}

void media_clock::start_timer()
{
    next_ = steady_clock::now() + period;
    const itimerspec when{.it_interval = to_timespec(period), .it_value = to_timespec(next_.time_since_epoch())};
    timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void media_clock::run()
{
    raise_priority();
    start_timer();
    std::array<pollfd, 2> waits{pollfd{timer_, POLLIN, 0}, pollfd{poked_, POLLIN, 0}};
    while (!stopping_.load(std::memory_order_acquire)) {
        if (::poll(waits.data(), waits.size(), -1) < 0) continue;
        if (waits[1].revents != 0) {
            clear(poked_);
            duties_.poke();
        }
        if (waits[0].revents != 0) {
            clear(timer_);
            catch_up();
        }
    }
    duties_.poke();  // whoever waits for us must not wait for ever
}

void media_clock::catch_up()
{
    const auto behind = (steady_clock::now() - next_) / period;
    if (behind > catch_up_ticks) {
        duties_.skip(static_cast<std::uint32_t>(behind));
        measured_.skipped.add(static_cast<std::uint64_t>(behind));
        next_ += behind * period;
    }
    while (steady_clock::now() >= next_) one_tick();
}

void media_clock::one_tick()
{
    const auto woke = steady_clock::now();
    duties_.tick();
    measure(woke, steady_clock::now());
    next_ += period;
}

void media_clock::measure(steady_clock::time_point woke, steady_clock::time_point done) noexcept
{
    measured_.ticks.add();
    measured_.lateness.observe(woke - next_);
    measured_.work.observe(done - woke);
    if (done - next_ > late_after) measured_.late.add();
    const auto worst = measured_.worst_ns.load(std::memory_order_relaxed);
    if (const auto ns = (woke - next_) / std::chrono::nanoseconds{1}; ns > worst) {
        measured_.worst_ns.store(ns, std::memory_order_relaxed);
    }
}

}  // namespace strowger::softswitch
