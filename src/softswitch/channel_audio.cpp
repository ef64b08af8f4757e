// What is done to a channel's audio beside whatever it does: volumes, and files over what it hears.
#include "softswitch/channel.hpp"
#include "softswitch/switchboard.hpp"

#include <algorithm>
#include <cstdlib>

namespace strowger::softswitch {

bool channel::can_displace(std::string_view path) const
{
    constexpr std::size_t most = 8;
    const auto is_it = [path](const auto& each) { return each->path == path; };
    return !ended() && media() && displacing_.size() < most && std::ranges::none_of(displacing_, is_it);
}

bool channel::displace(std::string path, std::unique_ptr<frame_source> source, bool mixes, std::chrono::seconds limit)
{
    if (!can_displace(path)) return false;
    auto what = std::make_shared<displacing>(displacing{std::move(path)});
    const auto leg = weak_from_this();
    what->id = media()->displace(std::move(source), mixes, [leg, what] {
        if (const auto alive = leg.lock()) std::erase(alive->displacing_, what);
    });
    displacing_.push_back(what);
    if (limit.count() > 0)
        board_.schedule(limit, uuid_, [leg, what] {
            if (const auto alive = leg.lock()) alive->stop_displacing(what);
        });
    return true;
}

bool channel::stop_displacing(std::string_view path)
{
    const auto found = std::ranges::find_if(displacing_, [path](const auto& each) { return each->path == path; });
    if (found == displacing_.end()) return false;
    stop_displacing(std::shared_ptr{*found});
    return true;
}

void channel::stop_displacing(const std::shared_ptr<displacing>& what)
{
    if (std::erase(displacing_, what) == 0) return;
    if (auto* port = media()) port->stop_displacing(what->id);
}

void channel::mute(direction which, bool on)
{
    auto* port = media();
    if (!port) return;
    volume_of(which) = {.muted = on, .steps = 0};
    port->set_volume(which, volume_of(which));
}

void channel::set_level(direction which, int steps)
{
    auto* port = media();
    if (!port || std::abs(steps) > volume::most) return;
    volume_of(which).steps = steps;
    port->set_volume(which, volume_of(which));
}

void channel::stop_audio_changes()
{
    mute(direction::read, false);
    mute(direction::write, false);
}

}  // namespace strowger::softswitch
