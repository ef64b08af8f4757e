#include "app/settings.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace strowger::app {
namespace {

constexpr auto local_file = "strowger.toml";
constexpr auto system_file = "/etc/strowger/strowger.toml";
constexpr std::uintmax_t most_bytes = 4 << 20;

bool is_set(const config::environment& environment, const char* name)
{
    const char* value = environment ? environment(name) : nullptr;
    return value != nullptr && *value != '\0';
}

void read_all(config::reader root, settings& out)
{
    out.hub_configured = root.has("hub");
    out.log.read(root.table("log"));
    out.http.read(root.table("http"));
    out.nats_server.read(root.table("nats_server"));
    out.hub.log_level = out.log.level;  // unless [hub] says otherwise
    out.hub.read(root.table("hub"));
    out.softswitch.read(root.table("switch"));
}

}  // namespace

void log_settings::read(config::reader in)
{
    std::string name{log::to_string(level)};
    in.choose("level", name, {"debug", "info", "notice", "warning", "err", "crit", "alert", "emerg"});
    log::parse_level(name, level);
    std::string form = "human";
    in.choose("format", form, {"human", "json"});
    format = form == "json" ? log::format::json : log::format::human;
}

void http_settings::read(config::reader in)
{
    in.get("enabled", enabled);
    in.get("bind", bind);
    in.get("port", port, 1);
}

void nats_server_settings::read(config::reader in)
{
    std::string word = "auto";
    in.choose("run", word, {"auto", "always", "never"});
    run = word == "auto" ? when::automatic : word == "always" ? when::always : when::never;
    in.get("program", program);
}

std::filesystem::path find_file(const std::filesystem::path& asked)
{
    if (!asked.empty()) return asked;
    std::error_code ignored;
    for (const auto* candidate : {local_file, system_file})
        if (std::filesystem::exists(candidate, ignored)) return candidate;
    return {};
}

loaded_settings load_text(std::string_view text, std::string_view name, const config::environment& environment)
{
    loaded_settings out;
    config::node root;
    std::string problem;
    if (!config::parse_toml(text, name, root, problem)) {
        out.problems.push_back(std::move(problem));
        return out;
    }
    config::loader loader{root, environment};
    read_all(loader.root(), out.values);
    for (const char* variable : {"STROWGER_HUB_URL", "NATS_URL", "NATS_HOST"})
        out.values.hub_configured = out.values.hub_configured || is_set(environment, variable);
    for (auto& line : loader.problems()) out.problems.push_back(std::string{name}.append(": ").append(line));
    out.effective = loader.values();
    return out;
}

loaded_settings load(const std::filesystem::path& file, const config::environment& environment)
{
    if (file.empty()) return load_text("", "built-in defaults", environment);
    const auto refused = [&file](const std::string& why) {
        loaded_settings out;
        out.file = file;
        out.problems.push_back(file.string() + ": " + why);
        return out;
    };
    std::error_code failed;
    const auto size = std::filesystem::file_size(file, failed);
    if (failed) return refused("cannot be read: " + failed.message() + "; expected a TOML file");
    if (size > most_bytes) return refused("is larger than 4 MB; expected a TOML file");
    std::ifstream in{file, std::ios::binary};
    std::ostringstream text;
    if (!in || !(text << in.rdbuf() || size == 0))
        return refused(std::string{"cannot be read: "} + std::strerror(errno) + "; expected a TOML file");
    auto out = load_text(text.str(), file.string(), environment);
    out.file = file;
    return out;
}

}  // namespace strowger::app
