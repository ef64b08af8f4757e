#pragma once
#include "softswitch/media_port.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace strowger::softswitch {

struct port_event {
    std::uint64_t port = 0;
    transport_event what;
};

/// What the transports noticed, on its way from the media thread to the control thread.
/// Threads: push() by the media thread, pop() by the control thread; both wait-free.
class event_ring {
public:
    static constexpr std::size_t capacity = 4096;  ///< a power of two

    /// When full, the newest event is lost. @return whether it fitted
    bool push(const port_event& event) noexcept
    {
        const auto tail = tail_.load(std::memory_order_relaxed);
        if (tail - head_.load(std::memory_order_acquire) == capacity) return false;
        events_[tail % capacity] = event;
        tail_.store(tail + 1, std::memory_order_release);
        return true;
    }
    bool pop(port_event& out) noexcept
    {
        const auto head = head_.load(std::memory_order_relaxed);
        if (head == tail_.load(std::memory_order_acquire)) return false;
        out = events_[head % capacity];
        head_.store(head + 1, std::memory_order_release);
        return true;
    }

private:
    std::array<port_event, capacity> events_{};
    alignas(64) std::atomic<std::size_t> head_{0};
    alignas(64) std::atomic<std::size_t> tail_{0};
};

}  // namespace strowger::softswitch
