#include "softswitch/api/verb.hpp"

#include "softswitch/text.hpp"

#include <algorithm>
#include <array>

namespace strowger::softswitch::api {
namespace {

std::array<std::span<const verb>, 5> groups()
{
    return {system_verbs(), call_verbs(), channel_verbs(), show_verbs(), phone_verbs()};
}

}  // namespace

const verb* find(std::string_view name) noexcept
{
    for (const auto group : groups())
        for (const auto& each : group)
            if (text::same(each.name, name)) return &each;
    return nullptr;
}

std::vector<const verb*> all()
{
    std::vector<const verb*> out;
    for (const auto group : groups())
        for (const auto& each : group) out.push_back(&each);
    std::ranges::sort(out, {}, [](const auto* each) { return each->name; });
    return out;
}

}  // namespace strowger::softswitch::api
