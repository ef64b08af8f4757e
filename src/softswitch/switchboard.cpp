#include "softswitch/switchboard.hpp"

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "softswitch/origins.hpp"
#include "softswitch/product.hpp"
#include "softswitch/text.hpp"

#include <algorithm>

namespace strowger::softswitch {
namespace {

constexpr std::chrono::seconds heartbeat_interval{20};
constexpr std::size_t most_scheduled = 10000;
constexpr std::int64_t us_per_s = 1000000;

/// What follows the last `/`: the number that FreeSWITCH shows as callee.
std::string last_part(const std::string& target)
{
    const auto slash = target.rfind('/');
    return slash == std::string::npos ? target : target.substr(slash + 1);
}

}  // namespace

switchboard::switchboard(control_loop& control, media_engine& media, const settings& configured, event_bus& events)
    : control_{control}, media_{media}, events_{events}, configured_{configured}, plan_{configured.dialplan}
{
    globals_.set("hostname", events.hostname());
    globals_.set("local_ip_v4", events.ipv4());
    globals_.set("switchname", events.hostname());
    globals_.set("core_uuid", events.core_uuid());
    globals_.set("domain", events.ipv4());
    globals_.set("sounds_dir", configured.sounds_folder);
    globals_.set("recordings_dir", configured.recordings_folder);
    globals_.set("hold_music", "local_stream://moh");
    for (const auto& pair : configured.variables) {
        const auto [name, value] = text::cut(pair, '=');
        globals_.set(text::trim(name), value);
    }
    heartbeat();
}

switchboard::~switchboard()
{
    alive_.reset();
    jobs_.clear();
    channels_.clear();
    by_uuid_.clear();
}

std::string switchboard::call_api(std::string_view verb, std::string_view args) const
{
    return api_ ? api_(verb, args) : std::string{};
}

// --- channels

std::shared_ptr<channel> switchboard::find(std::string_view uuid) const
{
    const auto found = by_uuid_.find(std::string{uuid});
    return found == by_uuid_.end() ? nullptr : found->second;
}

/// Counts the session, or refuses it.
bool switchboard::admit()
{
    const std::lock_guard lock{figures_mutex_};
    const auto now = now_us() / us_per_s;
    auto& load = figures_;
    if (std::exchange(second_, now) != now) load.per_second = 0;
    if (now - five_minutes_ >= 300) {
        five_minutes_ = now;
        load.peak_five_minutes = load.per_second_five_minutes = 0;
    }
    if (closed_ || load.sessions >= configured_.max_sessions || load.per_second >= configured_.sessions_per_second) {
        ++load.refused;
        return false;
    }
    ++load.since_startup;
    ++load.per_second;
    ++load.sessions;
    load.peak = std::max(load.peak, load.sessions);
    load.peak_five_minutes = std::max(load.peak_five_minutes, load.sessions);
    load.per_second_peak = std::max(load.per_second_peak, load.per_second);
    load.per_second_five_minutes = std::max(load.per_second_five_minutes, load.per_second);
    return true;
}

std::shared_ptr<channel> switchboard::add(std::string uuid, bool inbound)
{
    if (!admit()) return nullptr;
    const auto id = figures().since_startup;
    auto out = std::make_shared<channel>(*this, std::move(uuid), inbound, id);
    channels_.emplace(id, out);
    by_uuid_.emplace(out->uuid(), out);
    return out;
}

void switchboard::forget(const channel& gone)
{
    {
        const std::lock_guard lock{figures_mutex_};
        --figures_.sessions;
    }
    by_uuid_.erase(gone.uuid());
    // Its script is still on the stack: the object goes in a later turn.
    later([this, id = gone.session_id()] { channels_.erase(id); });
}

void switchboard::hang_up_all(pbx::cause why, const std::function<bool(const channel&)>& which)
{
    // Copied: hanging up one channel may change the table.
    const auto all = channels_;
    for (const auto& [id, each] : all)
        if (!which || which(*each)) each->hang_up(why);
}

std::shared_ptr<channel> switchboard::accept(std::unique_ptr<leg> party, caller_profile profile,
                                             const variables& settings, const std::function<void(channel&)>& prepare)
{
    auto out = add(make_uuid(), true);
    if (!out) return nullptr;
    if (prepare) prepare(*out);
    out->adopt(std::move(party), std::move(profile), {});
    for (const auto& [name, value] : settings) out->variables().set(name, value);
    out->start();
    return out;
}

leg_observer* switchboard::on_incoming(incoming_call call)
{
    caller_profile who;
    who.username = call.username;
    who.dialplan = "XML";
    who.caller_id_name = call.caller_id_name;
    who.caller_id_number = call.caller_id_number;
    who.destination_number = call.destination_number;
    who.context = call.context;
    const auto out = add(make_uuid(), true);
    if (!out) {
        call.party->hang_up(pbx::cause::switch_congestion);
        return nullptr;
    }
    log::info("switch", "call",
              {{"leg", out->uuid()},
               {"from", call.caller_id_number},
               {"to", call.destination_number},
               {"peer", call.party->network_address()}});
    out->announce(call.party->name());
    out->adopt(std::move(call.party), std::move(who), call.presence_id);
    out->start();
    return out.get();
}

void switchboard::on_technology_event(std::string_view subclass, variables headers)
{
    if (!events_.wanted("CUSTOM", subclass)) return;
    auto out = events_.make("CUSTOM", origins::technology, subclass);
    for (const auto& [name, value] : headers) out.add(name, value);
    events_.send(std::move(out));
}

// --- calling

switchboard::path switchboard::path_to(const std::string& target) const
{
    const auto [head, tail] = text::cut(target, '/');
    const auto scheme = text::cut(target, ':').first;
    const bool is_uri = text::same(scheme, "sip") || text::same(scheme, "sips");
    const auto found = endpoints_.find(is_uri ? "sip" : std::string{head});
    if (found == endpoints_.end()) return {};
    // SIP is reached by several names, and is told which.
    const bool whole = found->first == "sip" || found->first == "sofia" || found->first == "user";
    return {found->second, is_uri ? "sofia" : found->first, whole ? target : std::string{tail}};
}

variables switchboard::settings_of(const leg_request& request) const
{
    variables out;
    if (request.originator) {
        const auto& theirs = request.originator->variables();
        for (const auto& name : text::split(theirs.get("export_vars"), ',', 64))
            if (const auto* value = theirs.find(name)) out.emplace_back(name, *value);
    }
    out.insert(out.end(), request.settings.begin(), request.settings.end());
    return out;
}

caller_profile switchboard::profile_of(const leg_request& request, const std::string& rest) const
{
    caller_profile out;
    if (request.originator) out = request.originator->profile();
    const auto chosen = [&](std::string_view name, const std::string& otherwise) {
        const auto found = find_setting(request.settings, name);
        return found.empty() ? otherwise : std::string{found};
    };
    out.caller_id_name = chosen("origination_caller_id_name", request.caller_id_name);
    out.caller_id_number = chosen("origination_caller_id_number", request.caller_id_number);
    out.callee_id_name = chosen("origination_callee_id_name", "Outbound Call");
    out.callee_id_number = chosen("origination_callee_id_number", last_part(rest));
    out.ani = out.caller_id_number;
    out.destination_number = rest;
    out.index = 1;
    out.transfer_source.clear();
    out.rdnis.clear();
    if (!request.originator) out.dialplan = "xml";
    if (out.context.empty()) out.context = "default";
    return out;
}

void switchboard::decorate(channel& leg, const leg_request& request, const std::string& type)
{
    auto& values = leg.variables();
    if (auto* from = request.originator) {
        const auto codec = from->codec();
        const auto hops = text::to_number(from->variables().get("max_forwards")).value_or(70) - 1;
        if (type == "loopback") values.set("loopback_from_uuid", from->uuid());
        values.set("max_forwards", std::to_string(hops));
        values.set("originator_codec", codec.name + '@' + std::to_string(codec.rate_hz) + "h@20i");
        values.set("originator", from->uuid());
        values.set("signal_bond", from->uuid());
        values.set("switch_m_sdp", from->variables().get("switch_r_sdp"));
        values.set("originating_leg_uuid", from->uuid());
        leg.set_call_uuid(from->uuid());
        leg.set_other("originator", *from);
    }
    for (const auto& [name, value] : settings_of(request)) values.set(name, value);
    values.set("originate_early_media", "true");
    values.set("originate_endpoint", type);
}

std::shared_ptr<channel> switchboard::dial(const leg_request& request, pbx::cause& why)
{
    const auto way = path_to(request.target);
    if (!way.through) {
        why = pbx::cause::chan_not_implemented;
        return nullptr;
    }
    if (request.originator && way.through->wants_originator_media()) request.originator->pre_answer();
    std::string uuid{find_setting(request.settings, "origination_uuid")};
    if (uuid.empty()) uuid = make_uuid();
    auto out = uuid.size() > 256 || find(uuid) ? nullptr : add(std::move(uuid), false);
    if (!out) {
        why = pbx::cause::switch_congestion;
        return nullptr;
    }
    auto profile = profile_of(request, way.rest);
    outgoing_call call{way.rest, profile.caller_id_name, profile.caller_id_number, settings_of(request), {}, {}};
    if (request.originator) {
        call.originator_uuid = request.originator->uuid();
        call.originator_codec = request.originator->codec();
    }
    auto party = way.through->dial(call, *out, why);
    if (!party) {
        forget(*out);
        return nullptr;
    }
    if (const auto asked = party->dialled(); !asked.number.empty()) {
        profile.destination_number = asked.number;
        if (!asked.context.empty()) profile.context = asked.context;
        if (!asked.dialplan.empty()) profile.dialplan = asked.dialplan;
    }
    out->adopt(std::move(party), std::move(profile), {});
    decorate(*out, request, way.name);
    out->announce_outgoing();
    out->start();
    return out;
}

// --- routing

struct switchboard::hook_entry {
    pbx::dialplan_hook ask;
    std::mutex running;
    std::atomic<bool> active{true};
};

class switchboard::hook_registration final : public pbx::registration {
public:
    explicit hook_registration(std::shared_ptr<hook_entry> of) : of_{std::move(of)} {}
    ~hook_registration() override
    {
        const std::lock_guard wait_for_hook{of_->running};
        of_->active = false;
    }
    hook_registration(const hook_registration&) = delete;
    hook_registration& operator=(const hook_registration&) = delete;

private:
    std::shared_ptr<hook_entry> of_;
};

pbx::registration_ptr switchboard::hook_dialplan(pbx::dialplan_hook hook)
{
    auto fresh = std::make_shared<hook_entry>();
    fresh->ask = std::move(hook);
    const std::lock_guard lock{hooks_mutex_};
    std::erase_if(hooks_, [](const auto& each) { return !each->active; });
    hooks_.push_back(fresh);
    return std::make_unique<hook_registration>(std::move(fresh));
}

std::optional<dialplan::match> switchboard::ask_hooks(const channel& who) const
{
    std::vector<std::shared_ptr<hook_entry>> hooks;
    {
        const std::lock_guard lock{hooks_mutex_};
        hooks = hooks_;
    }
    const auto& profile = who.profile();
    const pbx::dialplan_query query{who.uuid(),
                                    profile.context,
                                    profile.destination_number,
                                    profile.caller_id_number,
                                    who.inbound(),
                                    [&](std::string_view name) { return std::string{who.variables().get(name)}; }};
    for (const auto& each : hooks) {
        const std::lock_guard lock{each->running};
        if (!each->active) continue;
        if (auto steps = each->ask(query)) return dialplan::match{"hook", std::move(*steps)};
    }
    return std::nullopt;
}

std::optional<dialplan::match> switchboard::route(const channel& who) const
{
    const auto& profile = who.profile();
    if (text::same(profile.dialplan, "inline"))
        return dialplan::match{"inline", parse_inline(profile.destination_number)};
    if (who.inbound())
        if (auto answered = ask_hooks(who)) return answered;
    return plan_.find(profile.context, profile.destination_number);
}

// --- work

task<> switchboard::supervise(std::uint64_t id, task<> work)
{
    try {
        co_await work;
    } catch (const std::exception& problem) {
        log::error("switch", "script failed", {{"what", problem.what()}});
    }
    later([this, id] { jobs_.erase(id); });
}

void switchboard::spawn(task<> work)
{
    const auto id = ++last_job_;
    auto& job = jobs_[id] = supervise(id, std::move(work));
    job.start();
}

void switchboard::later(std::function<void()> work)
{
    control_.post([alive = std::weak_ptr{alive_}, work = std::move(work)] {
        if (!alive.expired()) work();
    });
}

std::uint32_t switchboard::schedule(std::chrono::milliseconds delay, std::string group, std::function<void()> work)
{
    if (scheduled_.size() >= most_scheduled) return 0;
    const auto id = ++last_task_;
    auto timer = control_.after(delay, [this, id, work = std::move(work)] {
        const auto owner = scheduled_.extract(id);
        work();
    });
    scheduled_.emplace(id, scheduled{std::move(group), std::move(timer)});
    return id;
}

std::uint32_t switchboard::unschedule(std::string_view number_or_group)
{
    if (const auto id = text::to_number(number_or_group))
        return static_cast<std::uint32_t>(scheduled_.erase(static_cast<std::uint32_t>(*id)));
    return static_cast<std::uint32_t>(
        std::erase_if(scheduled_, [&](const auto& each) { return each.second.group == number_or_group; }));
}

load_figures switchboard::figures() const
{
    const std::lock_guard lock{figures_mutex_};
    auto out = figures_;
    if (second_ != now_us() / us_per_s) out.per_second = 0;
    return out;
}

std::chrono::microseconds switchboard::up() const
{
    return std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - started_);
}

void switchboard::heartbeat()
{
    heartbeat_ = control_.after(heartbeat_interval, [this] {
        emit_heartbeat();
        heartbeat();
    });
}

void switchboard::emit_heartbeat()
{
    const auto load = figures();
    const auto running = up();
    if (events_.wanted("HEARTBEAT")) {
        auto out = events_.make("HEARTBEAT", origins::heartbeat);
        const auto number = [&](std::string_view name, auto value) {
            out.add(name, text::digits{static_cast<std::int64_t>(value)});
        };
        out.add("Event-Info", "System Ready");
        out.add("Up-Time", spell_uptime(running));
        out.add("FreeSWITCH-Version", version_text());
        number("Uptime-msec", running.count() / 1000);
        number("Session-Count", load.sessions);
        number("Max-Sessions", configured_.max_sessions);
        number("Session-Per-Sec", configured_.sessions_per_second);
        number("Session-Per-Sec-Last", load.per_second);
        number("Session-Per-Sec-Max", load.per_second_peak);
        number("Session-Per-Sec-FiveMin", load.per_second_five_minutes);
        number("Session-Since-Startup", load.since_startup);
        number("Session-Peak-Max", load.peak);
        number("Session-Peak-FiveMin", load.peak_five_minutes);
        out.add("Idle-CPU", idle_cpu());
        events_.send(std::move(out));
    }
    if (events_.wanted("RE_SCHEDULE")) {
        auto out = events_.make("RE_SCHEDULE", origins::schedule);
        out.add("Task-ID", "1");
        out.add("Task-Desc", "heartbeat");
        out.add("Task-Group", "core");
        out.add("Task-Runtime", text::digits{now_us() / us_per_s + heartbeat_interval.count()});
        events_.send(std::move(out));
    }
}

}  // namespace strowger::softswitch
