// Applications that move a call: answer, bridge, park, transfer, hangup.
#include "base/clock.hpp"
#include "softswitch/application.hpp"
#include "softswitch/bridge.hpp"
#include "softswitch/dialer.hpp"
#include "softswitch/sip/cause_map.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

#include <algorithm>
#include <array>

namespace strowger::softswitch {
namespace {

task<> answer(channel& who, std::string)
{
    who.answer();
    co_return;
}

task<> pre_answer(channel& who, std::string)
{
    who.pre_answer();
    co_return;
}

task<> ring_ready(channel& who, std::string)
{
    who.ring_ready();
    co_return;
}

task<> hang_up(channel& who, std::string cause)
{
    who.hang_up(pbx::parse_cause(text::trim(cause)).value_or(pbx::cause::normal_clearing));
    co_return;
}

/// A SIP code as final answer; other technologies know none, and the call goes on as if nothing were said.
task<> respond(channel& who, std::string code)
{
    const auto status = text::to_number(text::cut(code, ' ').first);
    const bool can = who.party()->source() == "mod_sofia" && !who.answered();
    if (can && status && *status >= 300 && *status < 700) who.hang_up(sip::cause_of(static_cast<int>(*status)));
    co_return;
}

task<> redirect(channel& who, std::string target)
{
    if (who.party()) who.party()->redirect(target);
    co_return;
}

task<> park(channel& who, std::string)
{
    return who.stay_parked();
}

task<> sleep(channel& who, std::string milliseconds)
{
    const auto ms = std::clamp<std::int64_t>(text::to_number(milliseconds).value_or(0), 0, 86400000);
    const auto until = steady_clock::now() + std::chrono::milliseconds{ms};
    who.take_break();
    while (who.ready() && !who.take_break() && steady_clock::now() < until) {
        while (who.next_digit()) {
        }
        co_await who.attend(until);
    }
}

task<> transfer(channel& who, std::string arguments)
{
    auto to = text::words(arguments, 4);
    const bool other_leg = !to.empty() && (to[0] == "-bleg" || to[0] == "-both");
    const bool both = other_leg && to[0] == "-both";
    if (other_leg) to.erase(to.begin());
    if (to.empty()) co_return;
    to.resize(3);
    const auto partner = who.partner();
    if (other_leg && partner) partner->transfer(to[0], to[1], to[2]);
    if (!other_leg || both) who.transfer(to[0], to[1], to[2]);
}

/// Whether a failed bridge leaves the caller in the dialplan: `continue_on_fail` is true or names the cause.
bool goes_on(const channel& who, pbx::cause why)
{
    const auto rule = who.variables().get("continue_on_fail");
    if (rule.empty() || text::is_false(rule)) return false;
    if (text::is_true(rule)) return true;
    const auto causes = text::split(rule, ',', 64);
    return std::ranges::any_of(causes, [&](const auto& each) { return pbx::parse_cause(each) == why; });
}

std::chrono::seconds call_timeout(const channel& who)
{
    const auto seconds = text::to_number(who.variables().get("call_timeout"));
    return std::chrono::seconds{seconds && *seconds > 0 ? std::min<std::int64_t>(*seconds, 86400) : 60};
}

dial_request request_of(channel& who, dial_string whom)
{
    const auto effective = [&](std::string_view name, const std::string& otherwise) {
        const auto found = who.variables().get(name);
        return found.empty() ? otherwise : std::string{found};
    };
    return {std::move(whom), call_timeout(who), effective("effective_caller_id_name", who.profile().caller_id_name),
            effective("effective_caller_id_number", who.profile().caller_id_number), &who};
}

void failed(channel& who, pbx::cause why)
{
    auto& values = who.variables();
    values.set("originate_disposition", pbx::to_string(why));
    values.set("DIALSTATUS", why == pbx::cause::user_busy   ? "BUSY"
                             : why == pbx::cause::no_answer ? "NOANSWER"
                                                            : "CHANUNAVAIL");
    values.set("hangup_cause", pbx::to_string(why));
    if (who.ready() && !goes_on(who, why)) who.hang_up(why);
}

void succeeded(channel& who, const channel& other)
{
    auto& values = who.variables();
    who.profile().callee_id_name = other.profile().callee_id_name;
    who.profile().callee_id_number = other.profile().callee_id_number;
    values.set("originated_legs",
               other.uuid() + ';' + other.profile().callee_id_name + ';' + other.profile().callee_id_number);
    if (other.answered()) {
        who.answer();
    } else {
        who.pre_answer();
    }
    values.set("originate_disposition", "SUCCESS");
    values.set("DIALSTATUS", "SUCCESS");
    values.set("originate_causes", other.uuid() + ";NONE");
}

task<> bridge(channel& who, std::string target)
{
    auto whom = dial_string::parse(target);
    who.variables().set("originate_disposition", "failure");
    who.variables().set("DIALSTATUS", "INVALIDARGS");
    if (!whom) {
        failed(who, pbx::cause::invalid_number_format);
        co_return;
    }
    const auto outcome = co_await dial_parties(who.board(), request_of(who, std::move(*whom)), who.changes());
    if (!outcome.winner) {
        failed(who, outcome.why);
        co_return;
    }
    const auto other = outcome.winner;
    succeeded(who, *other);
    if (!who.ready()) {
        other->hang_up(pbx::cause::originator_cancel);
        co_return;
    }
    co_await bridge_legs(who, other);
    // It gave early media, and then nobody answered: the call failed after all.
    if (!other->answered()) {
        failed(who, other->ended() ? other->why() : pbx::cause::no_answer);
    } else if (who.ready() && who.variables().is_true("hangup_after_bridge")) {
        who.hang_up(pbx::cause::normal_clearing);
    } else if (who.ready() && who.variables().is_true("park_after_bridge")) {
        who.park();
    }
}

task<> sched_hangup(channel& who, std::string arguments)
{
    const auto [when, cause] = text::cut(arguments, ' ');
    const auto seconds = text::to_number(when);
    if (seconds && *seconds >= 0 && *seconds < 31536000)
        who.schedule_hangup(std::chrono::seconds{*seconds},
                            pbx::parse_cause(text::trim(cause)).value_or(pbx::cause::allotted_timeout));
    co_return;
}

constexpr std::array table{
    application{"answer", "", "Answer the call", false, true, answer},
    application{"bridge", "<channel_url>", "Bridge Audio", false, true, bridge},
    application{"hangup", "[<cause>]", "Hangup the call", false, true, hang_up},
    application{"park", "", "Park", false, true, park},
    application{"pre_answer", "", "Pre-Answer the call", false, true, pre_answer},
    application{"redirect", "<redirect_data>", "Send session redirect", false, true, redirect},
    application{"deflect", "<deflect_data>", "Send call deflect", false, true, redirect},
    application{"respond", "<respond_data>", "Send session respond", false, true, respond},
    application{"ring_ready", "", "Indicate Ring_Ready", false, true, ring_ready},
    application{"sched_hangup", "[+]<time> [<cause>]", "Schedule a hangup in the future", false, true, sched_hangup},
    application{"sleep", "<pausemilliseconds>", "Pause a channel", false, true, sleep},
    application{"transfer", "<exten> [<dialplan> <context>]", "Transfer a channel", false, true, transfer},
};

}  // namespace

std::span<const application> call_applications()
{
    return table;
}

}  // namespace strowger::softswitch
