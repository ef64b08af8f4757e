#include "softswitch/engine/mixer.hpp"

#include "media/mix.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace strowger::softswitch {
namespace {

/// A displaced party is not heard, either: FreeSWITCH replaces both directions unless it mixes.
bool hushed(const mixer_slot& slot) noexcept
{
    for (const auto* each = slot.displacing; each != nullptr; each = each->following)
        if (!each->mixes) return true;
    return false;
}

}  // namespace

bool playback::open() noexcept
{
    mixer_.start_playing(slot_, *this);
    return false;
}

bool displacement::open() noexcept
{
    mixer_.start_displacing(slot_, *this);
    return false;
}

void mixer::open_parcels() noexcept
{
    for (parcel* each = inbox.take(); each != nullptr;) {
        auto& current = *std::exchange(each, each->next);
        if (current.open()) outbox.add(current);
    }
}

void mixer::tick() noexcept
{
    for (auto* slot = slots_; slot != nullptr; slot = slot->after) read(*slot);
    for (auto* slot = slots_; slot != nullptr; slot = slot->after) decide(*slot);
    for (auto* slot = slots_; slot != nullptr; slot = slot->after) slot->transport->write(slot->said());
}

void mixer::skip(std::uint32_t ticks) noexcept
{
    for (auto* slot = slots_; slot != nullptr; slot = slot->after) slot->transport->skipped(ticks);
}

void mixer::read(mixer_slot& slot) noexcept
{
    const auto pcm = slot.heard();
    if (!slot.transport->read(pcm) || hushed(slot)) std::ranges::fill(pcm, std::int16_t{0});
    slot.read_volume.apply(pcm);
    notice(slot);
    for (auto* each = slot.taps; each != nullptr; each = each->following) each->listener->on_read(pcm);
}

void mixer::notice(mixer_slot& slot) noexcept
{
    port_event event{slot.id, {}};
    while (slot.transport->next_event(event.what)) {
        if (!events.push(event)) events_lost.fetch_add(1, std::memory_order_relaxed);
        noticed_ = true;
    }
}

void mixer::decide(mixer_slot& slot) noexcept
{
    const auto pcm = slot.said();
    compose(slot, pcm);
    displace(slot, pcm);
    for (auto* each = slot.taps; each != nullptr; each = each->following) each->listener->on_write(pcm);
    slot.write_volume.apply(pcm);
    for (auto* each = slot.sinks; each != nullptr; each = each->following) each->listener->put(slot.heard(), pcm);
}

void mixer::compose(mixer_slot& slot, std::span<std::int16_t> out) noexcept
{
    if (slot.playing != nullptr) {
        if (slot.playing->source->next(out)) return;
        slot.playing->completed = true;
        stop_playing(slot);
    }
    if (slot.bridged != nullptr) {
        const auto in = slot.bridged->peer->heard();
        if (auto* rate = slot.bridged->rate.get()) {
            // Only the first frame can come out short, by the filter's delay.
            const auto made = std::min(rate->process(in, out), out.size());
            std::ranges::fill(out.subspan(made), std::int16_t{0});
            return;
        }
        if (in.size() == out.size()) {
            std::ranges::copy(in, out.begin());
            return;
        }
    } else if (slot.echo) {
        std::ranges::copy(slot.heard(), out.begin());
        return;
    }
    std::ranges::fill(out, std::int16_t{0});
}

void mixer::displace(mixer_slot& slot, std::span<std::int16_t> out) noexcept
{
    const auto frame = std::span{displacing_}.first(out.size());
    for (auto** link = &slot.displacing; *link != nullptr;) {
        auto& each = **link;
        if (!each.source->next(frame)) {
            retire(*link);
            continue;
        }
        if (each.mixes) {
            media::mix(out, frame);
        } else {
            std::ranges::copy(frame, out.begin());
        }
        link = &each.following;
    }
}

void mixer::retire(displacement*& link) noexcept
{
    auto& ended = *link;
    link = ended.following;
    outbox.add(ended);
}

void mixer::insert(mixer_slot& slot) noexcept
{
    slot.after = slots_;
    if (slots_ != nullptr) slots_->before = &slot;
    slots_ = &slot;
}

void mixer::remove(mixer_slot& slot) noexcept
{
    stop_playing(slot);
    while (slot.displacing != nullptr) retire(slot.displacing);
    part(slot);
    while (slot.taps != nullptr) unlink(slot.taps, slot.taps->listener.get());
    while (slot.sinks != nullptr) unlink(slot.sinks, slot.sinks->listener.get());
    (slot.before == nullptr ? slots_ : slot.before->after) = slot.after;
    if (slot.after != nullptr) slot.after->before = slot.before;
}

void mixer::stop_playing(mixer_slot& slot) noexcept
{
    if (auto* const ended = std::exchange(slot.playing, nullptr)) outbox.add(*ended);
}

void mixer::start_playing(mixer_slot& slot, playback& what) noexcept
{
    stop_playing(slot);
    slot.playing = &what;
}

void mixer::start_displacing(mixer_slot& slot, displacement& what) noexcept
{
    auto** link = &slot.displacing;
    while (*link != nullptr) link = &(*link)->following;
    *link = &what;
}

void mixer::stop_displacing(mixer_slot& slot, std::uint64_t which) noexcept
{
    for (auto** link = &slot.displacing; *link != nullptr; link = &(*link)->following)
        if ((*link)->id == which) return retire(*link);
}

void mixer::join(mixer_slot& a, bridge_half& heard_by_a, mixer_slot& b, bridge_half& heard_by_b) noexcept
{
    part(a);
    part(b);
    heard_by_a.peer = &b;
    heard_by_b.peer = &a;
    a.bridged = &heard_by_a;
    b.bridged = &heard_by_b;
}

void mixer::part(mixer_slot& slot) noexcept
{
    auto* const mine = std::exchange(slot.bridged, nullptr);
    if (mine == nullptr) return;
    auto* const theirs = std::exchange(mine->peer->bridged, nullptr);
    assert(theirs != nullptr && theirs->peer == &slot);
    outbox.add(*mine);
    outbox.add(*theirs);
}

}  // namespace strowger::softswitch
