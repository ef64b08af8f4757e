#include "app/signals.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <pthread.h>
#include <unistd.h>

namespace strowger::app {
namespace {

sigset_t both()
{
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGINT);
    ::sigaddset(&set, SIGTERM);
    return set;
}

}  // namespace

stop_signals::stop_signals()
{
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN);
    const auto set = both();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int stop_signals::wait() const
{
    const auto set = both();
    int signal = 0;
    while (::sigwait(&set, &signal) != 0) {
    }
    return signal;
}

void stop_signals::leave_after(std::chrono::milliseconds limit) const
{
    std::thread{[limit] {
        const auto set = both();
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit);
        const timespec wait{seconds.count(), std::chrono::nanoseconds{limit - seconds}.count()};
        const bool signalled = ::sigtimedwait(&set, nullptr, &wait) >= 0;
        std::fputs(signalled ? "strowger: second signal, leaving at once\n"
                             : "strowger: stopping took too long, leaving now; calls may not have been ended\n",
                   stderr);
        ::_exit(EXIT_FAILURE);
    }}.detach();
}

}  // namespace strowger::app
