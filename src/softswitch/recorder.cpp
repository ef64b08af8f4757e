#include "softswitch/recorder.hpp"

#include "media/frame_ring.hpp"
#include "media/wav.hpp"

#include <algorithm>

namespace strowger::softswitch {
namespace {

constexpr std::size_t ring_frames = 128;  // 2.56 s

std::int16_t add(std::int16_t a, std::int16_t b) noexcept
{
    return static_cast<std::int16_t>(std::clamp(a + b, -32768, 32767));
}

}  // namespace

recorder::recorder(std::string path, mix how, pbx::media_format format)
    : path_{std::move(path)}, how_{how}, frame_samples_{format.frame_samples()}
{
    const auto ring_samples = frame_samples_ * (how == mix::stereo ? 2 : 1);
    incoming_.resize(ring_samples);
    outgoing_.resize(ring_samples);
}

recorder::~recorder() = default;

result<std::shared_ptr<recorder>> recorder::create(worker& disk, std::string path, mix how, pbx::media_format format)
{
    std::shared_ptr<recorder> out{new recorder{std::move(path), how, format}};
    auto ring = media::frame_ring::create(ring_frames, out->incoming_.size());
    if (!ring) return ring.error();
    auto file = media::wav_writer::create(out->path_, format.rate_hz, how == mix::stereo ? 2 : 1);
    if (!file) return file.error();
    out->ring_ = std::move(*ring);
    out->file_ = std::move(*file);
    disk.repeat([out] { return out->drain(); });
    return out;
}

void recorder::put(std::span<const std::int16_t> read, std::span<const std::int16_t> written) noexcept
{
    // A call that changed its rate would need a second file: keep the old one's shape, drop the rest.
    if (read.size() != frame_samples_ || written.size() != frame_samples_) return;
    if (masked_.load(std::memory_order_relaxed)) {
        std::ranges::fill(incoming_, std::int16_t{0});
    } else if (how_ == mix::read_only) {
        std::ranges::copy(read, incoming_.begin());
    } else {
        for (std::size_t i = 0; i < frame_samples_; ++i) {
            if (how_ == mix::both) {
                incoming_[i] = add(read[i], written[i]);
            } else {
                incoming_[2 * i] = read[i];
                incoming_[2 * i + 1] = written[i];
            }
        }
    }
    ring_->push(incoming_);
    frames_.fetch_add(1, std::memory_order_relaxed);
}

bool recorder::drain()
{
    const bool last = closing_.load(std::memory_order_acquire);
    while (ring_->pop(outgoing_)) file_->write(outgoing_);
    if (last) file_->close();
    return !last;
}

}  // namespace strowger::softswitch
