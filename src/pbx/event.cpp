#include "pbx/event.hpp"

#include <charconv>

namespace strowger::pbx {

void event::add(std::string_view name, std::string_view value)
{
    if (value.empty()) return;
    const auto name_at = static_cast<std::uint32_t>(text_.size());
    text_.append(name);
    const auto value_at = static_cast<std::uint32_t>(text_.size());
    text_.append(value);
    slots_.push_back(
        {name_at, static_cast<std::uint32_t>(name.size()), value_at, static_cast<std::uint32_t>(value.size())});
}

std::string_view event::get(std::string_view name) const noexcept
{
    for (auto i = slots_.size(); i-- > 0;) {
        const auto found = (*this)[i];
        if (found.name == name) return found.value;
    }
    return {};
}

void event::reserve(std::size_t headers, std::size_t bytes)
{
    slots_.reserve(headers);
    text_.reserve(bytes);
}

std::int64_t event::timestamp_us() const noexcept
{
    const auto text = get("Event-Date-Timestamp");
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace strowger::pbx
