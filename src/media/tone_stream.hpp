#pragma once
#include "media/error.hpp"
#include "media/tone.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace strowger::media {

/// Plays a tone script, FreeSWITCH's TGML: what follows `tone_stream://`.
///
///     %(2000,4000,440,480)           2 s of 440 + 480 Hz, 4 s of silence
///     v=-7;%(100,0,941,1477);1;l=3;%(250,250,620);loops=-1
///
/// Elements are separated by `;`. `%(on,off,hz...)` is a tone [ms, ms, Hz]; a digit 0-9 * # A-D is DTMF of
/// `d=` on and `w=` off [ms], or `5(on,off)`. `v=` sets the level of what follows [dBm0]; `l=` repeats the next
/// tone, `L=` the script; `>=`, `<=` [ms] with `+=` [dB] let a tone grow softer or louder. `;loops=` repeats the
/// whole, and only it may be endless (-1), as may `l=`, after which nothing else is reached.
///
/// Shape:  mono int16 at the given rate. Memory: all of it in parse(); next() never allocates, locks or throws.
/// Source: FreeSWITCH mod_tone_stream and libteletone, whose `r=` and `c=` have no meaning here.
class tone_stream {
public:
    /// One tone and the silence after it.
    struct element {
        std::array<double, tone_generator::max_tones> frequencies_hz{};
        std::size_t frequencies = 0;
        std::uint64_t on = 0;   ///< [samples]
        std::uint64_t off = 0;  ///< [samples]
        double level_dbm0 = -7;
        double fade_db = 0;           ///< added every fade_step; below 0 it grows softer
        std::uint64_t fade_step = 0;  ///< [samples]; 0: steady
        std::int64_t plays = 1;       ///< -1: for ever
    };

    /// @return the stream, or one of errc::tone_*, whose message says what was expected; or errc::bad_rate
    [[nodiscard]] static result<std::unique_ptr<tone_stream>> parse(std::string_view spec, std::uint32_t rate_hz);

    /// Fills `pcm`; a last, partial block is padded with silence. False: ended, nothing was filled.
    bool next(std::span<std::int16_t> pcm) noexcept;

private:
    tone_stream(std::vector<element> script, std::int64_t plays, std::uint32_t rate_hz);
    bool begin_element() noexcept;
    void fill_tone(std::span<std::int16_t> pcm) noexcept;

    const std::vector<element> script_;
    const std::uint32_t rate_hz_;
    std::int64_t plays_left_;         ///< of the script; -1: for ever
    std::size_t at_ = 0;              ///< element playing
    std::int64_t element_plays_ = 0;  ///< of it, so far
    std::uint64_t position_ = 0;      ///< in it [samples]
    double level_dbm0_ = 0;
    std::optional<tone_generator> tone_;
};

}  // namespace strowger::media
