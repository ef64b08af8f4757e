#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::app {

/// One published event as a person wants to see it; every text may hold any bytes a caller chose.
struct event_view {
    std::string name;
    std::string subclass;
    std::string node;
    std::string uuid;
    std::int64_t timestamp_us = 0;
    std::int64_t seq = 0;    ///< 0: the publisher numbers nothing
    std::int64_t epoch = 0;  ///< [µs] when the publisher started
    std::map<std::string, std::string, std::less<>> headers;

    std::string_view header(std::string_view key) const noexcept;
};

/// Reads the JSON of one event. @return nothing when it is not an event at all
std::optional<event_view> parse_event(std::string_view json);

/// One line without its newline: local time, name, short uuid, direction, caller → destination, detail.
/// Control characters become blanks, so that nothing a caller sends can drive the terminal.
std::string render_line(const event_view& event, bool coloured);

/// Which events a person asked for: names with `*` in any case (`CHANNEL_*`, `sofia::register`),
/// or a channel's uuid, whole or its first eight digits or more. No filter: all.
class event_filter {
public:
    explicit event_filter(std::vector<std::string> patterns) : patterns_{std::move(patterns)} {}
    bool wants(const event_view& event) const noexcept;

private:
    std::vector<std::string> patterns_;
};

/// Watches each node's numbering, so that a missed event never goes unnoticed. Remembers 1024 nodes.
class sequence_watch {
public:
    /// @return what a person should know before this event: events missed, the node restarted; or nothing
    std::optional<std::string> observe(const event_view& event);
    std::uint64_t missed() const noexcept { return missed_; }

private:
    struct place {
        std::int64_t epoch = 0;
        std::int64_t seq = 0;
    };
    std::map<std::string, place, std::less<>> nodes_;
    std::uint64_t missed_ = 0;
};

}  // namespace strowger::app
