#include "softswitch/sources.hpp"

#include "media/tone_stream.hpp"
#include "media/wav.hpp"
#include "softswitch/error.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

#include <algorithm>

namespace strowger::softswitch {
namespace {

constexpr std::string_view tone_scheme = "tone_stream://", silence_scheme = "silence_stream://",
                           local_scheme = "local_stream://";

class tone_source final : public frame_source {
public:
    explicit tone_source(std::unique_ptr<media::tone_stream> tones) : tones_{std::move(tones)} {}
    bool next(std::span<std::int16_t> pcm) noexcept override { return tones_->next(pcm); }

private:
    std::unique_ptr<media::tone_stream> tones_;
};

class file_source final : public frame_source {
public:
    explicit file_source(std::unique_ptr<media::wav_reader> file) : file_{std::move(file)} {}
    bool next(std::span<std::int16_t> pcm) noexcept override { return file_->next(pcm); }
    void rewind() noexcept override { file_->rewind(); }

private:
    std::unique_ptr<media::wav_reader> file_;
};

class silence_source final : public frame_source {
public:
    explicit silence_source(std::int64_t samples) : left_{samples} {}
    bool next(std::span<std::int16_t> pcm) noexcept override
    {
        if (left_ == 0) return false;
        std::ranges::fill(pcm, std::int16_t{0});
        if (left_ > 0) left_ = std::max<std::int64_t>(0, left_ - static_cast<std::int64_t>(pcm.size()));
        return true;
    }

private:
    std::int64_t left_;  // below 0: for ever
};

/// Obeys a playhead.
class headed_source final : public frame_source {
public:
    headed_source(std::unique_ptr<frame_source> inner, std::shared_ptr<playhead> head)
        : inner_{std::move(inner)}, head_{std::move(head)}
    {
    }
    bool next(std::span<std::int16_t> pcm) noexcept override
    {
        constexpr auto relaxed = std::memory_order_relaxed;
        if (head_->stopping.load(relaxed)) return false;
        if (head_->restarting.exchange(false, relaxed)) inner_->rewind();
        if (head_->paused.load(relaxed)) {
            std::ranges::fill(pcm, std::int16_t{0});
            return true;
        }
        if (!inner_->next(pcm)) return false;
        volume{.muted = false, .steps = head_->steps.load(relaxed)}.apply(pcm);
        head_->samples.fetch_add(pcm.size(), relaxed);
        return true;
    }

private:
    std::unique_ptr<frame_source> inner_;
    std::shared_ptr<playhead> head_;
};

result<std::unique_ptr<frame_source>> open_silence(std::string_view spec, std::uint32_t rate_hz)
{
    const auto ms = text::to_number(text::cut(spec, ',').first);
    if (!ms) return errc::bad_silence;
    return std::make_unique<silence_source>(*ms < 0 ? -1 : std::min<std::int64_t>(*ms, 86400000) * rate_hz / 1000);
}

std::string type_of(std::string_view name)
{
    if (const auto scheme = name.find("://"); scheme != std::string_view::npos)
        return std::string{name.substr(0, scheme)};
    return "file";
}

bool is_tone(std::string_view name)
{
    return name.starts_with(tone_scheme) || name.starts_with(silence_scheme);
}

result<std::unique_ptr<frame_source>> open_file(const std::string& path, std::uint32_t rate_hz)
{
    auto opened = media::wav_reader::open(path, rate_hz);
    if (!opened) return opened.error();
    return std::make_unique<file_source>(std::move(*opened));
}

/// What the worker found, handed to the script that waits for it.
struct decoded {
    bool done = false;
    std::unique_ptr<frame_source> source;
    error_code problem;
};

task<result<std::unique_ptr<frame_source>>> decode_file(channel& who, std::string path, std::uint32_t rate_hz)
{
    auto& board = who.board();
    const auto shared = std::make_shared<decoded>();
    const auto leg = std::weak_ptr<channel>{who.shared_from_this()};
    auto* control = &board.control();
    const bool accepted = board.disk().submit([shared, leg, control, path, rate_hz] {
        auto opened = open_file(path, rate_hz);
        if (opened) {
            shared->source = std::move(*opened);
        } else {
            shared->problem = opened.error();
        }
        control->post([shared, leg] {
            shared->done = true;
            if (const auto alive = leg.lock()) alive->notify();
        });
    });
    if (!accepted) co_return error_code{errc::worker_busy};
    while (!shared->done && who.ready()) co_await who.changes().changed();
    if (!shared->done) co_return error_code{errc::left};
    if (!shared->source) co_return shared->problem;
    co_return std::move(shared->source);
}

}  // namespace

result<std::unique_ptr<frame_source>> open_tone(std::string_view name, std::uint32_t rate_hz)
{
    if (name.starts_with(silence_scheme)) return open_silence(name.substr(silence_scheme.size()), rate_hz);
    if (name.starts_with(tone_scheme)) name.remove_prefix(tone_scheme.size());
    auto tones = media::tone_stream::parse(name, rate_hz);
    if (!tones) return tones.error();
    return std::make_unique<tone_source>(std::move(*tones));
}

result<std::unique_ptr<frame_source>> open_source_waiting(const std::string& name, std::uint32_t rate_hz)
{
    if (is_tone(name)) return open_tone(name, rate_hz);
    if (name.find("://") != std::string::npos) return errc::unknown_file_type;
    return open_file(name, rate_hz);
}

std::string source_path(const settings& configured, const std::string& name)
{
    const bool whole = name.starts_with('/') || name.find("://") != std::string::npos;
    return whole ? name : configured.sounds_folder + '/' + name;
}

task<result<opened_source>> open_source(channel& who, std::string name, std::uint32_t rate_hz)
{
    opened_source out;
    out.type = type_of(name);
    if (name.starts_with(local_scheme)) name = who.board().configured().hold_music;
    if (is_tone(name)) {
        auto tones = open_tone(name, rate_hz);
        if (!tones) co_return tones.error();
        out.source = std::move(*tones);
    } else if (name.find("://") != std::string::npos) {
        co_return error_code{errc::unknown_file_type};
    } else {
        auto file = co_await decode_file(who, source_path(who.board().configured(), name), rate_hz);
        if (!file) co_return file.error();
        out.source = std::move(*file);
    }
    out.head = std::make_shared<playhead>();
    out.source = std::make_unique<headed_source>(std::move(out.source), out.head);
    co_return out;
}

}  // namespace strowger::softswitch
