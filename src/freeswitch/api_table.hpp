#pragma once
#include "pbx/host.hpp"

#include <switch.h>

namespace strowger::freeswitch {

/// The API verbs that this module adds to FreeSWITCH.
///
/// FreeSWITCH learns a module's verbs once, when its load function returns, and calls them as plain C functions
/// without an argument of ours. So there is a fixed table of such functions, and a verb takes a free row of it.
/// Threads: add() from the load function only; rows run on FreeSWITCH's threads.
class api_table {
public:
    static constexpr std::size_t rows = 8;

    explicit api_table(switch_loadable_module_interface_t* module) : module_{module} {}
    /// @return nullptr after close(), or when every row is taken
    [[nodiscard]] pbx::registration_ptr add(pbx::api_command command);
    /// The load function returns: what is added now FreeSWITCH would never see.
    void close() noexcept { module_ = nullptr; }

private:
    switch_loadable_module_interface_t* module_;
};

}  // namespace strowger::freeswitch
