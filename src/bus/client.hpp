#pragma once
#include "bus/driver.hpp"
#include "bus/error.hpp"
#include "bus/nats_settings.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace strowger::bus {

/// A plain NATS client for command-line tools: asks, listens, tells about the server.
/// Reconnects by itself once the first connection stood. Threads: any.
class client {
public:
    struct server_info {
        std::string url;  ///< without credentials
        std::string id;
        std::size_t max_payload = 0;  ///< [bytes]
        std::chrono::microseconds round_trip{0};
    };

    /// @return errc::not_connected when no server answers within `with.timeout_ms`, or the reason why none ever will
    [[nodiscard]] static result<std::unique_ptr<client>> connect(const nats_settings& with);
    ~client();

    /// One request, first answer. @return errc::timeout, errc::no_responders or errc::not_connected
    [[nodiscard]] result<std::string> request(std::string_view subject, std::string_view payload,
                                              std::chrono::milliseconds limit);
    [[nodiscard]] result<void> publish(std::string_view subject, std::string_view payload);
    /// `on_message` runs on a library thread, in order for one subscription, until this client is destroyed.
    [[nodiscard]] result<void> subscribe(std::string_view subject, handler on_message);
    /// Waits until the server has seen everything sent so far, subscriptions included.
    bool flush(std::chrono::milliseconds limit);

    bool is_connected() const noexcept;
    server_info info() const;

private:
    struct impl;
    explicit client(std::unique_ptr<impl> self);
    std::unique_ptr<impl> self_;
};

}  // namespace strowger::bus
