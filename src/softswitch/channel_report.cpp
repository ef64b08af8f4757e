// The variables that FreeSWITCH sets for call records when a channel has ended.
#include "softswitch/channel.hpp"
#include "softswitch/text.hpp"

namespace strowger::softswitch {
namespace {

constexpr std::int64_t us_per_s = 1000000;

void set_number(variable_store& to, std::string_view name, std::int64_t value)
{
    to.set(name, text::digits{value});
}

/// `answer_stamp`, when it happened at all.
void set_stamp(variable_store& to, std::string_view name, std::int64_t when_us)
{
    if (when_us != 0) to.set(std::string{name} + "_stamp", format_local(when_us / us_per_s));
}

void set_epoch(variable_store& to, const std::string& name, std::int64_t when_us)
{
    set_number(to, name + "_epoch", when_us / us_per_s);
    set_number(to, name + "_uepoch", when_us);
}

/// The same span in three units: `billsec`, `billmsec`, `billusec`. Seconds count the clock's whole seconds
/// that passed, as FreeSWITCH does.
struct span {
    std::string_view name;
    std::int64_t from_us, to_us;
    std::int64_t us() const noexcept { return from_us == 0 || to_us == 0 ? 0 : to_us - from_us; }
    std::int64_t seconds() const noexcept
    {
        return from_us == 0 || to_us == 0 ? 0 : to_us / us_per_s - from_us / us_per_s;
    }
};

void set_spans(variable_store& to, std::initializer_list<span> spans)
{
    to.set("duration", text::digits{spans.begin()->seconds()});
    for (const auto& each : spans)
        if (!each.name.empty()) set_number(to, std::string{each.name} + "sec", each.seconds());
    set_number(to, "mduration", spans.begin()->us() / 1000);
    for (const auto& each : spans)
        if (!each.name.empty()) set_number(to, std::string{each.name} + "msec", each.us() / 1000);
    set_number(to, "uduration", spans.begin()->us());
    for (const auto& each : spans)
        if (!each.name.empty()) set_number(to, std::string{each.name} + "usec", each.us());
}

void set_all_epochs(variable_store& to, const call_times& when)
{
    set_epoch(to, "start", when.created);
    set_epoch(to, "profile_start", when.profile_created);
    set_epoch(to, "answer", when.answered);
    set_epoch(to, "bridge", when.bridged);
    set_epoch(to, "last_hold", when.last_hold);
    set_number(to, "hold_accum_seconds", when.hold_total / us_per_s);
    set_number(to, "hold_accum_usec", when.hold_total);
    set_number(to, "hold_accum_ms", when.hold_total / 1000);
    set_epoch(to, "resurrect", when.resurrected);
    set_epoch(to, "progress", when.progress);
    set_epoch(to, "progress_media", when.progress_media);
    set_epoch(to, "end", when.hungup);
}

}  // namespace

void channel::report()
{
    const auto& when = times_;
    variables_.set("hangup_cause", pbx::to_string(why_));
    set_number(variables_, "hangup_cause_q850", static_cast<int>(why_) < 128 ? static_cast<int>(why_) : 16);
    variables_.set("digits_dialed", digits_dialed_.empty() ? "none" : digits_dialed_);
    set_stamp(variables_, "start", when.created);
    set_stamp(variables_, "profile_start", when.profile_created);
    set_stamp(variables_, "answer", when.answered);
    set_stamp(variables_, "bridge", when.bridged);
    set_stamp(variables_, "progress", when.progress);
    set_stamp(variables_, "progress_media", when.progress_media);
    set_stamp(variables_, "end", when.hungup);
    set_all_epochs(variables_, when);
    variables_.set("last_app", current_.application);
    variables_.set("last_arg", current_.data);
    const auto quoted = '"' + profile_.caller_id_name + "\" <" + profile_.caller_id_number + '>';
    variables_.set("caller_id", profile_.caller_id_name.empty() ? profile_.caller_id_number : quoted);
    set_spans(variables_, {{{}, when.created, when.hungup},
                           {"bill", when.answered, when.hungup},
                           {"progress", when.created, when.progress},
                           {"answer", when.created, when.answered},
                           {"wait", when.created, when.bridged},
                           {"progress_media", when.created, when.progress_media},
                           {"flow_bill", when.answered, when.hungup}});
    if (profile_.source == "mod_loopback") variables_.set("is_loopback", "1");
}

}  // namespace strowger::softswitch
