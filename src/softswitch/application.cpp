#include "softswitch/application.hpp"

#include "softswitch/text.hpp"

#include <algorithm>
#include <array>

namespace strowger::softswitch {
namespace {

std::array<std::span<const application>, 3> groups()
{
    return {call_applications(), media_applications(), variable_applications()};
}

}  // namespace

const application* find_application(std::string_view name) noexcept
{
    for (const auto group : groups())
        for (const auto& each : group)
            if (text::same(each.name, name)) return &each;
    return nullptr;
}

std::vector<const application*> all_applications()
{
    std::vector<const application*> out;
    for (const auto group : groups())
        for (const auto& each : group) out.push_back(&each);
    std::ranges::sort(out, {}, [](const auto* each) { return each->name; });
    return out;
}

}  // namespace strowger::softswitch
