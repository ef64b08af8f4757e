#pragma once
#include "pbx/host.hpp"

#include <switch.h>

namespace strowger::freeswitch {

/// Copies an event of FreeSWITCH: headers in their order, a header of several values in FreeSWITCH's joined
/// form (`ARRAY::a|:b`), the body.
pbx::event translate(const switch_event_t& in);

/// Binds `subscriber` to every event. Destroying the registration waits for callbacks that are running.
/// @return nullptr when FreeSWITCH refuses the binding
pbx::registration_ptr bind_events(pbx::event_subscriber subscriber);

/// Fires `what`; FreeSWITCH adds its own headers. An event name that it does not know becomes CUSTOM.
void fire_event(const pbx::event& what);

}  // namespace strowger::freeswitch
