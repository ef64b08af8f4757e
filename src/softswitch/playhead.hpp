#pragma once
#include <atomic>
#include <cstdint>

namespace strowger::softswitch {

/// Where a playback is, and what it is told meanwhile (`uuid_fileman`).
/// Threads: told by the control thread, obeyed by the media thread at its next frame; wait-free.
struct playhead {
    std::atomic<std::uint64_t> samples{0};  ///< played so far
    std::atomic<bool> paused{false};        ///< silence is played instead
    std::atomic<bool> stopping{false};      ///< it ends as if there were no more
    std::atomic<bool> restarting{false};    ///< a file goes back to its beginning; a tone can't
    std::atomic<int> steps{0};              ///< of volume
};

}  // namespace strowger::softswitch
