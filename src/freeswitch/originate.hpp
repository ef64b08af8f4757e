#pragma once
#include "pbx/host.hpp"

#include <atomic>

#include <switch.h>

namespace strowger::freeswitch {

/// Ends calls that are still being placed, from any thread.
class originate_canceller {
public:
    /// Every originate that runs or starts from now on fails with `why`.
    void cancel(switch_call_cause_t why) noexcept { std::atomic_ref{cause_}.store(why); }
    /// For switch_ivr_originate, which polls it.
    switch_call_cause_t* cause() noexcept { return &cause_; }

private:
    switch_call_cause_t cause_ = SWITCH_CAUSE_NONE;
};

/// Places a call with switch_ivr_originate: caller id, uuid and variables go in as data, so commas, quotes,
/// braces and blanks in them mean nothing. Blocks until answer, early media or failure.
/// Source: the `originate` verb of mod_commands, whose reply texts these are.
pbx::originate_reply originate(const pbx::originate_request& request, originate_canceller& canceller);

}  // namespace strowger::freeswitch
