#pragma once
#include "softswitch/channel.hpp"
#include "softswitch/dial_string.hpp"
#include "softswitch/task.hpp"

#include <memory>
#include <string>

namespace strowger::softswitch {

/// Connects two legs until one of them ends or leaves: A's script runs it, B stays in CS_EXCHANGE_MEDIA.
/// B's answer is passed on to A, as are digits; B ends with A unless it has somewhere to go.
task<> bridge_legs(channel& a, std::shared_ptr<channel> b);

/// What `uuid_bridge` made of A's state machine: waits for B to get there too, then bridge_legs().
task<> bridge_soft(channel& a, std::shared_ptr<channel> b);

/// Joins two live channels, as `uuid_bridge` does. @return false when they are the same or one has ended
bool join(const std::shared_ptr<channel>& a, const std::shared_ptr<channel>& b);

}  // namespace strowger::softswitch
