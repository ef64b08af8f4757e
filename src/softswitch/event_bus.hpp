#pragma once
#include "pbx/host.hpp"
#include "softswitch/control.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::softswitch {

/// Which piece of FreeSWITCH fires an event: the three Event-Calling-* headers.
struct origin {
    std::string_view file, function, line;
};

/// Makes events with the standard headers and hands them to subscribers.
///
/// Threads: subscribe() and publish() by anyone; everything else on the control thread, where the handlers
///          run too, one event after the other.
class event_bus {
public:
    event_bus(control_loop& control, std::string hostname);
    ~event_bus();

    /// Whether anybody would look: asked before an event is built.
    bool wanted(std::string_view name, std::string_view subclass = {}) const;
    /// An event with the standard headers, the next sequence number included.
    pbx::event make(std::string_view name, const origin& from, std::string_view subclass = {});
    void send(pbx::event what);
    /// A feature's own event: gets the standard headers in front and is sent from the control thread.
    void publish(pbx::event what);

    [[nodiscard]] pbx::registration_ptr subscribe(pbx::event_subscriber subscriber);

    const std::string& hostname() const noexcept { return hostname_; }
    const std::string& core_uuid() const noexcept { return core_uuid_; }
    const std::string& ipv4() const noexcept { return ipv4_; }
    std::uint64_t sent() const noexcept { return sequence_.load(std::memory_order_relaxed); }

private:
    struct entry;
    class subscription;
    using entries = std::vector<std::shared_ptr<entry>>;

    std::shared_ptr<const entries> current() const;
    void add_standard(pbx::event& to, const origin& from);
    void refresh_dates(std::int64_t now_us);

    control_loop& control_;
    std::string hostname_, core_uuid_, ipv4_, ipv6_;
    std::atomic<std::uint64_t> sequence_{0};
    std::int64_t dated_second_ = -1;
    std::string local_date_, gmt_date_;
    mutable std::mutex mutex_;
    std::shared_ptr<const entries> entries_;
};

/// "2026-11-20 23:46:31" in local time.
std::string format_local(std::int64_t epoch_s);

}  // namespace strowger::softswitch
