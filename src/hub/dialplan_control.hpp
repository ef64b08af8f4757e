#pragma once
#include "hub/json_view.hpp"
#include "hub/reply.hpp"

#include <string_view>

namespace strowger::hub {

/// Park mode: diverts incoming calls into a parking extension when it is told to. Without one, every
/// `dialplan.*` command answers `Dialplan manager not initialized`.
/// Threads: the bus's delivery thread; must return at once.
class dialplan_control {
public:
    virtual ~dialplan_control() = default;
    /// @param action  `enable`, `disable`, `audio`, `autoanswer` or `status`
    virtual reply handle(std::string_view action, const json_view& fields) = 0;
};

}  // namespace strowger::hub
