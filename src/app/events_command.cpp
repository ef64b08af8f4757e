#include "app/bus_access.hpp"
#include "app/commands.hpp"
#include "app/event_line.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <pthread.h>
#include <unistd.h>

namespace strowger::app {
namespace {

bool wants_colour()
{
    const char* refused = std::getenv("NO_COLOR");  // https://no-color.org: any value but an empty one
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal == nullptr || std::string_view{terminal} == "dumb";
    return ::isatty(STDOUT_FILENO) == 1 && !dumb && (refused == nullptr || *refused == '\0');
}

/// Prints what arrives. Threads: on_message on the bus's, done() by anyone.
class printer {
public:
    explicit printer(const events_options& options)
        : json_{options.json},
          coloured_{wants_colour()},
          left_{options.count},
          endless_{options.count == 0},
          filter_{options.filters}
    {
    }

    void on_message(std::string_view payload)
    {
        if (done()) return;
        const auto event = parse_event(payload);
        if (!event) return;
        if (const auto warning = numbering_.observe(*event)) note(*warning);
        if (!filter_.wants(*event)) return;
        const std::string line = json_ ? std::string{payload} : render_line(*event, coloured_);
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
        if (!endless_) left_.fetch_sub(1);
    }

    /// Beside the events: stderr, so that --json stays JSON.
    void note(const std::string& text) const
    {
        const bool colour = coloured_ && ::isatty(STDERR_FILENO) == 1;
        std::fprintf(stderr, "%s-- %s --%s\n", colour ? "\x1b[33m" : "", text.c_str(), colour ? "\x1b[0m" : "");
    }
    bool done() const noexcept { return !endless_ && left_.load() == 0; }

private:
    bool json_, coloured_;
    std::atomic<std::uint64_t> left_;
    bool endless_;
    event_filter filter_;
    sequence_watch numbering_;
};

/// Waits for Ctrl-C, for enough events, and says when the connection goes and comes.
void watch(const bus::client& client, const printer& output, const sigset_t& stop)
{
    constexpr timespec pause{0, 100'000'000};
    bool connected = true;
    while (!output.done() && ::sigtimedwait(&stop, nullptr, &pause) < 0) {
        if (client.is_connected() == connected) continue;
        connected = !connected;
        output.note(connected ? "connected again" : "connection to NATS lost; waiting for it to come back");
    }
}

}  // namespace

int run_events(const common_options& common, const events_options& options)
{
    sigset_t stop;
    ::sigemptyset(&stop);
    ::sigaddset(&stop, SIGINT);
    ::sigaddset(&stop, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);  // before the bus starts threads, which inherit it

    printer output{options};  // outlives the bus, whose thread calls it
    const auto bus = open_bus(common, options.bus);
    if (!bus.client) return exit_failed;
    const auto subject = bus.prefix + ".events.>";
    const auto subscribed = bus.client->subscribe(
        subject, [&output](const bus::message& message) { output.on_message(message.payload); });
    if (!subscribed) {
        std::fprintf(stderr, "strowger: %s: %s\n", subject.c_str(), subscribed.error().message().c_str());
        return exit_failed;
    }
    bus.client->flush(options.bus.connect_limit);
    if (!options.json && ::isatty(STDOUT_FILENO) == 1)
        output.note("listening to " + subject + " at " + bus.url + "; Ctrl-C to leave");
    watch(*bus.client, output, stop);
    return exit_well;
}

}  // namespace strowger::app
