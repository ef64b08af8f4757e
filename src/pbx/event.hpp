#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::pbx {

/// One thing that happened in a switch, with FreeSWITCH's event and header names on every switch.
///
/// Shape:   headers keep the order in which they were added. Names and values live in one buffer, so
///          an event of 200 headers costs a handful of allocations.
/// Threads: none of its own; shared as `event_ptr` it is immutable.
/// Source:  FreeSWITCH `switch_event.h`; real ones in the recordings that the tests read.
class event {
public:
    struct header {
        std::string_view name;
        std::string_view value;
    };

    explicit event(std::string_view name, std::string_view subclass = {}) : name_{name}, subclass_{subclass} {}

    const std::string& name() const noexcept { return name_; }
    /// Only CUSTOM events have one; empty otherwise.
    const std::string& subclass() const noexcept { return subclass_; }

    /// Appends a header. A value that is empty is left out, as FreeSWITCH leaves it out.
    void add(std::string_view name, std::string_view value);
    /// The last header of that name, exact case; empty if there is none.
    std::string_view get(std::string_view name) const noexcept;
    bool has(std::string_view name) const noexcept { return !get(name).empty(); }

    std::size_t size() const noexcept { return slots_.size(); }
    header operator[](std::size_t index) const noexcept
    {
        const slot& at = slots_[index];
        return {{text_.data() + at.name_at, at.name_size}, {text_.data() + at.value_at, at.value_size}};
    }
    /// Bytes of all names and values.
    std::size_t bytes() const noexcept { return text_.size() + body_.size(); }
    void reserve(std::size_t headers, std::size_t bytes);

    const std::string& body() const noexcept { return body_; }
    void set_body(std::string body) { body_ = std::move(body); }

    /// The channel it is about (`Unique-ID`); empty if none.
    std::string_view uuid() const noexcept { return get("Unique-ID"); }
    /// When it happened [µs since the Unix epoch] (`Event-Date-Timestamp`); 0 if unknown.
    std::int64_t timestamp_us() const noexcept;

private:
    struct slot {
        std::uint32_t name_at, name_size, value_at, value_size;
    };
    std::string name_;
    std::string subclass_;
    std::string text_;
    std::vector<slot> slots_;
    std::string body_;
};

using event_ptr = std::shared_ptr<const event>;

}  // namespace strowger::pbx
