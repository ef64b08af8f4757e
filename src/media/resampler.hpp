#pragma once
#include "media/error.hpp"

#include <cstdint>
#include <memory>
#include <span>

struct SpeexResamplerState_;

namespace strowger::media {

/// Changes the rate of one mono stream, remembering what it needs from one block to the next.
///
/// Threads: one at a time.
/// Memory:  all of it in create(); process() never allocates, locks or throws.
class resampler {
public:
    /// @return the resampler, or errc::bad_rate for a rate outside 8000 to 192000 Hz
    [[nodiscard]] static result<std::unique_ptr<resampler>> create(std::uint32_t from_hz, std::uint32_t to_hz);

    /// Takes all of `in`. @return samples written to `out`, at most max_output(in.size()); what does not fit is lost.
    /// Blocks of a whole number of milliseconds give the same number of samples every time.
    std::size_t process(std::span<const std::int16_t> in, std::span<std::int16_t> out) noexcept;
    /// Samples that `in` input samples may become.
    std::size_t max_output(std::size_t in) const noexcept;
    /// By how much the output comes later than the input [samples of output].
    std::size_t latency() const noexcept;

private:
    struct destroy {
        void operator()(SpeexResamplerState_* state) const noexcept;
    };
    resampler(std::uint32_t from_hz, std::uint32_t to_hz);

    std::uint32_t from_hz_;
    std::uint32_t to_hz_;
    std::unique_ptr<SpeexResamplerState_, destroy> state_;  ///< none when the rates are one
};

}  // namespace strowger::media
