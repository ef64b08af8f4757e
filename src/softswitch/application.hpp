#pragma once
#include "softswitch/channel.hpp"
#include "softswitch/task.hpp"

#include <span>
#include <string>
#include <string_view>

namespace strowger::softswitch {

/// Something a dialplan can make a channel do: `answer`, `playback`, `bridge`.
struct application {
    std::string_view name;
    std::string_view syntax;
    std::string_view description;
    bool needs_media = false;  ///< an unanswered caller gets early media first
    /// Variables in the arguments are expanded before it runs.
    bool expands = true;
    /// The script. It ends when it is done, or soon after the channel is no longer ready().
    task<> (*run)(channel& who, std::string arguments) = nullptr;
};

/// All of them, by name. Each group lives in a file of its own under apps/.
std::span<const application> call_applications();
std::span<const application> media_applications();
std::span<const application> variable_applications();

/// Starts recording a leg beside whatever it does (`record_session`, `uuid_record`); variables RECORD_STEREO and
/// RECORD_READ_ONLY apply. @return false when it has no media or the file can't be made
bool record_leg(channel& who, const std::string& name, std::chrono::seconds limit);
/// `name` may be "all". @return false when no such recording runs
bool stop_recording_leg(channel& who, const std::string& name);
/// Silence goes into the file while it is masked.
bool mask_recording_leg(channel& who, const std::string& name, bool on);

/// nullptr if there is none; names compare without case.
const application* find_application(std::string_view name) noexcept;
std::vector<const application*> all_applications();

}  // namespace strowger::softswitch
