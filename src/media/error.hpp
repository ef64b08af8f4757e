#pragma once
#include "base/result.hpp"

#include <type_traits>

namespace strowger::media {

/// Why something in media could not be made.
enum class errc {
    bad_capacity = 1,
    bad_frame_size,
    bad_rate,
    bad_channels,
    file_not_found,
    file_not_readable,
    file_not_audio,
    file_too_large,
    file_not_writable,
    tone_empty,
    tone_too_long,
    tone_unknown_element,
    tone_bad_duration,
    tone_bad_frequency,
    tone_too_many_frequencies,
    tone_unclosed,
    tone_bad_setting,
    tone_bad_loops,
};

const boost::system::error_category& media_category() noexcept;

inline error_code make_error_code(errc why) noexcept
{
    return {static_cast<int>(why), media_category()};
}

}  // namespace strowger::media

template <>
struct boost::system::is_error_code_enum<strowger::media::errc> : std::true_type {
};
