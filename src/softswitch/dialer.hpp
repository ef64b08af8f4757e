#pragma once
#include "softswitch/channel.hpp"
#include "softswitch/dial_string.hpp"
#include "softswitch/task.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace strowger::softswitch {

class switchboard;

/// A call to place: by `originate`, or by the bridge application of `originator`.
struct dial_request {
    dial_string whom;
    std::chrono::seconds timeout{60};
    std::string caller_id_name, caller_id_number;
    channel* originator = nullptr;
};

struct dial_outcome {
    std::shared_ptr<channel> winner;  ///< answered, or with early media; null: nobody
    pbx::cause why = pbx::cause::none;
};

/// Rings the parties attempt by attempt and waits for the first to answer or to give early media
/// (`ignore_early_media`, `return_ring_ready`, `leg_timeout`, `originate_timeout` apply). The others are hung up.
/// @param changes  what the waiting script waits on: the originator's, or one of its own
task<dial_outcome> dial_parties(switchboard& board, dial_request request, signal& changes);

}  // namespace strowger::softswitch
