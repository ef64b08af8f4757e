#pragma once
#include "pbx/host.hpp"
#include "softswitch/channel.hpp"
#include "softswitch/control.hpp"
#include "softswitch/gate.hpp"

#include <memory>

namespace strowger::softswitch {

/// The way from handles to the control thread, which closes before the switch goes. Threads: any.
struct control_access {
    explicit control_access(control_loop& loop) : control{loop} {}
    control_loop& control;
    gate entrance;
};

/// What features hold of a channel: its uuid, and a way to ask for the rest.
std::shared_ptr<pbx::channel> make_handle(std::shared_ptr<control_access> access, const std::shared_ptr<channel>& of);

}  // namespace strowger::softswitch
