#include "app/bus_access.hpp"

#include "app/nats_url.hpp"
#include "app/settings.hpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

namespace strowger::app {

bus_access open_bus(const common_options& common, const bus_options& options)
{
    bus_access out;
    auto loaded = load(find_file(common.config), ::getenv);
    if (!loaded.problems.empty() && (options.url.empty() || !common.config.empty())) {
        for (const auto& line : loaded.problems) std::fprintf(stderr, "strowger: %s\n", line.c_str());
        std::fputs("Mend that, or name the NATS server with --url, which does without the configuration.\n", stderr);
        return out;
    }
    auto& hub = loaded.values.hub;
    if (!options.url.empty()) hub.nats.url = options.url;
    hub.complete(::getenv, "");
    hub.nats.name = "strowger-cli-" + std::to_string(::getpid());
    hub.nats.timeout_ms = std::min(hub.nats.timeout_ms, static_cast<int>(options.connect_limit.count()));
    out.prefix = hub.subject_prefix;
    out.token = hub.command_token;
    out.url = without_credentials(hub.nats.url);

    auto connected = bus::client::connect(hub.nats);
    if (connected) {
        out.client = std::move(*connected);
    } else {
        std::fprintf(stderr,
                     "strowger: no NATS server at %s: %s\n"
                     "Start the exchange with `strowger up`, or name another server with --url.\n",
                     out.url.c_str(), connected.error().message().c_str());
    }
    return out;
}

}  // namespace strowger::app
