#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <sys/types.h>

namespace strowger::app {

/// Where a program is: on PATH, or in the sbin folders that PATH often lacks. Nothing: not installed.
std::optional<std::filesystem::path> find_program(std::string_view name);

/// A nats-server of our own on loopback, for as long as this object lives; the kernel ends it with us even
/// when we are killed. When it dies by itself it is started again. Its output is our log at debug.
///
/// Threads: one of its own, which forks; it must outlive the child, because PR_SET_PDEATHSIG goes by thread.
class nats_child {
public:
    nats_child(std::filesystem::path program, std::uint16_t port);
    ~nats_child();
    nats_child(const nats_child&) = delete;
    nats_child& operator=(const nats_child&) = delete;

    /// Whether it accepts connections within `limit`.
    bool wait_until_ready(std::chrono::milliseconds limit) const;

private:
    void supervise();
    pid_t spawn(int output);
    void relay_output(int from) const;

    std::filesystem::path program_;
    std::uint16_t port_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    pid_t pid_ = 0;  ///< 0: not running, or reaped
    std::thread thread_;
};

}  // namespace strowger::app
