#pragma once
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace strowger::bus::detail {

/// The public key (`U…`) that belongs to a user seed (`SU…`).
/// Source: nkeys README, "Encoding": base32 of prefix, key and CRC-16/XMODEM (little endian).
/// @return errc::bad_key when the seed's form, checksum or kind is wrong
[[nodiscard]] result<std::string> nkey_public(std::string_view seed);

}  // namespace strowger::bus::detail
