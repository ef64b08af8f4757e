#pragma once
#include "pbx/host.hpp"
#include "softswitch/switchboard.hpp"

#include <functional>
#include <optional>
#include <string_view>

namespace strowger::softswitch {

/// Reads the arguments of `originate`; nothing: they don't make sense, show the usage.
std::optional<pbx::originate_request> parse_originate(std::string_view args);

/// Places the call and tells `done` when it is answered, gives early media, or failed. Control thread.
void start_originate(switchboard& board, pbx::originate_request request,
                     std::function<void(pbx::originate_reply)> done);

}  // namespace strowger::softswitch
