#pragma once
#include <cstdint>
#include <span>

namespace strowger::media {

/// Adds `more` to `pcm`, sample by sample; sums beyond 16 bits stay at the limit.
/// Of two sizes the shorter counts. Picks the widest instructions of this processor at the first call.
void mix(std::span<std::int16_t> pcm, std::span<const std::int16_t> more) noexcept;

namespace detail {

// The ways of doing it; all have one result. For tests and benchmarks.
void mix_scalar(std::int16_t* pcm, const std::int16_t* more, std::size_t size) noexcept;
#if defined(__x86_64__)
void mix_sse2(std::int16_t* pcm, const std::int16_t* more, std::size_t size) noexcept;
void mix_avx2(std::int16_t* pcm, const std::int16_t* more, std::size_t size) noexcept;
#endif
bool has_avx2() noexcept;

}  // namespace detail
}  // namespace strowger::media
