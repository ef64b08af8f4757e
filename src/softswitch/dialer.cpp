#include "softswitch/dialer.hpp"

#include "base/clock.hpp"
#include "softswitch/sources.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

#include <algorithm>
#include <list>

namespace strowger::softswitch {
namespace {

using time_point = steady_clock::time_point;

constexpr std::string_view default_ringback = "%(2000,4000,440,480);loops=-1";

/// A leg that rings, until it wins or is out.
struct ringing_leg {
    std::shared_ptr<channel> leg;
    std::unique_ptr<channel::watch> news;
    time_point until;
};

time_point after_seconds(std::string_view text, time_point otherwise)
{
    const auto seconds = text::to_number(text);
    if (!seconds || *seconds <= 0 || *seconds > 86400) return otherwise;
    return std::min(otherwise, steady_clock::now() + std::chrono::seconds{*seconds});
}

/// One group of parties that ring together.
class attempt {
public:
    attempt(switchboard& board, const dial_request& request, signal& changes, time_point deadline)
        : board_{board}, request_{request}, changes_{changes}, deadline_{deadline}
    {
        const auto setting = [&](std::string_view name) { return find_setting(request.whom.settings, name); };
        ignore_early_ = text::is_true(setting("ignore_early_media")) ||
                        (request.originator && request.originator->variables().is_true("ignore_early_media"));
        return_ringing_ = text::is_true(setting("return_ring_ready"));
    }

    task<dial_outcome> run(const dial_string::together& parties)
    {
        for (const auto& party : parties) call(party);
        ignore_early_ |= parties.size() > 1;
        while (!legs_.empty()) {
            drop_ended();
            if (auto winner = take_winner()) {
                hang_up_all(pbx::cause::lose_race);
                co_return dial_outcome{std::move(winner), pbx::cause::success};
            }
            if (originator_left()) {
                hang_up_all(pbx::cause::originator_cancel);
                co_return dial_outcome{nullptr, pbx::cause::originator_cancel};
            }
            drop_late();
            if (legs_.empty()) break;
            tell_originator();
            co_await wait();
        }
        co_return dial_outcome{nullptr, why_};
    }

    void stop_ringback()
    {
        if (!std::exchange(ringback_, false) || !request_.originator) return;
        if (auto* port = request_.originator->media()) port->stop_playing();
    }

private:
    void call(const dial_string::party& party)
    {
        variables settings = request_.whom.settings;
        settings.insert(settings.end(), party.settings.begin(), party.settings.end());
        auto why = pbx::cause::destination_out_of_order;
        auto leg = board_.dial(
            {party.target, settings, request_.caller_id_name, request_.caller_id_number, request_.originator}, why);
        if (!leg) {
            why_ = why;
            return;
        }
        auto news = std::make_unique<channel::watch>(leg, changes_);
        const auto until = after_seconds(find_setting(settings, "leg_timeout"), deadline_);
        legs_.push_back({std::move(leg), std::move(news), until});
    }

    void drop_ended()
    {
        std::erase_if(legs_, [&](const auto& each) {
            if (each.leg->ended()) why_ = each.leg->why();
            return each.leg->ended();
        });
    }

    void drop_late()
    {
        const auto now = steady_clock::now();
        std::erase_if(legs_, [&](const auto& each) {
            if (now < each.until) return false;
            why_ = pbx::cause::no_answer;
            each.leg->hang_up(why_);
            return true;
        });
    }

    std::shared_ptr<channel> take_winner()
    {
        const auto won = [&](const ringing_leg& each) {
            return each.leg->answered() || (each.leg->early() && !ignore_early_ && each.leg->ready()) ||
                   (each.leg->ringing() && return_ringing_);
        };
        // A parked leg belongs to whoever parked it, until it is answered.
        const auto found = std::ranges::find_if(
            legs_, [&](const auto& each) { return each.leg->state() == channel_state::consume_media && won(each); });
        if (found == legs_.end()) return nullptr;
        auto out = std::move(found->leg);
        legs_.erase(found);
        return out;
    }

    bool originator_left() const { return request_.originator && !request_.originator->ready(); }

    void hang_up_all(pbx::cause why)
    {
        for (auto& each : legs_) each.leg->hang_up(why);
        legs_.clear();
    }

    /// The caller hears that it rings there: a 180, or a tone if it was answered already.
    void tell_originator()
    {
        auto* who = request_.originator;
        if (!who || ringback_) return;
        if (!std::ranges::any_of(legs_, [](const auto& each) { return each.leg->ringing(); })) return;
        if (!who->answered() && !who->early()) {
            who->ring_ready();
            return;
        }
        auto* port = who->media();
        const std::string configured{who->variables().get("ringback")};
        auto tone = port ? open_tone(configured.empty() ? default_ringback : std::string_view{configured},
                                     port->format().rate_hz)
                         : result<std::unique_ptr<frame_source>>{nullptr};
        if (!tone || !*tone) return;
        ringback_ = true;
        port->play(std::move(*tone), [](bool) {});
    }

    task<> wait()
    {
        auto next = deadline_;
        for (const auto& each : legs_) next = std::min(next, each.until);
        if (request_.originator) {
            co_await request_.originator->attend(next);
        } else {
            co_await changes_.changed(next);
        }
    }

    switchboard& board_;
    const dial_request& request_;
    signal& changes_;
    const time_point deadline_;
    std::list<ringing_leg> legs_;
    pbx::cause why_ = pbx::cause::destination_out_of_order;
    bool ignore_early_ = false, return_ringing_ = false, ringback_ = false;
};

}  // namespace

task<dial_outcome> dial_parties(switchboard& board, dial_request request, signal& changes)
{
    auto deadline = steady_clock::now() + request.timeout;
    deadline = after_seconds(find_setting(request.whom.settings, "originate_timeout"), deadline);
    dial_outcome out{nullptr, pbx::cause::no_route_destination};
    for (const auto& parties : request.whom.attempts) {
        attempt next{board, request, changes, deadline};
        out = co_await next.run(parties);
        next.stop_ringback();
        const bool given_up = out.why == pbx::cause::originator_cancel || steady_clock::now() >= deadline;
        if (out.winner || given_up) break;
    }
    co_return out;
}

}  // namespace strowger::softswitch
