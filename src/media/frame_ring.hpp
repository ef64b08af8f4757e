#pragma once
#include "media/error.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

namespace strowger::media {

/// Wait-free queue that carries one leg's PCM from the media thread to another thread, or back.
///
/// Shape:   frames of `frame_samples` int16, host order, interleaved if stereo, at the leg's rate.
/// Threads: push() by one producer only; pop() by one consumer only; the counters by anyone.
/// Memory:  all of it in create(); push() and pop() never allocate, lock, log or throw.
class frame_ring {
public:
    /// @param capacity       [frames]  a power of two, at least 2; 64 holds 1.28 s at 20 ms ptime
    /// @param frame_samples  [samples] rate * ptime / 1000 * channels; 160 for 8 kHz mono 20 ms
    /// @return the ring, or errc::bad_capacity, or errc::bad_frame_size
    [[nodiscard]] static result<std::unique_ptr<frame_ring>> create(std::size_t capacity, std::size_t frame_samples);

    /// Copies one frame in. When full, drops this frame, counts it in overruns(), returns false.
    bool push(std::span<const std::int16_t> pcm) noexcept;
    /// Copies the oldest frame out. When empty, leaves `pcm` alone and returns false.
    bool pop(std::span<std::int16_t> pcm) noexcept;

    /// Frames waiting; for the consumer at least that many, for the producer at most.
    std::size_t size() const noexcept;
    std::size_t capacity() const noexcept { return capacity_; }
    std::size_t frame_samples() const noexcept { return frame_samples_; }
    std::uint64_t overruns() const noexcept { return overruns_.load(std::memory_order_relaxed); }

private:
    frame_ring(std::size_t capacity, std::size_t frame_samples);
    std::int16_t* slot(std::size_t index) noexcept { return &samples_[(index & (capacity_ - 1)) * frame_samples_]; }

    static constexpr std::size_t cache_line = 64;
    const std::size_t capacity_;
    const std::size_t frame_samples_;
    const std::unique_ptr<std::int16_t[]> samples_;
    alignas(cache_line) std::atomic<std::size_t> head_{0};  ///< frames popped; written by the consumer
    alignas(cache_line) std::atomic<std::size_t> tail_{0};  ///< frames pushed; written by the producer
    std::atomic<std::uint64_t> overruns_{0};                ///< likewise the producer's
};

}  // namespace strowger::media
