#pragma once
#include "base/clock.hpp"
#include "bus/driver.hpp"
#include "hub/event_json.hpp"
#include "pbx/event.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace strowger::hub {

/// The bounded queue in front of the bus and the thread that serialises and sends what is in it, in order.
/// While the bus is away or full events wait; when the queue is full one is lost, counted, and leaves a hole
/// in `seq`.
class publisher {
public:
    enum class custom_subjects : std::uint8_t { subclass, flat, both };
    struct options {
        std::string prefix;
        custom_subjects custom = custom_subjects::subclass;
        std::size_t max_events = 10000, max_bytes = 32U << 20U;
        bool drop_oldest = true;
        event_json::options json;
    };
    struct counts {
        std::uint64_t published = 0, failed = 0, dropped = 0, bytes = 0, queued = 0;
        std::map<std::string, std::uint64_t> dropped_by_class;  ///< "channel", "call", "custom", …
    };

    publisher(options with, bus::driver& over);
    ~publisher();

    void start();
    /// Gives what is queued `flush` to leave; the rest counts as dropped. Idempotent.
    void stop(std::chrono::milliseconds flush);
    /// Queues an event that passed the filter. Threads: any, within microseconds.
    void push(pbx::event_ptr what);

    /// Says in the log what was dropped, at most every 10 s. To be called from time to time.
    void tick();

    counts count() const;

private:
    struct item {
        pbx::event_ptr what;
        std::uint64_t seq = 0;
    };
    void run();
    bool next(item& out);
    void let_out(std::unique_lock<std::mutex>& lock);
    void send(const item& it);
    void send_to(const std::string& subject, const item& it);
    bus::publish_outcome offer(const std::string& subject);
    void drop(const pbx::event& what);
    void report_drops(steady_clock::time_point now);
    bool out_of_time() const;

    const options with_;
    bus::driver& bus_;
    event_json json_;  ///< the thread's

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<item> queue_;
    std::size_t bytes_ = 0;
    std::uint64_t last_seq_ = 0;
    std::map<std::string, std::uint64_t> dropped_;
    std::uint64_t dropped_said_ = 0, dropped_total_ = 0;
    steady_clock::time_point said_at_{};
    bool asleep_ = false, stopping_ = false;
    steady_clock::time_point let_out_at_{};  ///< the thread's
    bool holding_ = false;                   ///< the thread's: the bus may hold something back
    std::atomic<steady_clock::time_point> stop_by_{steady_clock::time_point::max()};

    std::atomic<std::uint64_t> published_{0}, failed_{0}, bytes_sent_{0};
    std::string_view text_;  ///< in json_
    std::string subject_;    ///< the thread's scratch
    std::thread thread_;
};

/// The first word of an event's subject, as drops are counted: "channel", "custom", "heartbeat".
std::string subject_class(std::string_view event_name);

}  // namespace strowger::hub
