#pragma once
#include <cstddef>
#include <string_view>

namespace strowger {

/// Bytes of the character that `text` begins with, 1 to 4; 0 if it is empty or begins with no valid one.
/// Source: RFC 3629 4: no overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t utf8_character(std::string_view text) noexcept;

}  // namespace strowger
