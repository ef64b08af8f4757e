#include "media/wav.hpp"

#include "media/resampler.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <sndfile.h>

namespace strowger::media {
namespace {

constexpr std::uint32_t lowest_hz = 8000;
constexpr std::uint32_t highest_hz = 192000;
constexpr std::size_t block_frames = 4096;

struct close_file {
    void operator()(SNDFILE* file) const noexcept { sf_close(file); }
};
using file_ptr = std::unique_ptr<SNDFILE, close_file>;

result<file_ptr> open_for_reading(const std::string& path, SF_INFO& info)
{
    std::error_code ec;
    if (!std::filesystem::exists(path, ec)) return errc::file_not_found;
    if (!std::filesystem::is_regular_file(path, ec)) return errc::file_not_audio;
    file_ptr file{sf_open(path.c_str(), SFM_READ, &info)};
    if (!file) return sf_error(nullptr) == SF_ERR_SYSTEM ? errc::file_not_readable : errc::file_not_audio;
    if (info.channels < 1 || info.samplerate < 1) return errc::file_not_audio;
    sf_command(file.get(), SFC_SET_SCALE_FLOAT_INT_READ, nullptr, SF_TRUE);
    sf_command(file.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
    return file;
}

/// Reads until the end, whatever the header says of the length.
result<std::vector<std::int16_t>> read_mono(SNDFILE* file, const SF_INFO& info, std::size_t max_samples)
{
    const auto channels = static_cast<std::size_t>(info.channels);
    std::vector<std::int16_t> block(block_frames * channels);
    std::vector<std::int16_t> mono;
    while (const auto frames = sf_readf_short(file, block.data(), static_cast<sf_count_t>(block_frames))) {
        if (frames < 0) break;
        if (mono.size() + static_cast<std::size_t>(frames) > max_samples) return errc::file_too_large;
        for (std::size_t i = 0; i < static_cast<std::size_t>(frames) * channels; i += channels) {
            int sum = 0;
            for (std::size_t channel = 0; channel < channels; ++channel) sum += block[i + channel];
            mono.push_back(static_cast<std::int16_t>(sum / info.channels));
        }
    }
    return mono;
}

result<std::vector<std::int16_t>> at_rate(std::vector<std::int16_t> pcm, std::uint32_t from_hz, std::uint32_t to_hz)
{
    if (from_hz == to_hz) return pcm;
    const auto created = resampler::create(from_hz, to_hz);
    if (!created) return created.error();
    const auto& change = *created;
    const auto wanted = pcm.size() * to_hz / from_hz;
    const auto late = change->latency();
    // The tail is still in the filter when the last sample has gone in.
    pcm.resize(pcm.size() + late * from_hz / to_hz + 2);
    std::vector<std::int16_t> out(change->max_output(pcm.size()));
    out.resize(change->process(pcm, out));
    out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(std::min(late, out.size())));
    out.resize(std::min(wanted, out.size()));
    return out;
}

}  // namespace

result<std::unique_ptr<wav_reader>> wav_reader::open(const std::string& path, std::uint32_t rate_hz,
                                                     std::size_t max_bytes)
{
    if (rate_hz < lowest_hz || rate_hz > highest_hz) return errc::bad_rate;
    SF_INFO info{};
    const auto file = open_for_reading(path, info);
    if (!file) return file.error();
    const auto from_hz = static_cast<std::uint32_t>(info.samplerate);
    const auto most = max_bytes / sizeof(std::int16_t);
    auto mono = read_mono(file->get(), info, std::max(most, most * from_hz / rate_hz));
    if (!mono) return mono.error();
    auto samples = at_rate(std::move(*mono), from_hz, rate_hz);
    if (!samples) return samples.error();
    if (samples->size() > most) return errc::file_too_large;
    samples->shrink_to_fit();
    return std::unique_ptr<wav_reader>{new wav_reader{std::move(*samples), rate_hz}};
}

wav_reader::wav_reader(std::vector<std::int16_t> samples, std::uint32_t rate_hz)
    : samples_{std::move(samples)}, rate_hz_{rate_hz}
{
}

bool wav_reader::next(std::span<std::int16_t> pcm) noexcept
{
    const auto left = std::span{samples_}.subspan(at_);
    const auto taken = left.first(std::min(left.size(), pcm.size()));
    std::ranges::copy(taken, pcm.begin());
    std::ranges::fill(pcm.subspan(taken.size()), std::int16_t{0});
    at_ += taken.size();
    return !taken.empty();
}

std::chrono::milliseconds wav_reader::duration() const noexcept
{
    return std::chrono::milliseconds{samples_.size() * 1000 / rate_hz_};
}

struct wav_writer::file {
    file_ptr handle;
    std::uint32_t channels;
};

result<std::unique_ptr<wav_writer>> wav_writer::create(const std::string& path, std::uint32_t rate_hz,
                                                       std::uint32_t channels)
{
    if (rate_hz < lowest_hz || rate_hz > highest_hz) return errc::bad_rate;
    if (channels < 1 || channels > 2) return errc::bad_channels;
    SF_INFO info{};
    info.samplerate = static_cast<int>(rate_hz);
    info.channels = static_cast<int>(channels);
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    file_ptr handle{sf_open(path.c_str(), SFM_WRITE, &info)};
    if (!handle) return errc::file_not_writable;
    sf_command(handle.get(), SFC_SET_UPDATE_HEADER_AUTO, nullptr, SF_TRUE);
    return std::unique_ptr<wav_writer>{new wav_writer{std::make_unique<file>(file{std::move(handle), channels})}};
}

wav_writer::wav_writer(std::unique_ptr<file> open) : file_{std::move(open)} {}

wav_writer::~wav_writer() = default;

bool wav_writer::write(std::span<const std::int16_t> interleaved)
{
    if (!file_ || interleaved.size() % file_->channels != 0) return false;
    const auto frames = static_cast<sf_count_t>(interleaved.size() / file_->channels);
    return sf_writef_short(file_->handle.get(), interleaved.data(), frames) == frames;
}

void wav_writer::close()
{
    file_.reset();
}

}  // namespace strowger::media
