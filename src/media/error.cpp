#include "media/error.hpp"

#include "base/error_category.hpp"

namespace strowger::media {
namespace {

const char* text_of(int value) noexcept
{
    switch (static_cast<errc>(value)) {
        case errc::bad_capacity:
            return "the capacity of a frame ring must be a power of two, at least 2";
        case errc::bad_frame_size:
            return "the frame size must be at least one sample";
        case errc::bad_rate:
            return "the sample rate must be from 8000 to 192000 Hz";
        case errc::bad_channels:
            return "the number of channels must be 1 or 2";
        case errc::file_not_found:
            return "no such audio file: check the path and that its folder is readable";
        case errc::file_not_readable:
            return "the audio file cannot be read: check its permissions";
        case errc::file_not_audio:
            return "not an audio file that libsndfile knows (WAV, FLAC, Ogg, AU, AIFF)";
        case errc::file_too_large:
            return "the audio file is longer than the limit for a file held in memory";
        case errc::file_not_writable:
            return "the audio file cannot be created: check that its folder exists, "
                   "is writable, and that the disk has room";
        case errc::tone_empty:
            return "the tone script plays nothing: expected at least one %(on_ms,off_ms,hz) "
                   "or a DTMF digit";
        case errc::tone_too_long:
            return "the tone script is too long: expected at most 4096 characters and 256 tones";
        case errc::tone_unknown_element:
            return "unknown element in the tone script: expected %(on_ms,off_ms,hz...), "
                   "v=dB, d=ms, w=ms, l=count, L=count, >=ms, <=ms, +=dB, loops=count, "
                   "or DTMF digits 0-9 * # A-D";
        case errc::tone_bad_duration:
            return "bad duration in the tone script: expected %(on_ms,off_ms,hz...) with "
                   "whole milliseconds from 0 to 3600000";
        case errc::tone_bad_frequency:
            return "bad frequency in the tone script: expected Hz above 0 and below half "
                   "the sample rate";
        case errc::tone_too_many_frequencies:
            return "too many frequencies in one tone: expected at most 8";
        case errc::tone_unclosed:
            return "the tone script has a '(' without its ')'";
        case errc::tone_bad_setting:
            return "bad setting in the tone script: expected v= from -63 to 0 [dB], "
                   "d=, w=, >=, <= from 0 to 3600000 [ms], += from 0 to 63 [dB]";
        case errc::tone_bad_loops:
            return "bad loop count in the tone script: expected l=, L= or loops= with -1 "
                   "(for ever) or a whole number from 1 to 1000000";
    }
    return "unknown media error";
}

}  // namespace

const boost::system::error_category& media_category() noexcept
{
    static const error_category one{"media", text_of};
    return one;
}

}  // namespace strowger::media
