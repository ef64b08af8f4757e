#pragma once
#include <string>

#include <switch.h>

namespace strowger::freeswitch {

/// One use of one session: read-locked from here to the end of the scope, so it cannot be destroyed meanwhile.
/// Keep the scope short: the session's own thread waits for the lock when it wants to end.
class session_guard {
public:
    explicit session_guard(const std::string& uuid) : session_{switch_core_session_locate(uuid.c_str())} {}
    /// Takes over a read lock that somebody else acquired (switch_ivr_originate).
    explicit session_guard(switch_core_session_t* locked) : session_{locked} {}
    ~session_guard()
    {
        if (session_ != nullptr) switch_core_session_rwunlock(session_);
    }
    session_guard(const session_guard&) = delete;
    session_guard& operator=(const session_guard&) = delete;

    explicit operator bool() const noexcept { return session_ != nullptr; }
    switch_core_session_t* session() const noexcept { return session_; }
    switch_channel_t* channel() const noexcept { return switch_core_session_get_channel(session_); }

private:
    switch_core_session_t* session_;
};

}  // namespace strowger::freeswitch
