#pragma once
#include <atomic>
#include <mutex>

#include <nats/nats.h>

namespace strowger::bus::detail {

/// Carries one nats.c connection's socket on the thread that calls turn(): nats.c's publish calls then only
/// append to a buffer, and everything appended meanwhile leaves in one write.
///
/// Threads: turn() by one thread; wake() and nats.c's own calls (through attach_to) by any.
class event_loop {
public:
    event_loop();
    ~event_loop();
    event_loop(const event_loop&) = delete;
    event_loop& operator=(const event_loop&) = delete;

    /// Makes connections of these options use this loop.
    natsStatus attach_to(natsOptions* options) noexcept;
    /// Waits for the socket or wake(), at most `limit_ms`, and does what is due.
    void turn(int limit_ms);
    /// Whether a connection is attached; false again as soon as nats.c gave it up.
    bool attached() const noexcept { return connection_.load() != nullptr; }
    void wake() noexcept;
    /// Writes now, on the calling thread; what the socket doesn't take the loop's thread will.
    /// The caller sees to it that `nc` lives on.
    void write_now(natsConnection* nc);

    /// While one lives, what its thread publishes waits for write_now() or for the loop's next turn.
    class unhurried {
    public:
        unhurried() noexcept { lazy_ = true; }
        ~unhurried() { lazy_ = false; }
        unhurried(const unhurried&) = delete;
        unhurried& operator=(const unhurried&) = delete;
    };

private:
    static thread_local bool lazy_;
    static natsStatus on_attach(void** self, void* loop, natsConnection* nc, natsSock socket) noexcept;
    static natsStatus on_read(void* self, bool add) noexcept;
    static natsStatus on_write(void* self, bool add) noexcept;
    static natsStatus on_detach(void* self) noexcept;
    void write_if_wanted(natsConnection* nc);

    int event_fd_;
    std::atomic<natsConnection*> connection_{nullptr};
    std::atomic<int> socket_{-1};
    std::mutex writing_;
    std::atomic<bool> want_write_{false};  ///< there is something to write
    std::atomic<bool> asleep_{false};      ///< only then must somebody pay for a wake-up
};

}  // namespace strowger::bus::detail
