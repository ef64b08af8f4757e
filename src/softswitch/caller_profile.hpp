#pragma once
#include <cstdint>
#include <string>

namespace strowger::softswitch {

/// Who calls whom, as one leg sees it: the `Caller-*` headers. A transfer makes a new one.
struct caller_profile {
    std::string username, dialplan;
    std::string caller_id_name, caller_id_number;
    std::string original_caller_id_name, original_caller_id_number;
    std::string callee_id_name, callee_id_number;
    std::string network_address, ani, destination_number, unique_id, source, transfer_source;
    std::string context, rdnis, channel_name;
    std::string direction = "inbound", logical_direction = "inbound";
    unsigned index = 1;
};

/// When what happened to a leg [µs since the Unix epoch]; 0: it did not.
struct call_times {
    std::int64_t profile_created = 0, created = 0, answered = 0, progress = 0, progress_media = 0, hungup = 0,
                 transferred = 0, resurrected = 0, bridged = 0, last_hold = 0, hold_total = 0;
};

}  // namespace strowger::softswitch
