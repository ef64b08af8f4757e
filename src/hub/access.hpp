#pragma once
#include "hub/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace strowger::hub {

/// What clients may do. Deny wins over allow; ASCII case does not count, as it does not for the host.
/// Threads: any; immutable.
class access {
public:
    explicit access(const settings& from);

    /// A built-in command: `api`, `status`, `loglevel`, `originate`, `hangup`, `bridge`, `dialplan.enable`, …
    bool command(std::string_view name) const noexcept;
    /// A verb of the host. Globs that hold a blank look at the whole line. Verbs that carry other verbs
    /// (`bgapi`, `expand`, `sched_api`, and `${verb …}` anywhere) are allowed only if those are.
    bool api(std::string_view verb, std::string_view args) const;
    /// Whether a request must carry the token, and whether `given` is it. Takes the same time for any text.
    bool needs_token() const noexcept { return !token_.empty(); }
    bool token(std::string_view given) const noexcept;

private:
    bool one_verb(std::string_view verb, std::string_view args) const;
    bool api(std::string_view verb, std::string_view args, int depth) const;

    std::vector<std::string> api_allow_, api_deny_, command_allow_, command_deny_;
    std::string token_;
    bool everything_;
};

}  // namespace strowger::hub
