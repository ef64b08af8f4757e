#include "app/commands.hpp"
#include "app/exchange.hpp"
#include "app/service_manager.hpp"
#include "app/signals.hpp"

#include <cstdio>
#include <cstdlib>

#include <sys/resource.h>

namespace strowger::app {
namespace {

using namespace std::chrono_literals;

constexpr auto most_time_to_stop = 1900ms;  ///< of the two seconds that Ctrl-C may take
constexpr auto logger = "strowger";

/// A call needs four sockets, and the usual soft limit of 1024 stands only for old select() programs.
void raise_file_limit()
{
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

void complain(const std::vector<std::string>& lines)
{
    for (const auto& line : lines) std::fprintf(stderr, "strowger: %s\n", line.c_str());
}

int run_exchange(const common_options& common, role as)
{
    const stop_signals signals;
    auto loaded = load(find_file(common.config), ::getenv);
    if (!loaded.problems.empty()) {
        complain(loaded.problems);
        std::fputs("Mend the configuration; `strowger check-config` reads it without starting anything.\n", stderr);
        return exit_failed;
    }
    raise_file_limit();
    if (common.log_level) loaded.values.log.level = loaded.values.hub.log_level = *common.log_level;
    log::start(loaded.values.log.level, common.log_format.value_or(loaded.values.log.format));
    log::info(logger, "starting", {{"config", loaded.file.empty() ? "built-in defaults" : loaded.file.string()}});

    auto started = exchange::start(loaded.values, as);
    if (!started) {
        log::stop();
        complain({started.error()});
        return exit_failed;
    }
    const auto& running = *started;
    std::fputs(running->welcome().c_str(), stdout);
    std::fflush(stdout);
    notify_service_manager("READY=1");

    const int signal = signals.wait();
    signals.leave_after(most_time_to_stop);
    notify_service_manager("STOPPING=1");
    log::info(logger, "stopping", {{"signal", signal}});
    running->stop();
    log::info(logger, "stopped");
    log::stop();
    return exit_well;
}

}  // namespace

int run_up(const common_options& common)
{
    return run_exchange(common, role::everything);
}

int run_switch(const common_options& common)
{
    return run_exchange(common, role::switch_only);
}

}  // namespace strowger::app
