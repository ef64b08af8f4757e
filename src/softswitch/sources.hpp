#pragma once
#include "softswitch/channel.hpp"
#include "softswitch/playhead.hpp"
#include "softswitch/settings.hpp"
#include "softswitch/task.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace strowger::softswitch {

/// Something opened to be played, and how far it got.
struct opened_source {
    std::unique_ptr<frame_source> source;
    std::shared_ptr<playhead> head;
    std::string type;  ///< "tone_stream", "wav", as Playback-File-Type shows it
};

/// Opens what `playback` names: a WAV file, `tone_stream://`, `silence_stream://`, `local_stream://`.
/// Files are decoded on the switchboard's worker; the script waits for it, or until the channel is not ready().
task<result<opened_source>> open_source(channel& who, std::string name, std::uint32_t rate_hz);

/// Opens only what needs no disk: tones and silence.
[[nodiscard]] result<std::unique_ptr<frame_source>> open_tone(std::string_view name, std::uint32_t rate_hz);

/// Opens a file, tones or silence at once. May wait for a disk: not on the control thread.
[[nodiscard]] result<std::unique_ptr<frame_source>> open_source_waiting(const std::string& name,
                                                                        std::uint32_t rate_hz);

/// `name` as it stands if it begins with `/` or a scheme; else within the folder of sounds.
std::string source_path(const settings& configured, const std::string& name);

}  // namespace strowger::softswitch
