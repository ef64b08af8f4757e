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
    struct name {
        std::string text;
        std::string key;  ///< `,"Name":"` ready to append
        std::uint64_t hash;
        std::uint32_t last_event = 0;
        std::uint32_t follower = 0;  ///< the name that came next the last time: mostly it does again
        role is = role::plain;
        bool omit = false, redact = false, variable = false;
    };

    void make_room(std::size_t headers);
    std::uint32_t look_up(std::string_view header);
    name decide(std::string_view header, std::uint64_t hash) const;
    void pick(const pbx::event& what, bool variables);
    void write_head(const pbx::event& what, std::uint64_t seq, bool variables);
    char* write_headers(const pbx::event& what, char* out) const;
    std::size_t room_for(const pbx::event& what) const;

    options with_;
    std::string node_part_;  ///< `,"node_id":"…"`
    std::string epoch_part_;
    std::vector<name> names_;
    std::vector<std::uint32_t> slots_;  ///< open addressing; index into names_ plus 1
    std::uint32_t event_no_ = 0;

    // Of the event being written.
    std::string head_;
    std::vector<std::uint32_t> chosen_;  ///< for each header its name, or none
    std::size_t key_bytes_ = 0;          ///< of the chosen ones
    std::unique_ptr<char[]> buffer_;
    std::size_t buffer_size_ = 0;
    std::string_view uuid_, timestamp_, sequence_;
};

}  // namespace strowger::hub
