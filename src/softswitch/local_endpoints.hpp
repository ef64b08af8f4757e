#pragma once
#include "softswitch/leg.hpp"

#include <memory>

namespace strowger::softswitch {

class switchboard;

/// `loopback/<number>[/<context>[/<dialplan>]]`, `loopback/app=<application>[:<arguments>]`: two legs of one
/// call, -a towards whoever dialled, -b inbound and routed like a phone's call.
std::unique_ptr<endpoint> make_loopback_endpoint(switchboard& board);
/// `tone/<hz>`: answers at once and sends that tone.
std::unique_ptr<endpoint> make_tone_endpoint(switchboard& board);
/// `null/<anything>`: answers at once, unless `null_enable_auto_answer=false`; sends silence.
std::unique_ptr<endpoint> make_null_endpoint(switchboard& board);

}  // namespace strowger::softswitch
