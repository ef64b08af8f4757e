#pragma once
#include <string_view>

namespace strowger::app {

/// Tells systemd (or whoever set NOTIFY_SOCKET) about us: "READY=1", "STOPPING=1". Without effect elsewhere.
/// Source: sd_notify(3); a datagram, so nothing blocks.
void notify_service_manager(std::string_view state);

}  // namespace strowger::app
