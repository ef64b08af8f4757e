#pragma once
#include "app/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strowger::app {

/// The port of `url` when it names exactly one server, on this machine's IPv4 loopback; else nothing.
std::optional<std::uint16_t> loopback_port(std::string_view url);

/// NATS URLs without user, password or token, for people's eyes.
std::string without_credentials(std::string_view urls);

/// Whether `strowger up` may run a nats-server of its own for this configuration, if nobody answers there.
/// `with.hub` is complete.
bool may_run_own_server(const settings& with);

/// This machine's host name, as the switch uses it by default.
std::string machine_name();

}  // namespace strowger::app
