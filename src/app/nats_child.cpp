#include "app/nats_child.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "net/probe.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace strowger::app {
namespace {

using namespace std::chrono_literals;

constexpr auto restart_pause = 1s;
constexpr auto patience = 500ms;  ///< between asking it to end and making it
constexpr auto logger = "nats-server";

/// In the child, between fork and exec: async-signal-safe calls only.
[[noreturn]] void become(const char* program, char* const* arguments, int output, pid_t parent)
{
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);  // we were orphaned before prctl could see it
    ::setpgid(0, 0);                        // Ctrl-C is for the exchange, which stops us when calls have ended
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execv(program, arguments);
    ::_exit(127);
}

}  // namespace

std::optional<std::filesystem::path> find_program(std::string_view name)
{
    const char* path = std::getenv("PATH");
    const std::string folders =
        std::string{path == nullptr ? "" : path} + ":/usr/local/sbin:/usr/sbin:/usr/local/bin";
    for (std::size_t at = 0; at <= folders.size();) {
        const auto end = std::min(folders.find(':', at), folders.size());
        const auto candidate = std::filesystem::path{folders.substr(at, end - at)} / name;
        if (candidate.is_absolute() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
        at = end + 1;
    }
    return std::nullopt;
}

nats_child::nats_child(std::filesystem::path program, std::uint16_t port)
    : program_{std::move(program)}, port_{port}, thread_{[this] { supervise(); }}
{
}

nats_child::~nats_child()
{
    {
        std::unique_lock lock{mutex_};
        stopping_ = true;
        changed_.notify_all();
        if (pid_ > 0) ::kill(pid_, SIGTERM);
        if (!changed_.wait_for(lock, patience, [this] { return pid_ == 0; })) ::kill(pid_, SIGKILL);
    }
    thread_.join();
}

bool nats_child::wait_until_ready(std::chrono::milliseconds limit) const
{
    const auto deadline = steady_clock::now() + limit;
    while (!net::tcp_answers("127.0.0.1", port_, 50ms)) {
        if (steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

void nats_child::supervise()
{
    std::unique_lock lock{mutex_};
    while (!stopping_) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) {
            log::error(logger, "no pipe for its output", {{"error", std::strerror(errno)}});
            return;
        }
        pid_ = spawn(ends[1]);
        ::close(ends[1]);
        lock.unlock();
        relay_output(ends[0]);  // until it ends
        ::close(ends[0]);
        lock.lock();
        int status = 0;
        if (pid_ > 0) ::waitpid(pid_, &status, 0);
        pid_ = 0;
        changed_.notify_all();
        if (stopping_) return;
        log::warn(logger, "ended by itself; starting it again", {{"status", status}});
        changed_.wait_for(lock, restart_pause, [this] { return stopping_; });
    }
}

pid_t nats_child::spawn(int output)
{
    std::string name = program_.string(), port = std::to_string(port_);
    std::string address_flag = "-a", address = "127.0.0.1", port_flag = "-p";
    char* const arguments[] = {name.data(),      address_flag.data(), address.data(),
                               port_flag.data(), port.data(),         nullptr};
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) become(name.c_str(), arguments, output, parent);
    if (child < 0) log::error(logger, "could not start", {{"error", std::strerror(errno)}});
    return child < 0 ? 0 : child;
}

void nats_child::relay_output(int from) const
{
    std::string line;
    std::array<char, 1024> chunk{};
    for (;;) {
        const auto got = ::read(from, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return;
        for (const char c : std::string_view{chunk.data(), static_cast<std::size_t>(got)}) {
            if (c != '\n' && line.size() < chunk.size()) {
                line += c;
            } else {
                log::debug(logger, line);
                line.clear();
            }
        }
    }
}

}  // namespace strowger::app
