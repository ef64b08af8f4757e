#pragma once
#include <string_view>
#include <vector>

namespace strowger::hub {

/// Whether `text` matches `pattern`, where `*` stands for any run of bytes. ASCII case does not count.
/// Never worse than the product of both lengths: a failed run is only retried from its last `*`.
bool glob_match(std::string_view pattern, std::string_view text) noexcept;

template <class Patterns>
bool any_glob_matches(const Patterns& patterns, std::string_view text) noexcept
{
    for (const auto& pattern : patterns)
        if (glob_match(pattern, text)) return true;
    return false;
}

/// ASCII only.
bool same_folded(std::string_view a, std::string_view b) noexcept;
char ascii_lower(char c) noexcept;

}  // namespace strowger::hub
