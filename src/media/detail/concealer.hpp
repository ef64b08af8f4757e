#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace strowger::media::detail {

/// Makes up for what is missing in a stream of speech: repeats its last pitch periods, ever softer.
///
/// Threads: one. Memory: all of it in the constructor.
/// Source:  the method of ITU-T G.711 Appendix I, without its 3.75 ms of delay.
class concealer {
public:
    explicit concealer(std::uint32_t rate_hz);

    /// Takes real samples on their way out: fades over from what was made up before, and remembers them.
    void pass(std::span<std::int16_t> pcm) noexcept;
    /// Fills `pcm` with what might have come. @return false when all of it is silence
    bool conceal(std::span<std::int16_t> pcm) noexcept;
    void reset() noexcept;

    /// In mid-gap: the last samples out were made up.
    bool concealing() const noexcept { return concealing_; }
    /// In a gap that is longer than concealment lasts.
    bool silent() const noexcept { return concealing_ && made_ >= fade_end_; }
    /// The last samples that went out, oldest first.
    std::span<const std::int16_t> history() const noexcept { return history_; }

private:
    void begin() noexcept;
    std::int16_t next() noexcept;
    void remember(std::span<const std::int16_t> pcm) noexcept;

    std::size_t shortest_lag_, longest_lag_, template_, stride_, overlap_;
    std::size_t fade_start_, fade_end_;
    std::vector<std::int16_t> history_;
    std::vector<std::int16_t> piece_;  ///< what is repeated; its end leads into its beginning
    std::size_t piece_size_ = 0;
    std::size_t at_ = 0;      ///< in piece_
    std::size_t made_ = 0;    ///< samples since the gap began
    int step_ = 0;            ///< between the last real sample and the first of piece_
    bool concealing_ = true;  ///< before the first packet there is nothing to fade from but silence
};

/// How alike two signals are, -1 to 1, looking at every `stride`th sample; 0 if one is silent.
double likeness(std::span<const std::int16_t> a, std::span<const std::int16_t> b, std::size_t stride) noexcept;

}  // namespace strowger::media::detail
