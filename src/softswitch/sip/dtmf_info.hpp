#pragma once
#include "softswitch/rtp/telephone_event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace strowger::softswitch::sip {

/// The key in an INFO: `application/dtmf-relay` ("Signal=5\r\nDuration=160"), or `application/dtmf` ("5").
/// @return nothing when there is none; a duration that is missing or senseless is 250 ms
std::optional<dtmf_key> parse_dtmf_info(std::string_view subtype, std::string_view body);
std::string write_dtmf_relay(const dtmf_key& key);

}  // namespace strowger::softswitch::sip
