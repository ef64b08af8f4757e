#include "bus/detail/nkey.hpp"

#include "bus/error.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include <openssl/evp.h>

namespace strowger::bus::detail {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::uint8_t prefix_seed = 18U << 3U;
constexpr std::uint8_t prefix_user = 20U << 3U;
constexpr std::size_t key_bytes = 32;

using bytes = std::vector<std::uint8_t>;

bytes from_base32(std::string_view text)
{
    bytes out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = alphabet.find(c);
        if (value == std::string_view::npos) return {};
        bits = (bits << 5U) | static_cast<std::uint32_t>(value);
        count += 5;
        if (count >= 8) {
            count -= 8;
            out.push_back(static_cast<std::uint8_t>(bits >> static_cast<unsigned>(count)));
        }
    }
    return out;
}

std::string to_base32(const bytes& data)
{
    std::string out;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const auto byte : data) {
        bits = (bits << 8U) | byte;
        count += 8;
        while (count >= 5) {
            count -= 5;
            out += alphabet[(bits >> count) & 31U];
        }
    }
    if (count > 0) out += alphabet[(bits << (5 - count)) & 31U];
    return out;
}

std::uint16_t crc16(const std::uint8_t* data, std::size_t size)
{
    std::uint16_t crc = 0;
    for (std::size_t i = 0; i < size; ++i) {
        crc = static_cast<std::uint16_t>(crc ^ (data[i] << 8U));
        for (int bit = 0; bit < 8; ++bit)
            crc = static_cast<std::uint16_t>((crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U);
    }
    return crc;
}

bool ed25519_public(const std::uint8_t* secret, std::uint8_t* out)
{
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret, key_bytes), &EVP_PKEY_free};
    std::size_t size = key_bytes;
    return key && EVP_PKEY_get_raw_public_key(key.get(), out, &size) == 1 && size == key_bytes;
}

}  // namespace

result<std::string> nkey_public(std::string_view seed)
{
    const bytes raw = from_base32(seed);
    // Two prefix bytes (kind in 5 bits across them), the key, the checksum.
    if (raw.size() != 2 + key_bytes + 2) return errc::bad_key;
    const auto sum = static_cast<std::uint16_t>(raw[34] | (raw[35] << 8U));
    if (sum != crc16(raw.data(), 2 + key_bytes)) return errc::bad_key;
    const auto kind = static_cast<std::uint8_t>(((raw[0] & 7U) << 5U) | (raw[1] >> 3U));
    if ((raw[0] & 0xF8U) != prefix_seed || kind != prefix_user) return errc::bad_key;

    bytes out(1 + key_bytes);
    out[0] = prefix_user;
    if (!ed25519_public(raw.data() + 2, out.data() + 1)) return errc::bad_key;
    const auto checked = crc16(out.data(), out.size());
    out.push_back(static_cast<std::uint8_t>(checked & 0xFFU));
    out.push_back(static_cast<std::uint8_t>(checked >> 8U));
    return to_base32(out);
}

}  // namespace strowger::bus::detail
