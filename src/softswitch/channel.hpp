#pragma once
#include "pbx/host.hpp"
#include "softswitch/caller_profile.hpp"
#include "softswitch/channel_state.hpp"
#include "softswitch/event_bus.hpp"
#include "softswitch/leg.hpp"
#include "softswitch/recorder.hpp"
#include "softswitch/signal.hpp"
#include "softswitch/task.hpp"
#include "softswitch/variable_store.hpp"

#include <chrono>
#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strowger::softswitch {

class switchboard;
struct playhead;

/// The applications that a channel has to run, and how far it is.
struct extension {
    std::string name;
    std::string number;
    std::vector<pbx::dialplan_step> steps;
    std::size_t next = 0;
};

struct dtmf_digit {
    char digit = 0;
    std::uint32_t duration_ms = 0;
};

/// One leg as call control sees it: FreeSWITCH's state machine, variables and events around a technology's leg.
///
/// What it does is written as scripts (coroutines) that run one after the other: its state machine, the
/// applications of its extension, what `uuid_broadcast` queues. A script never blocks: it attend()s, which
/// returns when anything about the channel changed, and looks at what it cares for (ready(), a digit, …).
///
/// Threads:  control thread.
/// Lifetime: the switchboard owns it until its last event; others hold a shared_ptr and look at ended().
class channel final : public leg_observer, public std::enable_shared_from_this<channel> {
public:
    using extra_headers = std::initializer_list<std::pair<std::string_view, std::string_view>>;
    /// What an event carries besides its own headers: the channel's headers, or its variables as well.
    enum class detail : std::uint8_t { basic, full };

    channel(switchboard& board, std::string uuid, bool inbound, std::uint64_t session_id);
    ~channel() override;

    // --- what it is
    const std::string& uuid() const noexcept { return uuid_; }
    const std::string& name() const noexcept { return name_; }
    bool inbound() const noexcept { return inbound_; }
    std::uint64_t session_id() const noexcept { return session_id_; }
    channel_state state() const noexcept { return state_; }
    channel_state running_state() const noexcept { return running_; }
    softswitch::call_state call_state() const noexcept { return call_state_; }
    bool ended() const noexcept { return state_ >= channel_state::hangup && state_ != channel_state::none; }
    /// Not ended, and nobody wants it to leave the state whose script is running.
    bool ready() const noexcept { return !ended() && state_ == running_; }
    bool ringing() const noexcept { return times_.progress != 0; }
    bool early() const noexcept { return times_.progress_media != 0; }
    bool answered() const noexcept { return times_.answered != 0; }
    pbx::cause why() const noexcept { return why_; }
    caller_profile& profile() noexcept { return profile_; }
    const caller_profile& profile() const noexcept { return profile_; }
    call_times& times() noexcept { return times_; }
    const call_times& times() const noexcept { return times_; }
    variable_store& variables() noexcept { return variables_; }
    const variable_store& variables() const noexcept { return variables_; }
    const std::string& call_uuid() const noexcept { return call_uuid_; }
    void set_call_uuid(std::string uuid);
    /// For show: the application that runs and its arguments.
    const pbx::dialplan_step& current() const noexcept { return current_; }
    /// Null while there is no media.
    media_port* media() const { return party_ ? party_->media() : nullptr; }
    leg* party() const noexcept { return party_.get(); }
    codec_facts codec() const { return codec_; }
    switchboard& board() const noexcept { return board_; }
    std::shared_ptr<channel> partner() const { return partner_.lock(); }
    /// The other end's profile for the Other-Leg-* headers. `type`: "originator", "originatee".
    void set_other(std::string type, const channel& other);
    void set_partner(const std::shared_ptr<channel>& other) { partner_ = other; }
    void clear_partner();
    const std::string& presence_id() const noexcept { return presence_id_; }
    /// As it was before any transfer or flip.
    const caller_profile& first_profile() const noexcept { return first_profile_; }
    /// Whose news the callee's name was: "SEND", "RECV", or nothing.
    std::string_view callee_direction() const noexcept { return callee_direction_; }
    void set_callee_direction(std::string_view which) noexcept { callee_direction_ = which; }
    /// Whether it is the one of two bridged legs that runs the bridge.
    bool leads_bridge() const { return other_ && other_->type == "originatee" && !partner_.expired(); }

    // --- its beginning
    void adopt(std::unique_ptr<leg> party, caller_profile profile, std::string presence_id);
    /// A technology's inbound call: CS_NEW, before anything else about it is known.
    void announce(std::string name);
    /// An outbound call: CHANNEL_OUTGOING.
    void announce_outgoing();
    /// Runs the state machine, from a later turn on.
    void start();
    /// Skips the dialplan: what `loopback/app=…` runs.
    void preset(extension what) { preset_ = std::move(what); }

    // --- what others may ask of it
    bool answer();
    bool pre_answer();
    bool ring_ready();
    void hang_up(pbx::cause why);
    /// Leaves what it does for another extension; empty names keep what the profile has.
    void transfer(std::string_view number, std::string_view dialplan, std::string_view context);
    void park();
    bool hold(bool on);
    bool send_dtmf(std::string_view digits);
    /// As if the party had sent them.
    void receive_dtmf(std::string_view digits, std::uint32_t duration_ms);
    /// Runs applications in place of its extension.
    void run(extension what);
    void enter_bridge(bool originator, const std::shared_ptr<channel>& other);
    void move_to(channel_state next);
    /// Runs an application within whatever it does now, after those queued before. At most 64 wait.
    bool queue(std::string application, std::string data, int loops);
    /// Ends the running wait or playback; `all` drops what is queued as well.
    void request_break(bool all);
    void stop_broadcast();
    void flush_dtmf() { digits_.clear(); }
    void schedule_hangup(std::chrono::seconds after, pbx::cause why);
    void add_recording(std::shared_ptr<recorder> sink);
    /// `path` may be "all". @return false when there was none
    bool stop_recording(std::string_view path);
    bool mask_recording(std::string_view path, bool on);
    /// Whether something of that path may displace its audio: it has media, and neither this nor eight others do so.
    bool can_displace(std::string_view path) const;
    /// The party hears `source` beside or instead of the rest, until it ends or `limit` passes (0: no limit).
    bool displace(std::string path, std::unique_ptr<frame_source> source, bool mixes, std::chrono::seconds limit);
    /// @return false when nothing of that path displaces its audio
    bool stop_displacing(std::string_view path);
    /// Takes away the level that it had.
    void mute(direction which, bool on);
    /// A mute stays; `steps` beyond volume::most changes nothing.
    void set_level(direction which, int steps);
    void stop_audio_changes();
    /// Of what it plays now; null while it plays nothing.
    const std::shared_ptr<playhead>& head() const noexcept { return head_; }
    void set_playhead(std::shared_ptr<playhead> head) { head_ = std::move(head); }

    // --- for scripts
    signal& changes() noexcept { return changes_; }
    void notify();
    /// Returns when something changed or at `until`; runs what is queued meanwhile.
    task<> attend(signal::deadline until = {});
    task<> execute(std::string application, std::string data);
    /// The park application, and CS_PARK: until somebody takes it out.
    task<> stay_parked();
    std::optional<dtmf_digit> next_digit();
    bool has_digit() const noexcept { return !digits_.empty(); }
    bool take_break() noexcept { return std::exchange(break_, false); }
    std::string expand(std::string_view text) const;
    void flip_caller_id();
    void set_response(std::string_view text) { variables_.set("current_application_response", text); }

    // --- events
    void emit(std::string_view name, const origin& from, detail how, extra_headers front = {},
              extra_headers back = {});
    void emit_presence(std::string_view status, const origin& caller);
    /// All headers of an event about this channel, as `uuid_dump` shows them.
    void describe(pbx::event& to, detail how, bool with_cause = true) const;

    // --- leg_observer
    void on_ringing() override;
    void on_early_media() override;
    void on_answered() override;
    void on_ended(pbx::cause why, int sip_status, softswitch::variables more) override;
    void on_held(bool by_party) override;
    void on_codec_changed() override;
    void on_dtmf(char digit, std::uint32_t duration_ms) override;
    void on_info(std::string_view content_type, std::string_view body) override;
    void on_blind_transfer(std::string_view target) override;
    void on_attended_transfer(leg_observer& other) override;

    /// Raises `listener` whenever the channel changes, as long as it exists.
    class watch {
    public:
        watch(std::shared_ptr<channel> of, signal& listener);
        ~watch();
        watch(const watch&) = delete;
        watch& operator=(const watch&) = delete;

    private:
        std::shared_ptr<channel> of_;
        signal& listener_;
    };

private:
    struct other_leg {
        std::string type;
        caller_profile profile;
        call_times times;
    };
    struct command {
        std::string application, data;
        int loops = 1;
    };
    struct displacing {
        std::string path;
        std::uint64_t id = 0;
    };

    task<> live();  // the outermost script
    task<> run_states();
    void begin();
    void route();
    task<> run_extension();
    task<> stay();
    task<> stay_soft();
    task<> finish();
    task<> run_commands();
    task<> wait_for_leg_end();
    void enter(channel_state next);
    void set_call_state(softswitch::call_state next);
    void set_extension(extension what);
    void new_profile(std::string transfer_source);
    void publish_codec();
    void mark_ringing();
    void mark_early();
    void mark_answered();
    void mark_held(bool on, bool shows);
    void report();
    void stop_recordings();
    void stop_displacing(const std::shared_ptr<displacing>& what);
    volume& volume_of(direction which) noexcept { return which == direction::read ? read_volume_ : write_volume_; }
    void describe_codec(pbx::event& to) const;

    switchboard& board_;
    const std::string uuid_;
    std::string name_ = "N/A";
    std::string call_uuid_;
    std::string presence_id_;
    const bool inbound_;
    const std::uint64_t session_id_;

    channel_state state_ = channel_state::fresh;
    channel_state running_ = channel_state::none;
    softswitch::call_state call_state_ = softswitch::call_state::down;
    pbx::cause why_ = pbx::cause::none;
    bool hit_dialplan_;
    bool has_profile_ = false;
    bool leg_ended_ = false;
    bool codec_known_ = false, write_codec_known_ = false;
    unsigned presence_count_ = 0;

    caller_profile profile_, first_profile_;
    std::string_view callee_direction_;
    call_times times_;
    std::optional<other_leg> other_;
    variable_store variables_;
    codec_facts codec_;
    std::unique_ptr<leg> party_;
    std::weak_ptr<channel> partner_;

    extension extension_;
    std::optional<extension> preset_;
    pbx::dialplan_step current_;
    std::shared_ptr<channel> to_bridge_;  // of uuid_bridge, until it happened
    bool bridge_originator_ = false;

    std::deque<dtmf_digit> digits_;
    std::string digits_dialed_;
    std::deque<command> commands_;
    bool in_command_ = false;
    bool command_broken_ = false;  ///< the application takes break_; its repetitions must end, too
    bool break_ = false;
    std::vector<std::shared_ptr<recorder>> recordings_;
    std::vector<std::shared_ptr<displacing>> displacing_;
    volume read_volume_, write_volume_;
    std::shared_ptr<playhead> head_;
    control_loop::timer hangup_timer_;

    signal changes_;
    std::vector<signal*> watchers_;
    task<> script_;
};

}  // namespace strowger::softswitch
