#include "media/jitter_buffer.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace strowger::media {
namespace {

constexpr std::uint32_t longest_packet_ms = 120;
constexpr std::size_t remembered_sequences = 64;
constexpr int max_dropout = 3000;  // RFC 3550 A.1: further apart than these, the sender started anew
constexpr int max_misorder = 100;
constexpr double quiet_mean_square = 100.0 * 100.0;  // -50 dBov: nobody hears a piece cut out of this
constexpr double alike = 0.7;

jitter_settings bounded(jitter_settings in)
{
    in.rate_hz = std::clamp(in.rate_hz, 8000U, 48000U);
    in.frame_ms = std::clamp(in.frame_ms, 5U, 60U);
    in.max_delay_ms = std::clamp(in.max_delay_ms, 20U, 1000U);
    in.min_delay_ms = std::min(in.min_delay_ms, in.max_delay_ms);
    return in;
}

std::int64_t samples_in(const jitter_settings& settings, std::uint32_t ms)
{
    return std::int64_t{settings.rate_hz} * ms / 1000;
}

double mean_square(std::span<const std::int16_t> pcm) noexcept
{
    double sum = 0;
    for (const auto sample : pcm) sum += static_cast<double>(sample) * sample;
    return sum / static_cast<double>(pcm.size());
}

/// Fades from `out` over to `in`, into `out`.
void fade_over(std::span<std::int16_t> out, std::span<const std::int16_t> in) noexcept
{
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto weight = static_cast<float>(i + 1) / static_cast<float>(out.size() + 1);
        out[i] = static_cast<std::int16_t>(
            std::lround(static_cast<float>(out[i]) * (1 - weight) + static_cast<float>(in[i]) * weight));
    }
}

void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) noexcept
{
    counter.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace

jitter_buffer::jitter_buffer(const jitter_settings& settings)
    : settings_{bounded(settings)},
      frame_{static_cast<std::size_t>(samples_in(settings_, settings_.frame_ms))},
      max_delay_{samples_in(settings_, settings_.max_delay_ms)},
      window_{max_delay_ + samples_in(settings_, 2 * longest_packet_ms)},
      max_packet_{static_cast<std::size_t>(samples_in(settings_, longest_packet_ms))},
      overlap_{static_cast<std::size_t>(samples_in(settings_, 5))},
      shortest_lag_{overlap_},
      longest_lag_{std::min(overlap_ * 3, frame_)},
      mask_{std::bit_ceil(static_cast<std::size_t>(window_) + max_packet_ + frame_) - 1},
      samples_(mask_ + 1),
      present_(mask_ + 1),
      scratch_(frame_ + 2 * longest_lag_),
      concealer_{settings_.rate_hz},
      estimate_{settings_.rate_hz, samples_in(settings_, settings_.min_delay_ms), max_delay_}
{
}

void jitter_buffer::reset() noexcept
{
    std::ranges::fill(present_, std::uint8_t{0});
    concealer_.reset();
    estimate_.reset();
    running_ = have_sequence_ = have_stray_ = false;
    calm_ = 0;
    delay_ms_.store(0, std::memory_order_relaxed);
}

jitter_counters jitter_buffer::counters() const noexcept
{
    const auto read = [](const count& from) { return from.load(std::memory_order_relaxed); };
    const auto unique = read(unique_);
    const auto expected = read(expected_);
    return {.received = read(received_),
            .late = read(late_),
            .duplicate = read(duplicate_),
            .refused = read(refused_),
            .lost = expected > unique ? expected - unique : 0,
            .concealed = read(concealed_),
            .resets = read(resets_),
            .delay_ms = delay_ms_.load(std::memory_order_relaxed)};
}

// ---- packets in

void jitter_buffer::put(std::uint16_t seq, std::uint32_t rtp_timestamp, std::span<const std::int16_t> pcm) noexcept
{
    bump(received_);
    if (is_duplicate(seq)) return bump(duplicate_);
    position at = 0;
    if (pcm.empty() || pcm.size() > max_packet_ || !place(seq, rtp_timestamp, at)) return bump(refused_);
    follow_sequence(seq);
    estimate_.packet(at - clock_, clock_);
    // After a silence nobody hears where the stream goes on, so it goes on with the delay that it should have.
    if (concealer_.silent() && end_ <= play_) resume(at);
    store(at, pcm);
}

bool jitter_buffer::is_duplicate(std::uint16_t seq) const noexcept
{
    const int ahead = static_cast<std::int16_t>(seq - static_cast<std::uint16_t>(highest_sequence_));
    if (!have_sequence_ || ahead > 0 || ahead <= -static_cast<int>(remembered_sequences)) return false;
    return ((seen_ >> -ahead) & 1U) != 0;
}

void jitter_buffer::follow_sequence(std::uint16_t seq) noexcept
{
    const int ahead = static_cast<std::int16_t>(seq - static_cast<std::uint16_t>(highest_sequence_));
    bump(unique_);
    if (!have_sequence_ || ahead > max_dropout || ahead < -max_misorder) {
        have_sequence_ = true;
        highest_sequence_ = seq;
        seen_ = 1;
        bump(expected_);
    } else if (ahead > 0) {
        seen_ = ahead < static_cast<int>(remembered_sequences) ? (seen_ << ahead) | 1U : 1U;
        highest_sequence_ += static_cast<std::uint64_t>(ahead);
        bump(expected_, static_cast<std::uint64_t>(ahead));
    } else if (-ahead < static_cast<int>(remembered_sequences)) {
        seen_ |= std::uint64_t{1} << -ahead;
    }
}

/// Finds a packet's place on the timeline. @return false when its time stamp cannot be believed
bool jitter_buffer::place(std::uint16_t seq, std::uint32_t timestamp, position& at) noexcept
{
    if (!running_) {
        running_ = true;
        end_ = play_;
        anchor_at_ = play_ + target();
        anchor_timestamp_ = timestamp;
    }
    at = anchor_at_ + static_cast<std::int32_t>(timestamp - anchor_timestamp_);
    if (std::abs(at - play_) > window_) {
        if (is_stray(seq, timestamp)) return false;
        re_anchor(timestamp);
        at = anchor_at_;
    }
    have_stray_ = false;
    if (at > anchor_at_) {  // stay near the newest, so that the 32 bits may wrap
        anchor_at_ = at;
        anchor_timestamp_ = timestamp;
    }
    return true;
}

/// A time stamp that jumps is believed if the sequence goes on, or if the next packet agrees.
bool jitter_buffer::is_stray(std::uint16_t seq, std::uint32_t timestamp) noexcept
{
    const auto follows = have_sequence_ && seq == static_cast<std::uint16_t>(highest_sequence_ + 1);
    const auto step = static_cast<std::int32_t>(timestamp - stray_timestamp_);
    const auto confirmed = have_stray_ && seq == static_cast<std::uint16_t>(stray_sequence_ + 1) && step > 0 &&
                           step <= 2 * static_cast<std::int32_t>(max_packet_);
    stray_sequence_ = seq;
    stray_timestamp_ = timestamp;
    have_stray_ = !follows && !confirmed;
    return have_stray_;
}

void jitter_buffer::re_anchor(std::uint32_t timestamp) noexcept
{
    bump(resets_);
    estimate_.reset();
    if (end_ - play_ > max_delay_) move_to(end_ - target());  // it was we who fell behind
    anchor_at_ = end_ > play_ ? end_ : play_ + target();
    anchor_timestamp_ = timestamp;
}

void jitter_buffer::resume(position at) noexcept
{
    const auto lead = at - play_;
    // A pause longer than any delay is the sender's, and says nothing about the network.
    if (std::abs(lead - target()) > max_delay_) {
        estimate_.reset();
        estimate_.packet(at - clock_, clock_);
    }
    if (std::abs(lead - target()) > static_cast<position>(frame_)) play_ = end_ = at - target();
}

void jitter_buffer::store(position at, std::span<const std::int16_t> pcm) noexcept
{
    const auto missed = static_cast<std::size_t>(std::max<position>(0, play_ - at));
    if (missed >= pcm.size()) return bump(late_);
    for (std::size_t i = missed; i < pcm.size(); ++i) {
        const auto slot = index(at + static_cast<position>(i));
        samples_[slot] = pcm[i];
        present_[slot] = 1;
    }
    end_ = std::max(end_, at + static_cast<position>(pcm.size()));
}

// ---- frames out

jitter_buffer::got jitter_buffer::get(std::span<std::int16_t> frame) noexcept
{
    if (!running_ || frame.size() != frame_) {
        std::ranges::fill(frame, std::int16_t{0});
        return got::silence;
    }
    const auto what = adjust(frame) ? got::frame : render(frame);
    clock_ += static_cast<position>(frame_);
    if (what == got::concealed) bump(concealed_);
    delay_ms_.store(static_cast<std::uint32_t>(std::max<position>(0, delay()) * 1000 / settings_.rate_hz),
                    std::memory_order_relaxed);
    return what;
}

/// Brings the delay nearer to its target, by a pitch period at most ten times a second.
/// @return true when it filled the frame
bool jitter_buffer::adjust(std::span<std::int16_t> frame) noexcept
{
    calm_ += frame_;
    if (calm_ < settings_.rate_hz / 10 || concealer_.concealing()) return false;
    const auto excess = delay() - target();
    if (delay() > max_delay_ + static_cast<position>(frame_)) {
        move_to(std::min(play_ + excess, end_));
        calm_ = 0;
        return false;
    }
    const bool done =
        excess > static_cast<position>(frame_) ? skip_period(frame) : excess < 0 && repeat_period(frame);
    if (!done) return false;
    calm_ = 0;
    concealer_.pass(frame);
    return true;
}

/// The lag at which `scratch_` from `from` is most like itself, later or earlier; 0 if it is nowhere.
std::size_t jitter_buffer::best_lag(std::size_t from, std::size_t longest, bool backwards) const noexcept
{
    const std::span<const std::int16_t> all = scratch_;
    const auto size = std::min(frame_, 2 * overlap_);
    const auto here = all.subspan(from, size);
    if (mean_square(here) < quiet_mean_square) return longest;
    std::size_t lag = 0;
    double best = alike;
    for (std::size_t candidate = shortest_lag_; candidate <= longest; ++candidate) {
        const auto there = all.subspan(backwards ? from - candidate : from + candidate, size);
        const auto like = detail::likeness(here, there, std::max(1U, settings_.rate_hz / 8000));
        if (like > best) {
            best = like;
            lag = candidate;
        }
    }
    return lag;
}

bool jitter_buffer::skip_period(std::span<std::int16_t> frame) noexcept
{
    const auto ahead = std::span{scratch_}.subspan(longest_lag_);
    if (!all_present(play_, ahead.size())) return false;
    copy_out(play_, ahead);
    const auto lag = best_lag(longest_lag_, longest_lag_, false);
    if (lag == 0) return false;
    std::ranges::copy(ahead.subspan(lag, frame_), frame.begin());
    std::ranges::copy(ahead.first(overlap_), frame.begin());
    fade_over(frame.first(overlap_), ahead.subspan(lag, overlap_));
    move_to(play_ + static_cast<position>(frame_ + lag));
    return true;
}

bool jitter_buffer::repeat_period(std::span<std::int16_t> frame) noexcept
{
    if (!all_present(play_, frame_)) return false;
    const std::span all{scratch_};
    std::ranges::copy(concealer_.history().last(longest_lag_), all.begin());
    copy_out(play_, all.subspan(longest_lag_, frame_));
    const auto lag = best_lag(longest_lag_, longest_lag_, true);
    if (lag == 0) return false;
    std::ranges::copy(all.subspan(longest_lag_ - lag, frame_), frame.begin());
    std::ranges::copy(all.subspan(longest_lag_, overlap_), frame.begin());
    fade_over(frame.first(overlap_), all.subspan(longest_lag_ - lag, overlap_));
    move_to(play_ + static_cast<position>(frame_ - lag));
    return true;
}

jitter_buffer::got jitter_buffer::render(std::span<std::int16_t> frame) noexcept
{
    bool audible = false;
    bool missing = false;
    bool real = false;
    for (std::size_t at = 0; at < frame_;) {
        const auto slot = [&](std::size_t i) { return present_[index(play_ + static_cast<position>(i))]; };
        auto end = at + 1;
        while (end < frame_ && slot(end) == slot(at)) ++end;
        const auto run = frame.subspan(at, end - at);
        if (slot(at) != 0) {
            copy_out(play_ + static_cast<position>(at), run);
            concealer_.pass(run);
            real = audible = true;
        } else {
            missing = true;
            audible |= concealer_.conceal(run);
        }
        at = end;
    }
    // A gap is the cheapest place to grow the delay: made-up sound takes nobody's place.
    const bool hold = !real && audible && delay() < target();
    if (!hold) move_to(play_ + static_cast<position>(frame_));
    if (!missing) return got::frame;
    return audible ? got::concealed : got::silence;
}

/// Moves the play position on and frees what lies before it.
void jitter_buffer::move_to(position where) noexcept
{
    const auto stop = std::min(where, end_);
    for (auto at = play_; at < stop; ++at) present_[index(at)] = 0;
    play_ = where;
}

bool jitter_buffer::all_present(position from, std::size_t samples) const noexcept
{
    for (std::size_t i = 0; i < samples; ++i)
        if (present_[index(from + static_cast<position>(i))] == 0) return false;
    return true;
}

void jitter_buffer::copy_out(position from, std::span<std::int16_t> pcm) const noexcept
{
    for (std::size_t i = 0; i < pcm.size(); ++i) pcm[i] = samples_[index(from + static_cast<position>(i))];
}

}  // namespace strowger::media
