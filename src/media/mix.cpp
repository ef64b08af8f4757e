#include "media/mix.hpp"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace strowger::media {
namespace detail {

void mix_scalar(std::int16_t* pcm, const std::int16_t* more, std::size_t size) noexcept
{
    for (std::size_t i = 0; i < size; ++i)
        pcm[i] = static_cast<std::int16_t>(std::clamp(pcm[i] + more[i], -32768, 32767));
}

#if defined(__x86_64__)

void mix_sse2(std::int16_t* pcm, const std::int16_t* more, std::size_t size) noexcept
{
    std::size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        const auto a = _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(pcm + i));
        const auto b = _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(more + i));
        _mm_storeu_si128(reinterpret_cast<__m128i_u*>(pcm + i), _mm_adds_epi16(a, b));
    }
    mix_scalar(pcm + i, more + i, size - i);
}

__attribute__((target("avx2"))) void mix_avx2(std::int16_t* pcm, const std::int16_t* more, std::size_t size) noexcept
{
    std::size_t i = 0;
    for (; i + 16 <= size; i += 16) {
        const auto a = _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(pcm + i));
        const auto b = _mm256_loadu_si256(reinterpret_cast<const __m256i_u*>(more + i));
        _mm256_storeu_si256(reinterpret_cast<__m256i_u*>(pcm + i), _mm256_adds_epi16(a, b));
    }
    mix_scalar(pcm + i, more + i, size - i);
}

bool has_avx2() noexcept
{
    return __builtin_cpu_supports("avx2") != 0;
}

#else

bool has_avx2() noexcept
{
    return false;
}

#endif

}  // namespace detail

void mix(std::span<std::int16_t> pcm, std::span<const std::int16_t> more) noexcept
{
    const auto size = std::min(pcm.size(), more.size());
#if defined(__x86_64__)
    static const auto way = detail::has_avx2() ? detail::mix_avx2 : detail::mix_sse2;
    way(pcm.data(), more.data(), size);
#else
    detail::mix_scalar(pcm.data(), more.data(), size);
#endif
}

}  // namespace strowger::media
