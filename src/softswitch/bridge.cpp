#include "softswitch/bridge.hpp"

#include "base/clock.hpp"
#include "softswitch/origins.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

namespace strowger::softswitch {
namespace {

using detail = channel::detail;

void pass_digits(channel& from, channel& to)
{
    while (const auto digit = from.next_digit())
        if (auto* party = to.party()) party->send_dtmf({&digit->digit, 1}, digit->duration_ms);
}

void pair(channel& a, channel& b)
{
    a.set_partner(b.shared_from_this());
    b.set_partner(a.shared_from_this());
    a.set_other("originatee", b);
    b.set_other("originator", a);
    a.variables().set("signal_bond", b.uuid());
    b.variables().set("signal_bond", a.uuid());
}

/// What a leg remembers of the other when they are connected.
void remember(channel& leg, const channel& other)
{
    leg.variables().set("bridge_channel", other.name());
    leg.variables().set("bridge_uuid", other.uuid());
    leg.variables().set("last_bridge_to", other.uuid());
}

/// What it was last told about whom it talks to.
void remember_callee(channel& leg, const channel& other)
{
    leg.variables().set("last_sent_callee_id_name", other.profile().callee_id_name);
    leg.variables().set("last_sent_callee_id_number", other.profile().callee_id_number);
}

/// A sofia leg's phone is told whom it talks to.
void tell_display(channel& a, const channel& b)
{
    if (a.profile().source != "mod_sofia") return;
    const auto& who = b.profile();
    remember_callee(a, b);
    a.set_callee_direction("SEND");
    a.emit("CALL_UPDATE", origins::sofia_update, detail::full,
           {{"Direction", "SEND"},
            {"Sent-Callee-ID-Name", who.callee_id_name},
            {"Sent-Callee-ID-Number", who.callee_id_number},
            {"Bridged-To", b.uuid()}});
}

bool connect_media(channel& a, channel& b)
{
    auto* ours = a.media();
    auto* theirs = b.media();
    if (!ours || !theirs) return false;
    ours->bridge(*theirs);
    return true;
}

/// What becomes of B when A is no longer with it.
void release(channel& a, channel& b)
{
    if (b.state() != channel_state::exchange_media) return;
    auto& values = b.variables();
    values.set("last_bridge_hangup_cause", pbx::to_string(a.why()));
    if (const std::string after{values.get("transfer_after_bridge")}; !after.empty()) {
        const auto to = text::split(after, ':', 3);
        b.transfer(to[0], to.size() > 1 ? to[1] : "", to.size() > 2 ? to[2] : "");
    } else if (values.is_true("park_after_bridge")) {
        b.park();
    } else {
        b.hang_up(a.ended() ? a.why() : pbx::cause::normal_clearing);
    }
}

}  // namespace

task<> bridge_legs(channel& a, std::shared_ptr<channel> b)
{
    const channel::watch news{b, a.changes()};
    pair(a, *b);
    a.times().bridged = b->times().bridged = now_us();
    b->set_call_uuid(a.uuid());
    b->move_to(channel_state::exchange_media);
    bool connected = connect_media(a, *b);
    a.emit("CHANNEL_BRIDGE", origins::bridge, detail::full,
           {{"Bridge-A-Unique-ID", a.uuid()}, {"Bridge-B-Unique-ID", b->uuid()}});
    remember(a, *b);
    remember(*b, a);
    tell_display(a, *b);
    if (a.running_state() == channel_state::execute) a.variables().set("last_bridge_role", "originator");
    while (a.ready() && b->state() == channel_state::exchange_media) {
        if (b->answered() && !a.answered()) a.answer();
        if (!connected) connected = connect_media(a, *b);
        pass_digits(a, *b);
        pass_digits(*b, a);
        co_await a.attend();
    }
    if (auto* port = a.media()) port->unbridge();
    a.variables().unset("signal_bond");
    remember_callee(a, *b);
    remember_callee(*b, a);
    release(a, *b);
    if (b->ended()) {
        a.variables().set("bridge_hangup_cause", pbx::to_string(b->why()));
    } else {
        b->variables().unset("signal_bond");
    }
    a.emit("CHANNEL_UNBRIDGE", origins::unbridge, detail::full,
           {{"Bridge-A-Unique-ID", a.uuid()}, {"Bridge-B-Unique-ID", b->uuid()}});
    if (a.partner() == b) a.clear_partner();
    if (b->partner().get() == &a) b->clear_partner();
}

task<> bridge_soft(channel& a, std::shared_ptr<channel> b)
{
    const channel::watch news{b, a.changes()};
    a.variables().unset("uuid_bridge");
    const auto arrived = [&] { return b->ready() && b->running_state() == channel_state::soft_execute; };
    while (a.ready() && !b->ended() && !(arrived() && a.media() && b->media())) {
        if (!a.media()) a.pre_answer();
        if (!b->media()) b->pre_answer();
        co_await a.attend();
    }
    if (b->ended() && a.ready()) a.hang_up(pbx::cause::destination_out_of_order);
    if (!a.ready()) {
        if (b->running_state() == channel_state::soft_execute && b->ready())
            b->hang_up(a.ended() ? a.why() : pbx::cause::destination_out_of_order);
        co_return;
    }
    a.emit("CHANNEL_EXECUTE", origins::uuid_bridge, detail::full, {},
           {{"Application", "uuid_bridge"}, {"Application-Data", b->uuid()}});
    b->emit("CHANNEL_EXECUTE", origins::uuid_bridge, detail::full, {},
            {{"Application", "uuid_bridge"}, {"Application-Data", a.uuid()}});
    co_await bridge_legs(a, b);
}

bool join(const std::shared_ptr<channel>& a, const std::shared_ptr<channel>& b)
{
    if (!a || !b || a == b || a->ended() || b->ended()) return false;
    a->set_other("originatee", *b);
    b->set_other("originator", *a);
    a->enter_bridge(true, b);
    b->enter_bridge(false, a);
    return true;
}

}  // namespace strowger::softswitch
