#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace strowger::media {

/// Makes one or more sine waves at once, without a click from one call of next() to another.
///
/// Shape:   mono int16 at `rate_hz`.
/// Memory:  none beyond itself; nothing allocates or throws.
class tone_generator {
public:
    static constexpr std::size_t max_tones = 8;

    /// @param level_dbov  of each sine [dBov]; -3.01 is the loudest that does not clip alone (RFC 6464 3: 0 dBov
    ///                    is a full-scale square wave). Two sines add up; what exceeds 16 bits is clipped.
    /// Frequencies not above 0 are left out, as are those after the eighth.
    tone_generator(std::initializer_list<double> frequencies_hz, std::uint32_t rate_hz, double level_dbov = -16.0);
    tone_generator(std::span<const double> frequencies_hz, std::uint32_t rate_hz, double level_dbov = -16.0);

    /// Overwrites `pcm` with what comes next.
    void next(std::span<std::int16_t> pcm) noexcept;
    /// From the next sample on.
    void set_level(double level_dbov) noexcept;

private:
    /// A pointer of length 1 that turns by `step` a sample; its height is the sine.
    struct wave {
        double x = 1, y = 0;
        double step_x = 1, step_y = 0;
        double turn() noexcept;
        void normalise() noexcept;
    };
    std::array<wave, max_tones> waves_{};
    std::size_t size_ = 0;
    double peak_ = 0;
};

/// Listens for one frequency (Goertzel).
class tone_detector {
public:
    tone_detector(double frequency_hz, std::uint32_t rate_hz) noexcept;

    /// Share of the power in `pcm` that lies within some 1/duration of the frequency, 0 to 1; 0 for digital silence.
    /// 40 ms tell DTMF's tones apart; 20 ms do for tones more than 100 Hz apart.
    double share(std::span<const std::int16_t> pcm) const noexcept;

private:
    double turn_;  ///< radians a sample
};

/// Whether `pcm` is, for the most part, this tone: half of its power or more, at -50 dBov or louder.
bool hears(std::span<const std::int16_t> pcm, double frequency_hz, std::uint32_t rate_hz) noexcept;

}  // namespace strowger::media
