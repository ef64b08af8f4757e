#pragma once
#include "base/result.hpp"

#include <type_traits>

namespace strowger::bus {

enum class errc {
    bad_url = 1,
    bad_key,
    bad_credentials_file,
    bad_tls,
    bad_subject,
    not_connected,
    timeout,
    no_responders,
    too_large,
    library,
};

const boost::system::error_category& category() noexcept;

inline error_code make_error_code(errc value) noexcept
{
    return {static_cast<int>(value), category()};
}

}  // namespace strowger::bus

template <>
struct boost::system::is_error_code_enum<strowger::bus::errc> : std::true_type {
};
