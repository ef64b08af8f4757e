#pragma once
#include "base/clock.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace strowger::bus {

/// Where the answer to a request goes; opaque to everybody but its driver. Empty: no answer wanted.
struct reply_handle {
    std::string address;
    explicit operator bool() const noexcept { return !address.empty(); }
};

struct message {
    std::string_view subject;  ///< logical, dotted
    std::string_view payload;  ///< any bytes, NUL included; valid during the call only
    reply_handle reply;
    steady_clock::time_point received;
};

using handler = std::function<void(message)>;

enum class publish_outcome : std::uint8_t { accepted, too_large, not_connected, queue_full };

struct driver_stats {
    std::uint64_t messages_sent = 0, messages_failed = 0, bytes_sent = 0, reconnects = 0;
    std::string last_error;
    std::string url;  ///< without credentials
};

/// A message broker, whichever. Subjects are logical and dotted; a driver maps them to its own.
/// Any number may live in one process. Threads: any, unless a member says otherwise.
class driver {
public:
    virtual ~driver() = default;

    /// Starts connecting and returns within the connect timeout.
    /// @return success means connected, or retrying in the background for ever; an error means that the
    ///         configuration can never work (bad URL, unusable key)
    [[nodiscard]] virtual result<void> connect() = 0;

    /// Remembered and renewed after every reconnect; may come before connect().
    /// `queue_group` empty: every subscriber gets every message.
    /// `on_message` runs on a driver thread and must return quickly.
    [[nodiscard]] virtual result<void> subscribe(std::string subject, std::string queue_group,
                                                 handler on_message) = 0;
    /// After it returns the handler is not running and will not run. Not from inside a handler.
    virtual void unsubscribe(std::string_view subject) = 0;

    /// Sends one answer; an empty handle is a no-op.
    virtual publish_outcome reply(const reply_handle& to, std::string_view payload) = 0;
    /// Never blocks longer than 1 ms. `key`: the channel's uuid or empty (ordering key where the broker has one).
    virtual publish_outcome publish(std::string_view subject, std::string_view payload, std::string_view key) = 0;
    /// Lets what was published leave now. Until then publish() may hold it back for company.
    virtual void push_out() {}
    /// Hands an unchanged message on to another subject, keeping the reply address.
    virtual publish_outcome forward(std::string_view subject, std::string_view payload,
                                    const reply_handle& reply) = 0;
    /// Waits until what was accepted is on the wire, at most `limit`.
    virtual bool flush(std::chrono::milliseconds limit) = 0;

    virtual bool is_connected() const noexcept = 0;
    virtual std::size_t max_payload() const noexcept = 0;  ///< [bytes]
    virtual driver_stats stats() const = 0;
    virtual std::string_view name() const noexcept = 0;  ///< "nats"

    /// Idempotent; every thread of the driver is joined on return.
    virtual void disconnect() = 0;
};

}  // namespace strowger::bus
