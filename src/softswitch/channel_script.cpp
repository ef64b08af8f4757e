// What a channel does from its first event to its last, as scripts.
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "softswitch/application.hpp"
#include "softswitch/bridge.hpp"
#include "softswitch/channel.hpp"
#include "softswitch/origins.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

namespace strowger::softswitch {
namespace {

/// How long the last events wait for the technology's own word on how the call ended.
constexpr std::chrono::milliseconds leg_end_wait{200};
constexpr std::string_view played = "FILE PLAYED";
constexpr origin check_presence{"switch_core_state_machine.c", "check_presence", "521"};

}  // namespace

void channel::start()
{
    script_ = live();
    board_.later([self = shared_from_this()] { self->script_.start(); });
}

task<> channel::live()
{
    try {
        co_await run_states();
    } catch (const std::exception& problem) {
        log::error("switch", "call script failed", {{"leg", uuid_}, {"what", problem.what()}});
    }
    board_.forget(*this);
}

void channel::enter(channel_state next)
{
    running_ = next;
    if (next == channel_state::routing && inbound_ && call_state_ == softswitch::call_state::down)
        set_call_state(softswitch::call_state::ringing);
    emit("CHANNEL_STATE", origins::state, detail::basic);
    notify();
}

void channel::begin()
{
    has_profile_ = true;
    if (!ended()) state_ = channel_state::init;
    enter(channel_state::init);
    if (!ended()) party_->begin();
    if (!ended()) state_ = channel_state::routing;
    emit("CHANNEL_CREATE", origins::create, detail::full);
    if (!inbound_) emit("CHANNEL_ORIGINATE", origins::originate, detail::full);
}

task<> channel::run_states()
{
    begin();
    while (!ended()) {
        enter(state_);
        switch (running_) {
            case channel_state::routing:
                route();
                break;
            case channel_state::execute:
                co_await run_extension();
                break;
            case channel_state::park:
                co_await stay_parked();
                break;
            case channel_state::soft_execute:
                co_await stay_soft();
                break;
            case channel_state::hibernate:
                state_ = channel_state::reset;
                break;
            case channel_state::reset:
                state_ = channel_state::soft_execute;
                break;
            default:
                co_await stay();
                break;
        }
    }
    co_await finish();
}

void channel::route()
{
    if (!inbound_ && !hit_dialplan_ && !answered() && profile_.index == 1) {
        state_ = channel_state::consume_media;  // an outbound leg waits for who called it
        return;
    }
    if (preset_) {
        set_extension(*std::exchange(preset_, std::nullopt));
    } else if (auto found = board_.route(*this)) {
        set_extension({std::move(found->name), profile_.destination_number, std::move(found->steps), 0});
    } else {
        log::info("switch", "no route", {{"leg", uuid_}, {"to", profile_.destination_number}});
        return hang_up(pbx::cause::no_route_destination);
    }
    state_ = channel_state::execute;
    if (!answered()) emit_presence("CS_ROUTING", check_presence);
}

task<> channel::run_extension()
{
    while (ready() && extension_.next < extension_.steps.size()) {
        const auto step = extension_.steps[extension_.next++];
        co_await execute(step.application, step.data);
    }
    if (ready()) hang_up(pbx::cause::normal_clearing);
}

task<> channel::stay()
{
    while (ready()) co_await attend();
}

task<> channel::stay_parked()
{
    emit("CHANNEL_PARK", origins::park, detail::full);
    while (ready()) {
        while (next_digit()) {
        }
        co_await attend();
    }
    emit("CHANNEL_UNPARK", origins::unpark, detail::full);
}

task<> channel::stay_soft()
{
    const auto other = std::exchange(to_bridge_, nullptr);
    if (other && bridge_originator_) {
        co_await bridge_soft(*this, other);
        if (ready()) state_ = channel_state::execute;
    } else {
        co_await stay();
    }
}

task<> channel::attend(signal::deadline until)
{
    if (commands_.empty() || in_command_) co_await changes_.changed(until);
    if (!commands_.empty() && !in_command_) co_await run_commands();
}

task<> channel::run_commands()
{
    in_command_ = true;
    while (!commands_.empty() && ready()) {
        const auto next = commands_.front();
        commands_.pop_front();
        command_broken_ = false;
        variables_.set("total_loops", std::to_string(next.loops));
        for (int i = 1; ready() && (next.loops < 0 || i <= next.loops); ++i) {
            variables_.set("current_loop", std::to_string(i));
            co_await execute(next.application, next.data);
            // What can't be played would be tried again at once, for ever.
            if (const auto said = variables_.get("current_application_response"); !said.empty() && said != played)
                break;
            if (take_break() || command_broken_) break;
        }
        variables_.unset("total_loops");
        variables_.unset("current_loop");
        emit("PRIVATE_COMMAND", origins::private_command, detail::basic,
             {{"call-command", "execute"},
              {"execute-app-name", next.application},
              {"execute-app-arg", next.data},
              {"event-lock", "true"},
              {"lead-frames", "5"}});
    }
    in_command_ = false;
    notify();  // whoever was interrupted looks again
}

task<> channel::execute(std::string application, std::string data)
{
    const auto* what = find_application(application);
    if (!what) {
        log::warn("switch", "no such application", {{"leg", uuid_}, {"application", application}});
        hang_up(pbx::cause::destination_out_of_order);
        co_return;
    }
    if (what->needs_media && !media() && !pre_answer()) co_return;
    const std::string arguments = what->expands ? expand(data) : data;
    const std::string execution = make_uuid();
    current_ = {application, arguments};
    variables_.unset("current_application_response");
    variables_.set("current_application_data", arguments);
    variables_.set("current_application", application);
    emit("CHANNEL_EXECUTE", origins::execute, detail::full, {},
         {{"Application", application}, {"Application-Data", arguments}, {"Application-UUID", execution}});
    co_await what->run(*this, arguments);
    const auto* response = variables_.find("current_application_response");
    emit("CHANNEL_EXECUTE_COMPLETE", origins::execute_complete, detail::full, {},
         {{"Application", application},
          {"Application-Data", arguments},
          {"Application-Response", response ? std::string_view{*response} : "_none_"},
          {"Application-UUID", execution}});
}

task<> channel::wait_for_leg_end()
{
    const auto until = steady_clock::now() + leg_end_wait;
    while (!leg_ended_ && steady_clock::now() < until) co_await changes_.changed(until);
}

task<> channel::finish()
{
    stop_recordings();
    enter(channel_state::hangup);
    times_.hungup = now_us();
    set_call_state(softswitch::call_state::hangup);
    if (party_ && !leg_ended_) party_->hang_up(why_);
    co_await wait_for_leg_end();
    state_ = channel_state::reporting;
    emit_presence("CS_HANGUP", check_presence);
    enter(channel_state::reporting);
    report();
    emit("CHANNEL_HANGUP_COMPLETE", origins::hangup_complete, detail::full, {{"Hangup-Cause", pbx::to_string(why_)}});
    clear_partner();
    state_ = channel_state::destroy;
    emit("CHANNEL_DESTROY", origins::destroy, detail::full);
    enter(channel_state::destroy);
    party_.reset();
}

}  // namespace strowger::softswitch
