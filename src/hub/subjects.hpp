#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::hub {

/// A node id as one subject token: lower case, every byte but a-z, 0-9 and _ becomes one `_`; at most 128 bytes.
std::string slug(std::string_view id);

/// Whether `prefix` is one or more tokens of `[A-Za-z0-9_-]+`.
bool valid_prefix(std::string_view prefix) noexcept;
/// `prefix` without blanks around it and dots behind it.
std::string_view trimmed_prefix(std::string_view prefix) noexcept;

/// Appends an event name as subject tokens: `CHANNEL_HANGUP_COMPLETE` gives `channel.hangup.complete`.
void append_event_tail(std::string& out, std::string_view event_name);
/// A CUSTOM event's subclass as one token: `sofia::register` gives `sofia_register`; may be empty.
std::string subclass_token(std::string_view subclass);

enum class lane : std::uint8_t { api, status, originate, hangup, bridge, dialplan };

struct command_subject {
    std::string subject;
    lane to;
    bool async = false;   ///< never answered, whatever the payload says
    bool direct = false;  ///< this node only
};

/// Every subject the agent listens on, exact but for the two of dialplan.
std::vector<command_subject> command_subjects(std::string_view prefix, std::string_view node);

/// Whether answering to `reply` could make the agent command itself or pose as an event, or is not a subject.
bool unsafe_reply_subject(std::string_view prefix, std::string_view reply) noexcept;

}  // namespace strowger::hub
