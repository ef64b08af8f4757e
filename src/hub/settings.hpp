#pragma once
#include "base/config.hpp"
#include "base/log.hpp"
#include "bus/nats_settings.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::hub {

/// What `[hub]` or `event_agent.conf.xml` may say; names, units and defaults are those of docs/hub.md.
struct settings {
    std::string driver = "nats";
    std::string subject_prefix = "freeswitch";
    std::string node_id;  ///< any text; complete() makes it a slug
    log::level log_level = log::level::info;

    bool publish_all_events = true;  ///< counts only without include_events
    std::vector<std::string> include_events, exclude_events;
    std::string custom_subject_mode = "subclass";  ///< subclass, flat or both
    std::string broadcast_mode = "all";
    std::string event_timestamp = "event";  ///< event or publish
    std::vector<std::string> redact_headers{"*password*", "*passwd*", "*secret*"};
    std::vector<std::string> header_include, header_exclude;
    std::size_t event_queue_size = 10000;
    std::size_t event_queue_bytes = 32U << 20U;
    std::string event_queue_policy = "drop-oldest";  ///< or drop-newest

    unsigned command_workers = 8;
    std::size_t command_queue_size = 4096;
    unsigned command_timeout = 120000;  ///< [ms]; 0: none
    unsigned max_concurrent_originates = 256;
    std::size_t max_request_bytes = 1U << 20U;
    unsigned rate_limit = 0;   ///< requests a second and subject; 0: off
    unsigned drain_ms = 5000;  ///< how long stop() waits for running commands

    std::vector<std::string> api_allow{"*"}, api_deny, command_allow{"*"}, command_deny;
    std::string command_token;
    bool allow_exec_variables = false;

    bus::nats_settings nats;  ///< url empty until complete()

    /// Reads every key; what is wrong is left at its default and told to the loader.
    void read(config::reader in);
    /// Fills what was left open: NATS_URL, NATS_HOST and NATS_PORT, AGENT_NODE_ID, then the defaults.
    /// Afterwards node_id is a slug and nats.url and nats.name are set.
    void complete(const config::environment& env, std::string_view switch_name);
};

}  // namespace strowger::hub
