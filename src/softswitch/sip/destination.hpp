#pragma once
#include "pbx/cause.hpp"
#include "softswitch/sip/registrar.hpp"
#include "softswitch/user.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace strowger::softswitch::sip {

/// Where an outbound INVITE goes.
struct destination {
    std::string uri;   ///< "sip:bob@192.0.2.7:5070;transport=tcp"
    std::string name;  ///< "bob@192.0.2.7:5070", for the channel's name
};

/// Reads the target of a dial string: `user/1000`, `sofia/internal/bob@host:5070`, `sofia/internal/1000`,
/// `sofia/gateway/…`, `sip:bob@host`.
/// @return false, and in `why`: SUBSCRIBER_ABSENT (no such user), USER_NOT_REGISTERED, INVALID_GATEWAY,
///         INVALID_PROFILE, INVALID_URL
bool find_destination(std::string_view target, const registrar& phones, const std::vector<user>& users,
                      destination& out, pbx::cause& why);

/// The request URI that reaches a registered phone where its REGISTER came from, whatever its contact says.
destination reach(const binding& phone);

}  // namespace strowger::softswitch::sip
