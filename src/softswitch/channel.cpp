#include "softswitch/channel.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"
#include "softswitch/origins.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

#include <algorithm>

namespace strowger::softswitch {
namespace {

constexpr std::size_t most_commands = 64;
constexpr std::size_t most_digits = 128;
constexpr std::uint32_t digit_ms = 250;

}  // namespace

channel::channel(switchboard& board, std::string uuid, bool inbound, std::uint64_t session_id)
    : board_{board},
      uuid_{std::move(uuid)},
      call_uuid_{uuid_},
      inbound_{inbound},
      session_id_{session_id},
      hit_dialplan_{inbound},
      changes_{board.control()}
{
    times_.created = times_.profile_created = now_us();
    variables_.set("direction", inbound ? "inbound" : "outbound");
    if (!inbound) variables_.set("is_outbound", "true");
    variables_.set("uuid", uuid_);
    variables_.set("call_uuid", uuid_);
    variables_.set("session_id", std::to_string(session_id));
}

channel::~channel()
{
    script_ = {};  // its locals may watch others and use our members
}

void channel::notify()
{
    changes_.raise();
    for (auto* each : watchers_) each->raise();
}

channel::watch::watch(std::shared_ptr<channel> of, signal& listener) : of_{std::move(of)}, listener_{listener}
{
    of_->watchers_.push_back(&listener_);
}

channel::watch::~watch()
{
    auto& all = of_->watchers_;
    if (const auto found = std::ranges::find(all, &listener_); found != all.end()) all.erase(found);
}

void channel::set_call_uuid(std::string uuid)
{
    call_uuid_ = std::move(uuid);
    variables_.set("call_uuid", call_uuid_);
}

void channel::set_other(std::string type, const channel& other)
{
    other_ = other_leg{std::move(type), other.profile_, other.times_};
    other_->profile.transfer_source.clear();
}

void channel::clear_partner()
{
    partner_.reset();
    if (call_uuid_ != uuid_) set_call_uuid(uuid_);
}

void channel::adopt(std::unique_ptr<leg> party, caller_profile profile, std::string presence_id)
{
    party_ = std::move(party);
    name_ = party_->name();
    variables_.set("channel_name", name_);
    if (party_->media()) publish_codec();
    profile_ = std::move(profile);
    profile_.direction = profile_.logical_direction = inbound_ ? "inbound" : "outbound";
    profile_.unique_id = uuid_;
    profile_.channel_name = name_;
    profile_.source = party_->source();
    if (profile_.network_address.empty()) profile_.network_address = party_->network_address();
    profile_.original_caller_id_name = profile_.caller_id_name;
    profile_.original_caller_id_number = profile_.caller_id_number;
    if (profile_.ani.empty()) profile_.ani = profile_.caller_id_number;
    presence_id_ = std::move(presence_id);
    if (!presence_id_.empty()) variables_.set("presence_id", presence_id_);
    for (const auto& [name, value] : party_->initial_variables()) variables_.set(name, value);
    first_profile_ = profile_;
}

void channel::announce(std::string name)
{
    name_ = std::move(name);
    enter(channel_state::fresh);
}

void channel::announce_outgoing()
{
    has_profile_ = true;
    if (!ended()) state_ = channel_state::init;
    emit("CHANNEL_OUTGOING", origins::outgoing, detail::basic);
}

// --- progress

void channel::set_call_state(softswitch::call_state next)
{
    if (call_state_ == next || (ended() && next != softswitch::call_state::hangup)) return;
    const auto before = to_string(std::exchange(call_state_, next));
    emit("CHANNEL_CALLSTATE", origins::call_state, detail::basic,
         {{"Original-Channel-Call-State", before},
          {"Channel-Call-State-Number", text::digits{static_cast<int>(next)}}});
}

void channel::mark_ringing()
{
    if (ended() || ringing() || early() || answered()) return;
    times_.progress = now_us();
    emit("CHANNEL_PROGRESS", origins::progress, detail::full);
    set_call_state(softswitch::call_state::ringing);
    notify();
}

void channel::mark_early()
{
    if (ended() || early() || answered()) return;
    publish_codec();
    times_.progress_media = now_us();
    variables_.set("endpoint_disposition", "EARLY MEDIA");
    emit("CHANNEL_PROGRESS_MEDIA", origins::progress_media, detail::full);
    set_call_state(softswitch::call_state::early);
    notify();
}

void channel::mark_answered()
{
    if (ended() || answered()) return;
    publish_codec();
    times_.answered = now_us();
    emit("CHANNEL_ANSWER", origins::answer, detail::full);
    emit_presence("answered", {"switch_channel.c", "switch_channel_perform_mark_answered", "3904"});
    set_call_state(softswitch::call_state::active);
    variables_.set("endpoint_disposition", "ANSWER");
    notify();
}

bool channel::ring_ready()
{
    if (ended()) return false;
    if (!inbound_ || ringing() || early() || answered()) return true;
    party_->ring();
    mark_ringing();
    return true;
}

bool channel::pre_answer()
{
    if (ended()) return false;
    if (early() || answered()) return true;
    if (inbound_) {
        party_->early_media();
    } else if (!media()) {
        return true;
    }
    if (!ended()) mark_early();
    return !ended();
}

bool channel::answer()
{
    if (ended()) return false;
    if (!inbound_ || answered()) return true;
    const bool had_media = media() != nullptr;
    party_->answer();
    // Media that appears with the answer passes through early media, as FreeSWITCH tells it.
    if (!had_media && !ended()) mark_early();
    mark_answered();
    return !ended();
}

// --- its end

void channel::hang_up(pbx::cause why)
{
    if (ended()) return;
    why_ = why == pbx::cause::none ? pbx::cause::normal_clearing : why;
    state_ = channel_state::hangup;
    hangup_timer_.cancel();
    log::info("switch", "hangup", {{"leg", uuid_}, {"cause", pbx::to_string(why_)}});
    emit("CHANNEL_HANGUP", origins::hangup, detail::full);
    notify();
}

void channel::schedule_hangup(std::chrono::seconds after, pbx::cause why)
{
    hangup_timer_ = board_.control().after(after, [this, why] { hang_up(why); });
}

// --- moving about

void channel::move_to(channel_state next)
{
    if (ended()) return;
    state_ = next;
    notify();
}

void channel::new_profile(std::string transfer_source)
{
    profile_.transfer_source = std::move(transfer_source);
    ++profile_.index;
    times_.profile_created = now_us();
    times_.bridged = 0;
    const auto* history = variables_.find("transfer_history");
    // Several values in one variable, in FreeSWITCH's own notation.
    const auto grown = !history                          ? profile_.transfer_source
                       : history->starts_with("ARRAY::") ? *history + "|:" + profile_.transfer_source
                                                         : "ARRAY::" + *history + "|:" + profile_.transfer_source;
    variables_.set("transfer_history", grown);
    variables_.set("transfer_source", profile_.transfer_source);
}

void channel::transfer(std::string_view number, std::string_view dialplan, std::string_view context)
{
    if (ended()) return;
    const auto hops = text::to_number(variables_.get("max_forwards")).value_or(71) - 1;
    if (hops <= 0) return hang_up(pbx::cause::exchange_routing_error);
    variables_.set("max_forwards", std::to_string(hops));
    profile_.rdnis = profile_.destination_number;
    profile_.destination_number = number;
    if (!context.empty()) profile_.context = context;
    if (!dialplan.empty()) {
        profile_.dialplan = dialplan;
    } else if (text::same(profile_.dialplan, "inline")) {
        profile_.dialplan = "XML";
    }
    variables_.unset("signal_bond");
    other_.reset();
    new_profile(std::to_string(now_us() / 1000000) + ':' + uuid_ + ":bl_xfer:" + profile_.destination_number + '/' +
                profile_.context + '/' + profile_.dialplan);
    log::info("switch", "transfer", {{"leg", uuid_}, {"to", profile_.destination_number}});
    move_to(channel_state::routing);
}

void channel::park()
{
    move_to(channel_state::park);
}

void channel::run(extension what)
{
    if (ended()) return;
    set_extension(std::move(what));
    move_to(channel_state::execute);
}

void channel::set_extension(extension what)
{
    extension_ = std::move(what);
    if (inbound_ || hit_dialplan_) return;
    hit_dialplan_ = true;
    flip_caller_id();
}

void channel::flip_caller_id()
{
    variables_.set("pre_transfer_caller_id_name", profile_.caller_id_name);
    variables_.set("pre_transfer_caller_id_number", profile_.caller_id_number);
    std::swap(profile_.caller_id_name, profile_.callee_id_name);
    std::swap(profile_.caller_id_number, profile_.callee_id_number);
    variables_.set("channel_cid_flipped", "yes");
    callee_direction_ = "RECV";
    emit("CALL_UPDATE", origins::flip_caller_id, detail::full, {{"Direction", "RECV"}});
}

void channel::enter_bridge(bool originator, const std::shared_ptr<channel>& other)
{
    if (ended()) return;
    bridge_originator_ = originator;
    to_bridge_ = other;
    hit_dialplan_ = inbound_;
    if (originator) variables_.set("uuid_bridge", other->uuid());
    variables_.set("bridge_channel", other->name());
    variables_.set("bridge_uuid", other->uuid());
    variables_.set("signal_bond", other->uuid());
    variables_.set("original_destination_number", profile_.destination_number);
    variables_.set("original_caller_id_name", profile_.caller_id_name);
    variables_.set("original_caller_id_number", profile_.caller_id_number);
    profile_.logical_direction = "inbound";
    new_profile(std::to_string(now_us() / 1000000) + ':' + uuid_ + ":uuid_br:" + other->uuid());
    move_to(channel_state::hibernate);
}

// --- what is done to it while it runs

bool channel::queue(std::string application, std::string data, int loops)
{
    if (ended() || commands_.size() >= most_commands) return false;
    commands_.push_back({std::move(application), std::move(data), loops});
    notify();
    return true;
}

void channel::request_break(bool all)
{
    if (all) commands_.clear();
    break_ = true;
    command_broken_ = in_command_;
    notify();
}

void channel::stop_broadcast()
{
    commands_.clear();
    if (in_command_) request_break(false);
}

bool channel::hold(bool on)
{
    if (ended() || !party_) return false;
    const bool held = call_state_ == softswitch::call_state::held;
    if (on == held) return false;
    // Only a technology that can tell its party makes the call a held one.
    const bool tells = party_->source() == "mod_sofia";
    if (!on && !tells) return false;
    party_->hold(on);
    mark_held(on, tells);
    return true;
}

void channel::mark_held(bool on, bool shows)
{
    if (on) {
        times_.last_hold = now_us();
        if (shows) set_call_state(softswitch::call_state::held);
        emit("CHANNEL_HOLD", origins::hold, detail::full);
    } else {
        if (times_.last_hold) times_.hold_total += now_us() - times_.last_hold;
        set_call_state(softswitch::call_state::unheld);
        set_call_state(softswitch::call_state::active);
        emit("CHANNEL_UNHOLD", origins::unhold, detail::full);
    }
    const auto other = partner();
    if (other && on) other->queue("playback", "local_stream://moh", -1);
    if (other && !on) other->stop_broadcast();
}

bool channel::send_dtmf(std::string_view digits)
{
    if (ended() || !party_) return false;
    const auto [bare, length_text] = text::cut(digits, '@');
    const auto length = std::clamp<std::int64_t>(text::to_number(length_text).value_or(digit_ms), 50, 24000);
    variables_.set("last_dtmf_duration", text::digits{length * 8});
    party_->send_dtmf(bare.substr(0, most_digits), static_cast<std::uint32_t>(length));
    return true;
}

void channel::receive_dtmf(std::string_view digits, std::uint32_t duration_ms)
{
    if (ended()) return;
    for (const char digit : digits) {
        if (digits_dialed_.size() < most_digits) digits_dialed_ += digit;
        if (digits_.size() < most_digits) digits_.push_back({digit, duration_ms});
    }
    notify();
}

std::optional<dtmf_digit> channel::next_digit()
{
    if (digits_.empty()) return std::nullopt;
    const auto out = digits_.front();
    digits_.pop_front();
    emit("DTMF", origins::dtmf, detail::full, {},
         {{"DTMF-Digit", {&out.digit, 1}},
          {"DTMF-Duration", text::digits{std::int64_t{out.duration_ms} * 8}},
          {"DTMF-Source", "ENDPOINT"}});
    return out;
}

void channel::add_recording(std::shared_ptr<recorder> sink)
{
    recordings_.push_back(std::move(sink));
}

bool channel::stop_recording(std::string_view path)
{
    std::vector<std::shared_ptr<recorder>> stopped;
    std::erase_if(recordings_, [&](const auto& each) {
        const bool meant = path == "all" || each->path() == path;
        if (meant) stopped.push_back(each);
        return meant;
    });
    for (const auto& each : stopped) {
        if (auto* port = media()) port->remove_sink(each);
        each->close();
        emit("RECORD_STOP", origins::record_stop, detail::full, {}, {{"Record-File-Path", each->path()}});
    }
    return !stopped.empty();
}

bool channel::mask_recording(std::string_view path, bool on)
{
    bool found = false;
    for (const auto& each : recordings_) {
        if (path != "all" && each->path() != path) continue;
        each->mask(on);
        found = true;
    }
    return found;
}

void channel::stop_recordings()
{
    stop_recording("all");
}

std::string channel::expand(std::string_view text) const
{
    const auto variable = [this](std::string_view name) {
        if (const auto* found = variables_.find(name)) return *found;
        if (name == "caller_id_name") return profile_.caller_id_name;
        if (name == "caller_id_number") return profile_.caller_id_number;
        if (name == "destination_number") return profile_.destination_number;
        if (name == "context") return profile_.context;
        if (name == "network_addr") return profile_.network_address;
        return std::string{board_.globals().get(name)};
    };
    const auto global = [this](std::string_view name) { return std::string{board_.globals().get(name)}; };
    const auto function = [this](std::string_view verb, std::string_view args) {
        return board_.call_api(verb, args);
    };
    return softswitch::expand(text, variable, global, function);
}

}  // namespace strowger::softswitch
