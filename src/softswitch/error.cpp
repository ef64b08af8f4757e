#include "softswitch/error.hpp"

#include "base/error_category.hpp"

namespace strowger::softswitch {
namespace {

const char* text_of(int value) noexcept
{
    switch (static_cast<errc>(value)) {
        case errc::empty_dial_string:
            return "the dial string names nobody to call";
        case errc::dial_string_too_long:
            return "the dial string is longer than 16384 bytes";
        case errc::unterminated_block:
            return "a { [ or < in the dial string is never closed";
        case errc::too_many_legs:
            return "the dial string calls more than 64 parties";
        case errc::too_many_variables:
            return "a block of the dial string sets more than 256 variables";
        case errc::unknown_file_type:
            return "no player for this kind of file; WAV and tone_stream:// are known";
        case errc::worker_busy:
            return "too many files wait to be read; try again";
        case errc::left:
            return "the call went elsewhere before the file was read";
        case errc::bad_silence:
            return "silence_stream:// wants a number of milliseconds, or -1";
    }
    return "unknown softswitch error";
}

constinit const error_category the_category{"softswitch", text_of};

}  // namespace

const boost::system::error_category& category() noexcept
{
    return the_category;
}

}  // namespace strowger::softswitch
