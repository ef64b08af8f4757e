#include "media/frame_ring.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace strowger::media {

result<std::unique_ptr<frame_ring>> frame_ring::create(std::size_t capacity, std::size_t frame_samples)
{
    if (capacity < 2 || !std::has_single_bit(capacity)) return errc::bad_capacity;
    if (frame_samples == 0) return errc::bad_frame_size;
    return std::unique_ptr<frame_ring>{new frame_ring{capacity, frame_samples}};
}

frame_ring::frame_ring(std::size_t capacity, std::size_t frame_samples)
    : capacity_{capacity},
      frame_samples_{frame_samples},
      samples_{std::make_unique<std::int16_t[]>(capacity * frame_samples)}
{
}

bool frame_ring::push(std::span<const std::int16_t> pcm) noexcept
{
    assert(pcm.size() == frame_samples_);
    const auto tail = tail_.load(std::memory_order_relaxed);  // only we write it
    // The oldest frame belongs to the consumer, so a full ring costs us the newest.
    if (tail - head_.load(std::memory_order_acquire) == capacity_) {
        overruns_.fetch_add(1, std::memory_order_relaxed);
        return false;
    }
    std::ranges::copy(pcm, slot(tail));
    tail_.store(tail + 1, std::memory_order_release);  // publishes the copy above
    return true;
}

bool frame_ring::pop(std::span<std::int16_t> pcm) noexcept
{
    assert(pcm.size() == frame_samples_);
    const auto head = head_.load(std::memory_order_relaxed);  // only we write it
    if (head == tail_.load(std::memory_order_acquire)) return false;
    std::copy_n(slot(head), frame_samples_, pcm.begin());
    head_.store(head + 1, std::memory_order_release);  // gives the slot back after the copy above
    return true;
}

std::size_t frame_ring::size() const noexcept
{
    const auto head = head_.load(std::memory_order_acquire);  // first, or it could overtake the tail we saw
    return tail_.load(std::memory_order_acquire) - head;
}

}  // namespace strowger::media
