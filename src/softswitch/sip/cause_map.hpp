#pragma once
#include "pbx/cause.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace strowger::softswitch::sip {

/// What a final response of the party means. Source: mod_sofia 1.10.12, sofia_glue_sip_cause_to_freeswitch().
pbx::cause cause_of(int status) noexcept;
/// The response that refuses a call for that reason. Source: mod_sofia 1.10.12, hangup_cause_to_sip().
int status_of(pbx::cause why) noexcept;
/// "Busy Here"; "Unknown" for a status that has none of its own. Source: RFC 3261 21.
std::string_view phrase_of(int status) noexcept;

/// The value of a Reason header: `Q.850;cause=16;text="NORMAL_CLEARING"`. Source: RFC 3326, mod_sofia.
std::string reason_header(pbx::cause why);
/// The Q.850 cause in a Reason header; nothing when it speaks of something else.
std::optional<pbx::cause> parse_reason(std::string_view value) noexcept;

}  // namespace strowger::softswitch::sip
