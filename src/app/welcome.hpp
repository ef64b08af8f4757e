#pragma once
#include "app/settings.hpp"

#include <string>

namespace strowger::app {

/// What is up, as far as the welcome needs to know.
struct running {
    bool hub = false;
    bool own_nats = false;
    bool nats_connected = false;
};

/// What a person can do next: where to point a phone, what to dial, which commands to try, where health is.
std::string welcome_text(const settings& with, const running& what);

}  // namespace strowger::app
