#pragma once
#include <string>

namespace strowger::softswitch {

/// A person or phone that may register: one `[switch.users.<number>]` table, and the target of `user/<number>`.
struct user {
    std::string number;
    std::string password;  ///< secret; empty: this user can't authenticate
    std::string caller_id_name;
    std::string caller_id_number;
    std::string context = "default";  ///< where this user's calls enter the dialplan
};

}  // namespace strowger::softswitch
