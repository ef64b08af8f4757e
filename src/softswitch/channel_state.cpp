#include "softswitch/channel_state.hpp"

#include <array>

namespace strowger::softswitch {

std::string_view to_string(channel_state state) noexcept
{
    static constexpr std::array<std::string_view, 14> names{
        "CS_NEW",     "CS_INIT",          "CS_ROUTING",   "CS_SOFT_EXECUTE", "CS_EXECUTE", "CS_EXCHANGE_MEDIA",
        "CS_PARK",    "CS_CONSUME_MEDIA", "CS_HIBERNATE", "CS_RESET",        "CS_HANGUP",  "CS_REPORTING",
        "CS_DESTROY", "CS_NONE"};
    return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(call_state state) noexcept
{
    static constexpr std::array<std::string_view, 9> names{"DOWN", "DIALING",   "RINGING", "EARLY", "ACTIVE",
                                                           "HELD", "RING_WAIT", "HANGUP",  "UNHELD"};
    return names[static_cast<std::size_t>(state)];
}

}  // namespace strowger::softswitch
