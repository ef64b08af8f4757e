#include "app/commands.hpp"
#include "app/nats_url.hpp"
#include "app/settings.hpp"

#include <cstdio>
#include <cstdlib>

namespace strowger::app {
namespace {

void print_summary(const loaded_settings& loaded, const std::string& name)
{
    const auto& all = loaded.values;
    std::printf("%s: good. Users: %zu. Dialplan entries: %zu. Hub prefix: %s. Health page: %s\n", name.c_str(),
                all.softswitch.users.size(), all.softswitch.dialplan.size(), all.hub.subject_prefix.c_str(),
                all.http.enabled ? ("http://" + all.http.bind + ":" + std::to_string(all.http.port)).c_str() : "off");
}

/// A quoted URL without what stands before its @.
std::string hidden(const std::string& quoted)
{
    return "\"" + without_credentials(std::string_view{quoted}.substr(1, quoted.size() - 2)) + "\"";
}

void print_values(const loaded_settings& loaded)
{
    for (const auto& [key, value] : loaded.effective) {
        const bool url = key == "hub.url" || key == "hub.host";  // may carry a password
        std::printf("%s = %s\n", key.c_str(), url ? hidden(value).c_str() : value.c_str());
    }
}

}  // namespace

int run_check_config(const common_options& common, bool dump)
{
    const auto loaded = load(find_file(common.config), ::getenv);
    for (const auto& line : loaded.problems) std::fprintf(stderr, "%s\n", line.c_str());
    if (!loaded.problems.empty()) return exit_failed;
    if (dump) {
        print_values(loaded);
    } else {
        print_summary(loaded,
                      loaded.file.empty() ? "No configuration file: built-in defaults" : loaded.file.string());
    }
    return exit_well;
}

}  // namespace strowger::app
