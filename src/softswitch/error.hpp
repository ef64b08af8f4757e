#pragma once
#include "base/result.hpp"

#include <type_traits>

namespace strowger::softswitch {

enum class errc {
    empty_dial_string = 1,
    dial_string_too_long,
    unterminated_block,
    too_many_legs,
    too_many_variables,
    unknown_file_type,
    worker_busy,
    left,
    bad_silence,
};

const boost::system::error_category& category() noexcept;
inline error_code make_error_code(errc code) noexcept
{
    return {static_cast<int>(code), category()};
}

}  // namespace strowger::softswitch

template <>
struct boost::system::is_error_code_enum<strowger::softswitch::errc> : std::true_type {
};
