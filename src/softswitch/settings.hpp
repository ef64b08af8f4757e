#pragma once
#include "base/config.hpp"
#include "softswitch/dialplan.hpp"
#include "softswitch/leg.hpp"
#include "softswitch/sip/settings.hpp"
#include "softswitch/user.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace strowger::softswitch {

/// The embedded switch's configuration: TOML table `[switch]`.
struct settings {
    std::string hostname;  ///< as events and `hostname` show it; empty: the machine's
    std::uint32_t max_sessions = 1000;
    std::uint32_t sessions_per_second = 200;                   ///< more new ones are refused
    std::string sounds_folder = "/usr/share/strowger/sounds";  ///< of files named without a leading `/`
    std::string recordings_folder = "/tmp";                    ///< likewise, for recordings
    /// What `local_stream://…` and a held party hear: a file or a tone_stream://.
    std::string hold_music =
        "tone_stream://v=-24;%(1200,0,262,330,392);%(1200,0,294,349,440);%(1200,0,247,294,392);loops=-1";
    std::vector<std::string> variables;  ///< global ones, "name=value"

    sip_settings sip;
    std::vector<user> users;
    std::vector<dialplan_entry> dialplan;  ///< read() fills in dialplan::standard() when there is none

    void read(config::reader in);
};

}  // namespace strowger::softswitch
