#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace strowger::test {

/// A port of 127.0.0.1 that was free a moment ago, below the range from which the kernel takes the near end of
/// connections: while a server is away nobody may get its port by accident, a client that tries it least of all.
inline std::uint16_t free_port()
{
    static std::mt19937 random{std::random_device{}()};
    for (;;) {
        const auto port = static_cast<std::uint16_t>(std::uniform_int_distribution{10240, 16239}(random));
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool free = ::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
        ::close(fd);
        if (free) return port;
    }
}

/// A real nats-server as our child on 127.0.0.1; killed with this object.
class nats_server {
public:
    /// @return nothing when no nats-server is installed
    static std::unique_ptr<nats_server> start(std::vector<std::string> extra = {})
    {
        if (!std::filesystem::exists(program())) return nullptr;
        std::unique_ptr<nats_server> made{new nats_server{free_port(), std::move(extra)}};
        made->restart();
        return made;
    }
    /// Knows its port but does not run until restart().
    static std::unique_ptr<nats_server> prepared()
    {
        if (!std::filesystem::exists(program())) return nullptr;
        return std::unique_ptr<nats_server>{new nats_server{free_port(), {}}};
    }
    ~nats_server() { kill(); }

    std::uint16_t port() const noexcept { return port_; }
    std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }

    /// Ends it at once, as a crash would.
    void kill()
    {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

    /// It keeps its connections but reads nothing until resume().
    void pause() const { ::kill(pid_, SIGSTOP); }
    void resume() const { ::kill(pid_, SIGCONT); }

    /// Starts it again on the same port and waits until it accepts.
    void restart()
    {
        kill();
        std::vector<std::string> words{program(), "-a", "127.0.0.1", "-p", std::to_string(port_)};
        words.insert(words.end(), extra_.begin(), extra_.end());
        std::vector<char*> argv;
        for (auto& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
        ::posix_spawn(&pid_, program(), &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (!accepts() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }

private:
    nats_server(std::uint16_t port, std::vector<std::string> extra) : port_{port}, extra_{std::move(extra)} {}
    static const char* program() { return "/usr/sbin/nats-server"; }

    bool accepts() const
    {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(port_);
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool good = ::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
        ::close(fd);
        return good;
    }

    std::uint16_t port_;
    std::vector<std::string> extra_;
    pid_t pid_ = -1;
};

/// Waits until `condition` holds. @return whether it did within `limit`
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds{10})
{
    const auto until = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
}

}  // namespace strowger::test
