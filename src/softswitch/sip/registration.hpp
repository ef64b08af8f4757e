#pragma once
#include "softswitch/leg.hpp"
#include "softswitch/sip/message.hpp"
#include "softswitch/sip/registrar.hpp"

#include <optional>
#include <string>

namespace strowger::softswitch::sip {

/// Reads a REGISTER. @return nothing when its Contact headers or its address of record can't be read
std::optional<register_request> read_register(const sip_msg& msg);
/// The `Contact` lines of the response.
std::string contact_lines(const registrar::reply& reply, steady_clock::time_point now);

/// Headers of FreeSWITCH's events `sofia::register`, `sofia::unregister` and `sofia::expire`, in its order.
variables register_event(const binding& phone, const std::string& realm);
variables unregister_event(const binding& phone, const std::string& realm);
variables expire_event(const binding& phone, const std::string& realm);

}  // namespace strowger::softswitch::sip
