#pragma once
#include "pbx/event.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::hub {

/// Writes events as JSON into a buffer of its own.
///
/// Header names repeat from event to event, so what is to be done with each (leave out, redact, write under
/// which escaped key) is decided once and remembered, a few thousand names at most.
/// Threads: one. Memory: none once the names are known and the buffer has grown.
class event_json {
public:
    struct options {
        std::string node_id;
        std::int64_t epoch_us = 0;
        bool stamp_when_published = false;
        std::vector<std::string> redact, include, exclude;  ///< globs over header names
    };
    explicit event_json(options with);

    /// Without `variables` the `variable_*` headers are left out and `truncated` is said.
    /// @return the JSON; valid until the next call
    std::string_view write(const pbx::event& what, std::uint64_t seq, bool variables);
    /// The channel of the event last written; empty if it had none.
    std::string_view uuid() const noexcept { return uuid_; }

private:
    enum class role : std::uint8_t { plain, uuid, timestamp, sequence };
    /// What is known of a header name. Small: a hundred of them are looked at for every event.
    struct name {
        const char* text = nullptr;  ///< in arena_; behind it the key, `,"Name":"`
        std::uint32_t text_size = 0, key_size = 0;
        std::uint32_t last_event = 0;
        std::uint32_t next = 0,
                      after_all = 0;  ///< names that came next, the last time and before: mostly they do again
        role is = role::plain;
        bool omit = false, redact = false, variable = false;
    };

    void make_room(std::size_t headers);
    std::uint32_t find(std::string_view header, std::uint32_t before);
    std::uint32_t look_up(std::string_view header);
    name decide(std::string_view header);
    bool is(std::uint32_t index, std::string_view header) const noexcept;
    void start_event();
    void note(const name& known, std::string_view value) noexcept;
    void find_repeated(const pbx::event& what);
    char* write_headers(const pbx::event& what, bool variables, char* out);
    void write_head(const pbx::event& what, std::uint64_t seq, bool variables);

    options with_;
    std::string node_part_;  ///< `,"node_id":"…"`
    std::string epoch_part_;
    std::vector<std::unique_ptr<char[]>> arena_;
    std::vector<name> names_;
    std::vector<std::uint32_t> slots_;  ///< open addressing; index into names_ plus 1
    std::uint32_t event_no_ = 0;

    // Of the event being written.
    std::string head_;
    std::vector<bool> repeated_;  ///< for each header whether a later one has its name; empty: none has
    std::unique_ptr<char[]> buffer_;
    std::size_t buffer_size_ = 0;
    std::string_view uuid_, timestamp_, sequence_;
};

}  // namespace strowger::hub
