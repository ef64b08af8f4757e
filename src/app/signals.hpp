#pragma once
#include <chrono>

namespace strowger::app {

/// Takes SIGINT and SIGTERM away from every thread and ignores SIGPIPE and SIGHUP.
/// Call it in main before the first thread starts; then wait here.
class stop_signals {
public:
    stop_signals();
    /// Waits for the first one. @return its number
    int wait() const;
    /// Ends the process at once, with status 1, on a second signal or when `limit` has passed. Starts a thread that
    /// nobody joins: it exists for the case that stopping hangs.
    void leave_after(std::chrono::milliseconds limit) const;
};

}  // namespace strowger::app
