#pragma once
#include <string>
#include <string_view>

namespace strowger {

/// A random UUID, version 4 (RFC 9562 5.4), 36 characters in lower case.
/// Threads: any.
std::string make_uuid();

/// Whether `text` has the 8-4-4-4-12 form of a UUID.
bool is_uuid(std::string_view text) noexcept;

}  // namespace strowger
