#pragma once
#include "base/log.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace strowger::app {

enum exit_code : int { exit_well = 0, exit_failed = 1, exit_wrong_use = 2 };

/// Options that every sub-command shares.
struct common_options {
    std::filesystem::path config;         ///< empty: look for one
    std::optional<log::level> log_level;  ///< wins over `[log]`
    std::optional<log::format> log_format;
};

/// How `api` and `events` reach the bus.
struct bus_options {
    std::string url;  ///< empty: that of the configuration
    std::chrono::milliseconds connect_limit{2000};
};

struct api_options {
    bus_options bus;
    std::string node;  ///< empty: every node may answer, the first answer counts
    std::chrono::milliseconds timeout{65000};
    bool json = false;
    std::vector<std::string> words;
};

struct events_options {
    bus_options bus;
    bool json = false;
    std::uint64_t count = 0;  ///< leave after so many; 0: never
    std::vector<std::string> filters;
};

// Each is one sub-command; its result is the program's exit code.
int run_up(const common_options& common);
int run_switch(const common_options& common);
int run_api(const common_options& common, const api_options& options);
int run_events(const common_options& common, const events_options& options);
int run_doctor(const common_options& common);
int run_check_config(const common_options& common, bool dump);

}  // namespace strowger::app
