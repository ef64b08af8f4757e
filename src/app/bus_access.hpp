#pragma once
#include "app/commands.hpp"
#include "bus/client.hpp"

#include <memory>
#include <string>

namespace strowger::app {

/// A connection for a command on the command line, with what the configuration says about the bus.
struct bus_access {
    std::unique_ptr<bus::client> client;  ///< null: it failed, and a person has been told on stderr
    std::string prefix;                   ///< of subjects
    std::string token;                    ///< `[hub] command_token`; empty: none
    std::string url;                      ///< without credentials
};

bus_access open_bus(const common_options& common, const bus_options& options);

}  // namespace strowger::app
