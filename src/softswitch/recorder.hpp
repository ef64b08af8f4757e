#pragma once
#include "base/result.hpp"
#include "softswitch/media_port.hpp"
#include "softswitch/worker.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace strowger::media {
class frame_ring;
class wav_writer;
}  // namespace strowger::media

namespace strowger::softswitch {

/// Writes what a leg hears and says into a WAV file.
///
/// Shape:   mono: what the party says (`read_only`), or both directions added; stereo: the party left, what is
///          sent to it right, as FreeSWITCH's RECORD_STEREO.
/// Threads: put() on the media thread, wait-free; the file is written by the worker. When the disk falls more
///          than 2.5 s behind, frames are dropped and counted.
class recorder final : public frame_sink {
public:
    enum class mix : std::uint8_t { read_only, both, stereo };

    /// @return the recorder, writing; or why the file could not be made
    [[nodiscard]] static result<std::shared_ptr<recorder>> create(worker& disk, std::string path, mix how,
                                                                  pbx::media_format format);
    ~recorder() override;

    void put(std::span<const std::int16_t> read, std::span<const std::int16_t> written) noexcept override;
    /// Finishes the file soon; what was heard before is in it.
    void close() noexcept { closing_.store(true, std::memory_order_release); }
    void mask(bool on) noexcept { masked_.store(on, std::memory_order_relaxed); }
    const std::string& path() const noexcept { return path_; }
    std::uint64_t frames() const noexcept { return frames_.load(std::memory_order_relaxed); }

private:
    recorder(std::string path, mix how, pbx::media_format format);
    bool drain();

    const std::string path_;
    const mix how_;
    const std::size_t frame_samples_;  // of one direction
    std::unique_ptr<media::frame_ring> ring_;
    std::unique_ptr<media::wav_writer> file_;
    std::vector<std::int16_t> incoming_, outgoing_;  // media thread's and worker's scratch
    std::atomic<bool> closing_{false};
    std::atomic<bool> masked_{false};
    std::atomic<std::uint64_t> frames_{0};
};

}  // namespace strowger::softswitch
