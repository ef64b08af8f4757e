#include "base/ids.hpp"

#include <array>
#include <cstdint>
#include <random>

namespace strowger {

std::string make_uuid()
{
    // One generator a thread, seeded from the system once: a call set-up costs no system call.
    thread_local std::mt19937_64 random = [] {
        std::random_device device;
        std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
        return std::mt19937_64{seed};
    }();
    std::array<std::uint64_t, 2> bits{random(), random()};
    bits[0] = (bits[0] & ~0xf000ULL) | 0x4000ULL;                  // version 4
    bits[1] = (bits[1] & ~(0xc000ULL << 48)) | (0x8000ULL << 48);  // variant 10
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(36, '-');
    std::size_t at = 0;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
        text[at++] = digits[(bits[static_cast<std::size_t>(nibble / 16)] >> (60 - 4 * (nibble % 16))) & 0xf];
    }
    return text;
}

bool is_uuid(std::string_view text) noexcept
{
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex) return false;
    }
    return true;
}

}  // namespace strowger
