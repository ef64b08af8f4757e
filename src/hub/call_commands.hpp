#pragma once
#include "hub/json_view.hpp"
#include "hub/reply.hpp"
#include "pbx/host.hpp"

#include <string>
#include <variant>

namespace strowger::hub {

struct call_rules {
    bool exec_variables = false;  ///< variables that make the host run something later are allowed
    bool any_application = true;  ///< false: `&app` and friends may only name harmless ones
};

struct hangup_order {
    std::string uuid;
    std::string cause = "NORMAL_CLEARING";
};

struct bridge_order {
    std::string uuid, destination, caller_id_name, caller_id_number;
};

/// Each reads and checks the fields of its command, in the order of docs/hub.md.
/// @return the order, or the answer to its first mistake
std::variant<pbx::originate_request, reply> read_originate(const json_view& fields, const call_rules& rules);
std::variant<hangup_order, reply> read_hangup(const json_view& fields);
std::variant<bridge_order, reply> read_bridge(const json_view& fields, const call_rules& rules);

/// Each does what was ordered; may block. Threads: not on a bus or network thread.
reply run_originate(pbx::host& on, const pbx::originate_request& what);
reply run_hangup(pbx::host& on, const hangup_order& what);
reply run_bridge(pbx::host& on, const bridge_order& what);
/// Any verb of the host.
reply run_api(pbx::host& on, const std::string& verb, const std::string& args);

}  // namespace strowger::hub
