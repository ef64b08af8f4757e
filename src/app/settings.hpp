#pragma once
#include "base/config.hpp"
#include "base/log.hpp"
#include "hub/settings.hpp"
#include "softswitch/settings.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace strowger::app {

/// `[log]`
struct log_settings {
    log::level level = log::level::info;
    log::format format = log::format::human;
    void read(config::reader in);
};

/// `[http]`: health and metrics.
struct http_settings {
    bool enabled = true;
    std::string bind = "127.0.0.1";
    std::uint16_t port = 8090;
    void read(config::reader in);
};

/// `[nats_server]`: a nats-server of our own, for those who have none.
struct nats_server_settings {
    enum class when : std::uint8_t { automatic, always, never };
    when run = when::automatic;
    std::string program = "nats-server";
    void read(config::reader in);
};

/// Everything the configuration file says, with a default for all of it.
struct settings {
    log_settings log;
    http_settings http;
    nats_server_settings nats_server;
    hub::settings hub;
    softswitch::settings softswitch;
    bool hub_configured = false;  ///< the file has a `[hub]`, or the environment names a NATS server
};

/// What was read, whatever it was worth.
struct loaded_settings {
    settings values;
    std::filesystem::path file;                                  ///< empty: none was found, these are the defaults
    std::vector<std::string> problems;                           ///< each a whole line for a person; empty: good
    std::vector<std::pair<std::string, std::string>> effective;  ///< key and value in TOML; secrets are `***`
};

/// The file that counts: `asked` if given, else ./strowger.toml, else /etc/strowger/strowger.toml, else none.
std::filesystem::path find_file(const std::filesystem::path& asked);

/// Reads `file` (empty: defaults alone) and the environment. A file that cannot be read is a problem, too.
loaded_settings load(const std::filesystem::path& file, const config::environment& environment);
/// The same from a text; `name` is what messages call it.
loaded_settings load_text(std::string_view text, std::string_view name, const config::environment& environment);

}  // namespace strowger::app
