#pragma once
#include "media/error.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace strowger::media {

/// An audio file, decoded into memory as mono at the wanted rate, and played from there.
///
/// Threads: one at a time. Memory: all of it in open(); next() never allocates, locks, reads or throws.
class wav_reader {
public:
    static constexpr std::size_t default_max_bytes = std::size_t{64} << 20;

    /// @param max_bytes  of the decoded audio; 64 MiB is an hour at 8 kHz
    /// @return the reader, or errc::file_not_found, file_not_readable, file_not_audio, file_too_large, bad_rate
    [[nodiscard]] static result<std::unique_ptr<wav_reader>> open(const std::string& path, std::uint32_t rate_hz,
                                                                  std::size_t max_bytes = default_max_bytes);

    /// Fills `pcm`; a last, partial block is padded with silence. False: ended, nothing was filled.
    bool next(std::span<std::int16_t> pcm) noexcept;
    /// Begins again.
    void rewind() noexcept { at_ = 0; }
    std::chrono::milliseconds duration() const noexcept;

private:
    wav_reader(std::vector<std::int16_t> samples, std::uint32_t rate_hz);

    const std::vector<std::int16_t> samples_;
    const std::uint32_t rate_hz_;
    std::size_t at_ = 0;
};

/// Writes 16-bit PCM to a WAV file, whose header is right at every moment, so that a crash loses nothing.
///
/// Threads: one at a time, and not the media thread: write() may wait for the disk.
class wav_writer {
public:
    /// Replaces a file of that name.
    /// @return the writer, or errc::file_not_writable, bad_rate, bad_channels
    [[nodiscard]] static result<std::unique_ptr<wav_writer>> create(const std::string& path, std::uint32_t rate_hz,
                                                                    std::uint32_t channels);
    ~wav_writer();
    wav_writer(const wav_writer&) = delete;
    wav_writer& operator=(const wav_writer&) = delete;

    /// Appends whole frames of `channels` samples. @return false when the disk is full or the file was closed
    bool write(std::span<const std::int16_t> interleaved);
    /// May be called twice.
    void close();

private:
    struct file;
    explicit wav_writer(std::unique_ptr<file> open);
    std::unique_ptr<file> file_;
};

}  // namespace strowger::media
