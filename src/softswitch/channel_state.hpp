#pragma once
#include <cstdint>
#include <string_view>

namespace strowger::softswitch {

/// What a channel is doing. The numbers are on the wire (`Channel-State-Number`).
/// Source: FreeSWITCH `switch_types.h` (switch_channel_state_t).
enum class channel_state : std::uint8_t {
    fresh,
    init,
    routing,
    soft_execute,
    execute,
    exchange_media,
    park,
    consume_media,
    hibernate,
    reset,
    hangup,
    reporting,
    destroy,
    none,
};

/// What a person would call it (`Channel-Call-State-Number`).
enum class call_state : std::uint8_t { down, dialing, ringing, early, active, held, ring_wait, hangup, unheld };

std::string_view to_string(channel_state state) noexcept;  ///< "CS_EXECUTE"
std::string_view to_string(call_state state) noexcept;     ///< "ACTIVE"

}  // namespace strowger::softswitch
