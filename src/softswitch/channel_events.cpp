// The headers of a channel's events, in FreeSWITCH's order.
#include "softswitch/channel.hpp"
#include "softswitch/origins.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

namespace strowger::softswitch {
namespace {

using text::digits;

/// Adds headers whose names share a prefix, without building a string for each.
class prefixed {
public:
    prefixed(pbx::event& to, std::string_view prefix) : to_{to}, name_{prefix}, prefix_size_{prefix.size()} {}
    void add(std::string_view name, std::string_view value)
    {
        name_.resize(prefix_size_);
        to_.add(name_.append(name), value);
    }
    void add(std::string_view name, std::int64_t value) { add(name, std::string_view{digits{value}}); }

private:
    pbx::event& to_;
    std::string name_;
    std::size_t prefix_size_;
};

/// What is the same in Caller-* and Other-Leg-*.
void add_profile(prefixed& out, const caller_profile& who)
{
    out.add("Direction", who.direction);
    out.add("Logical-Direction", who.logical_direction);
    out.add("Username", who.username);
    out.add("Dialplan", who.dialplan);
    out.add("Caller-ID-Name", who.caller_id_name);
    out.add("Caller-ID-Number", who.caller_id_number);
    out.add("Orig-Caller-ID-Name", who.original_caller_id_name);
    out.add("Orig-Caller-ID-Number", who.original_caller_id_number);
    out.add("Callee-ID-Name", who.callee_id_name);
    out.add("Callee-ID-Number", who.callee_id_number);
    out.add("Network-Addr", who.network_address);
    out.add("ANI", who.ani);
    out.add("Destination-Number", who.destination_number);
    out.add("Unique-ID", who.unique_id);
    out.add("Source", who.source);
    out.add("Transfer-Source", who.transfer_source);
    out.add("Context", who.context);
    out.add("RDNIS", who.rdnis);
    out.add("Channel-Name", who.channel_name);
}

void add_times(prefixed& out, const call_times& when)
{
    out.add("Profile-Created-Time", when.profile_created);
    out.add("Channel-Created-Time", when.created);
    out.add("Channel-Answered-Time", when.answered);
    out.add("Channel-Progress-Time", when.progress);
    out.add("Channel-Progress-Media-Time", when.progress_media);
    out.add("Channel-Hangup-Time", when.hungup);
    out.add("Channel-Transfer-Time", when.transferred);
    out.add("Channel-Resurrect-Time", when.resurrected);
    out.add("Channel-Bridged-Time", when.bridged);
    out.add("Channel-Last-Hold", when.last_hold);
    out.add("Channel-Hold-Accum", when.hold_total);
    out.add("Screen-Bit", "true");
    out.add("Privacy-Hide-Name", "false");
    out.add("Privacy-Hide-Number", "false");
}

std::string_view answer_state(const channel& of) noexcept
{
    if (of.ended()) return "hangup";
    if (of.answered()) return "answered";
    return of.early() ? "early" : "ringing";
}

}  // namespace

void channel::describe_codec(pbx::event& to) const
{
    const digits rate{codec_.rate_hz}, bits{codec_.bit_rate};
    to.add("Channel-Read-Codec-Name", codec_.name);
    to.add("Channel-Read-Codec-Rate", rate);
    to.add("Channel-Read-Codec-Bit-Rate", bits);
    if (!write_codec_known_) return;
    to.add("Channel-Write-Codec-Name", codec_.name);
    to.add("Channel-Write-Codec-Rate", rate);
    to.add("Channel-Write-Codec-Bit-Rate", bits);
}

void channel::describe(pbx::event& to, detail how, bool with_cause) const
{
    const std::string_view way = inbound_ ? "inbound" : "outbound";
    to.add("Channel-State", to_string(running_));
    to.add("Channel-Call-State", to_string(call_state_));
    to.add("Channel-State-Number", digits{static_cast<int>(state_)});
    to.add("Channel-Name", name_);
    to.add("Unique-ID", uuid_);
    to.add("Call-Direction", way);
    to.add("Presence-Call-Direction", way);
    to.add("Channel-HIT-Dialplan", hit_dialplan_ ? "true" : "false");
    if (has_profile_) to.add("Channel-Presence-ID", presence_id_);
    to.add("Channel-Call-UUID", call_uuid_);
    to.add("Answer-State", answer_state(*this));
    if (with_cause && ended()) to.add("Hangup-Cause", pbx::to_string(why_));
    if (codec_known_) describe_codec(to);
    if (has_profile_) {
        prefixed caller{to, "Caller-"};
        add_profile(caller, profile_);
        caller.add("Profile-Index", profile_.index);
        add_times(caller, times_);
    }
    if (other_) {
        to.add("Other-Type", other_->type);
        prefixed leg{to, "Other-Leg-"};
        add_profile(leg, other_->profile);
        add_times(leg, other_->times);
    }
    if (how == detail::basic) return;
    prefixed variable{to, "variable_"};
    for (const auto& [name, value] : variables_) variable.add(name, value);
}

void channel::emit(std::string_view name, const origin& from, detail how, extra_headers front, extra_headers back)
{
    auto& events = board_.events();
    if (!events.wanted(name)) return;
    auto out = events.make(name, from);
    bool has_cause = false;
    for (const auto& [key, value] : front) {
        out.add(key, value);
        has_cause |= key == "Hangup-Cause";
    }
    describe(out, how, !has_cause);
    for (const auto& [key, value] : back) out.add(key, value);
    events.send(std::move(out));
}

void channel::emit_presence(std::string_view status, const origin& caller)
{
    if (presence_id_.empty()) return;
    const std::string_view call_info = ended() ? "idle" : answered() ? "active" : "alerting";
    const digits count{presence_count_++};
    const std::string file = "src/" + std::string{caller.file};
    emit("PRESENCE_IN", origins::presence, detail::basic, {},
         {{"proto", "any"},
          {"login", "src/switch_channel.c"},
          {"from", presence_id_},
          {"rpid", "unknown"},
          {"status", status},
          {"event_type", "presence"},
          {"alt_event_type", "dialog"},
          {"presence-call-info-state", call_info},
          {"presence-call-direction", inbound_ ? "inbound" : "outbound"},
          {"event_count", count},
          {"Presence-Calling-File", file},
          {"Presence-Calling-Function", caller.function},
          {"Presence-Calling-Line", caller.line}});
}

void channel::publish_codec()
{
    if (!party_ || codec_known_) return;
    codec_ = party_->codec();
    codec_known_ = true;
    // Legs that have a codec from the start get one direction after the other.
    write_codec_known_ = has_profile_;
    const std::string rate = std::to_string(codec_.rate_hz), bits = std::to_string(codec_.bit_rate);
    variables_.set("read_codec", codec_.name);
    variables_.set("read_rate", rate);
    variables_.set("write_codec", codec_.name);
    variables_.set("write_rate", rate);
    emit("CODEC", has_profile_ ? origins::real_read_codec : origins::read_codec, detail::basic, {},
         {{"channel-read-codec-name", codec_.name},
          {"channel-read-codec-rate", rate},
          {"channel-read-codec-bit-rate", bits}});
    write_codec_known_ = true;
    emit("CODEC", origins::write_codec, detail::basic, {}, {{"Channel-Write-codec-bit-rate", bits}});
}

}  // namespace strowger::softswitch
