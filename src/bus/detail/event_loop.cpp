#include "bus/detail/event_loop.hpp"

#include <array>
#include <cstdint>
#include <new>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace strowger::bus::detail {

thread_local bool event_loop::lazy_ = false;

event_loop::event_loop() : event_fd_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)}
{
    if (event_fd_ < 0) throw std::system_error{errno, std::system_category(), "eventfd"};
}

event_loop::~event_loop()
{
    ::close(event_fd_);
}

natsStatus event_loop::attach_to(natsOptions* options) noexcept
{
    // Without SendAsap nats.c would ask for a write only once its 32 KiB are full.
    const natsStatus s = natsOptions_SetSendAsap(options, true);
    if (s != NATS_OK) return s;
    return natsOptions_SetEventLoop(options, this, &on_attach, &on_read, &on_write, &on_detach);
}

natsStatus event_loop::on_attach(void** self, void* loop, natsConnection* nc, natsSock socket) noexcept
{
    auto& us = *static_cast<event_loop*>(loop);
    *self = loop;
    us.want_write_ = false;
    us.socket_ = socket;
    us.connection_ = nc;
    us.wake();
    return NATS_OK;
}

natsStatus event_loop::on_read(void* self, bool add) noexcept
{
    auto& us = *static_cast<event_loop*>(self);
    if (!add) us.socket_ = -1;
    us.wake();
    return NATS_OK;
}

natsStatus event_loop::on_write(void* self, bool add) noexcept
{
    auto& us = *static_cast<event_loop*>(self);
    us.want_write_ = add;
    if (add && !lazy_ && us.asleep_.exchange(false)) us.wake();  // one wake-up is enough
    return NATS_OK;
}

natsStatus event_loop::on_detach(void* self) noexcept
{
    auto& us = *static_cast<event_loop*>(self);
    us.connection_ = nullptr;
    us.wake();
    return NATS_OK;
}

void event_loop::wake() noexcept
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_fd_, &one, sizeof one);  // full means: awake already
}

void event_loop::write_if_wanted(natsConnection* nc)
{
    if (!want_write_.load()) return;
    // One at a time: with nothing left to write nats.c takes the 0 of send() for the end of the connection.
    const std::lock_guard lock{writing_};
    if (want_write_.load()) natsConnection_ProcessWriteEvent(nc);
}

void event_loop::write_now(natsConnection* nc)
{
    write_if_wanted(nc);
    if (want_write_.load() && asleep_.exchange(false)) wake();  // the socket is full: somebody must wait for it
}

void event_loop::turn(int limit_ms)
{
    if (auto* nc = connection_.load()) write_if_wanted(nc);
    asleep_ = true;
    // Still wanted after a try: the socket is full, or the wish came in just now; POLLOUT serves both.
    const short events = static_cast<short>(POLLIN | (want_write_.load() ? POLLOUT : 0));
    std::array<pollfd, 2> wait{pollfd{event_fd_, POLLIN, 0}, pollfd{socket_.load(), events, 0}};
    ::poll(wait.data(), wait.size(), limit_ms);
    asleep_ = false;
    if ((wait[0].revents & POLLIN) != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto read = ::read(event_fd_, &count, sizeof count);
    }
    auto* nc = connection_.load();
    if (nc != nullptr && socket_.load() >= 0 && (wait[1].revents & (POLLIN | POLLERR | POLLHUP)) != 0)
        natsConnection_ProcessReadEvent(nc);
    if ((nc = connection_.load()) != nullptr) write_if_wanted(nc);
}

}  // namespace strowger::bus::detail
