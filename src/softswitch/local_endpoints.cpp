#include "softswitch/local_endpoints.hpp"

#include "media/tone.hpp"
#include "softswitch/dial_string.hpp"
#include "softswitch/dialplan.hpp"
#include "softswitch/switchboard.hpp"
#include "softswitch/text.hpp"

#include <algorithm>
#include <array>

namespace strowger::softswitch {
namespace {

constexpr std::uint32_t rate_hz = 8000;
constexpr std::size_t frame = rate_hz * media_engine::ptime_ms / 1000;
const codec_facts linear{"L16", rate_hz, 128000, media_engine::ptime_ms};

/// What one half of a loopback has written and the other has not read. Media thread only.
/// The engine reads every transport before it writes any: one frame is always enough.
class hose {
public:
    void put(std::span<const std::int16_t> pcm) noexcept
    {
        std::ranges::copy(pcm.first(std::min(pcm.size(), frame)), pcm_.begin());
        full_ = true;
    }
    bool take(std::span<std::int16_t> pcm) noexcept
    {
        if (!std::exchange(full_, false)) return false;
        std::ranges::copy(std::span{pcm_}.first(std::min(pcm.size(), frame)), pcm.begin());
        return true;
    }

private:
    std::array<std::int16_t, frame> pcm_{};
    bool full_ = false;
};

class hose_transport final : public media_transport {
public:
    hose_transport(std::shared_ptr<hose> from, std::shared_ptr<hose> to) : from_{std::move(from)}, to_{std::move(to)}
    {
    }
    bool read(std::span<std::int16_t> pcm) noexcept override { return from_->take(pcm); }
    void write(std::span<const std::int16_t> pcm) noexcept override { to_->put(pcm); }

private:
    std::shared_ptr<hose> from_, to_;
};

class tone_transport final : public media_transport {
public:
    explicit tone_transport(double hz) : tone_{{hz}, rate_hz} {}
    bool read(std::span<std::int16_t> pcm) noexcept override
    {
        tone_.next(pcm);
        return true;
    }
    void write(std::span<const std::int16_t>) noexcept override {}

private:
    media::tone_generator tone_;
};

class silent_transport final : public media_transport {
public:
    bool read(std::span<std::int16_t>) noexcept override { return false; }
    void write(std::span<const std::int16_t>) noexcept override {}
};

/// What the legs of this file have in common.
class local_leg : public leg {
public:
    local_leg(switchboard& board, std::unique_ptr<media_transport> transport, codec_facts codec)
        : board_{board}, codec_{std::move(codec)}, port_{board.media().add(std::move(transport), {}, {})}
    {
    }
    std::string network_address() const override { return {}; }
    variables initial_variables() const override { return {}; }
    codec_facts codec() const override { return codec_; }
    media_port* media() override { return port_.get(); }
    void ring() override {}
    void early_media() override {}
    void answer() override {}
    void hold(bool) override {}
    void send_dtmf(std::string_view, std::uint32_t) override {}
    void redirect(std::string_view) override {}

protected:
    switchboard& board_;
    codec_facts codec_;
    std::unique_ptr<media_port> port_;
};

// --- loopback

class loopback_leg;

/// What both halves hold: who is still there.
struct loopback_pair {
    loopback_leg* a = nullptr;
    loopback_leg* b = nullptr;
    std::shared_ptr<hose> to_a = std::make_shared<hose>(), to_b = std::make_shared<hose>();
};

class loopback_leg final : public local_leg {
public:
    loopback_leg(switchboard& board, std::shared_ptr<loopback_pair> pair, bool is_a, outgoing_call call,
                 dialled_number number)
        : local_leg{board,
                    is_a ? std::make_unique<hose_transport>(pair->to_a, pair->to_b)
                         : std::make_unique<hose_transport>(pair->to_b, pair->to_a),
                    call.originator_codec.value_or(linear)},
          pair_{std::move(pair)},
          is_a_{is_a},
          call_{std::move(call)},
          number_{std::move(number)}
    {
        (is_a_ ? pair_->a : pair_->b) = this;
    }
    ~loopback_leg() override
    {
        (is_a_ ? pair_->a : pair_->b) = nullptr;
        end(pbx::cause::normal_clearing);
    }

    void observe(leg_observer& observer) { observer_ = &observer; }
    std::string name() const override { return "loopback/" + number_.number + (is_a_ ? "-a" : "-b"); }
    std::string source() const override { return "mod_loopback"; }
    dialled_number dialled() const override { return number_; }

    void begin() override
    {
        if (is_a_) make_other();
    }
    void ring() override
    {
        if (auto* peer = other()) peer->observer_->on_ringing();
    }
    void early_media() override
    {
        if (auto* peer = other()) peer->observer_->on_early_media();
    }
    void answer() override
    {
        if (auto* peer = other()) peer->observer_->on_answered();
    }
    void hang_up(pbx::cause why) override { end(why); }
    void send_dtmf(std::string_view digits, std::uint32_t duration_ms) override
    {
        auto* peer = other();
        for (const char digit : digits)
            if (peer && std::string_view{"0123456789*#ABCDabcd"}.find(digit) != std::string_view::npos)
                peer->observer_->on_dtmf(digit, duration_ms);
    }

private:
    loopback_leg* other() const noexcept
    {
        auto* peer = is_a_ ? pair_->b : pair_->a;
        return peer && peer->observer_ ? peer : nullptr;
    }
    void make_other();
    void end(pbx::cause why);

    std::shared_ptr<loopback_pair> pair_;
    const bool is_a_;
    const outgoing_call call_;
    const dialled_number number_;
    leg_observer* observer_ = nullptr;
    bool ended_ = false;
};

void loopback_leg::end(pbx::cause why)
{
    if (std::exchange(ended_, true)) return;
    if (auto* peer = other(); peer && !peer->ended_) {
        peer->ended_ = true;
        // The cause is this half's own; its peer was cleared normally, unless the call never came about.
        const auto& us = static_cast<channel&>(*observer_);
        peer->observer_->on_ended(us.answered() ? pbx::cause::normal_clearing : why, 0, {});
    }
    if (observer_ && (is_a_ ? pair_->a : pair_->b)) observer_->on_ended(why, 0, {});
}

/// The inner, inbound half, made in the outer one's CS_INIT.
void loopback_leg::make_other()
{
    auto& outer = static_cast<channel&>(*observer_);  // every observer of a leg that we dial is a channel
    auto profile = outer.profile();
    profile.index = 1;
    profile.transfer_source.clear();
    auto half = std::make_unique<loopback_leg>(board_, pair_, false, call_, number_);
    auto* inner_leg = half.get();
    const auto inner = board_.accept(std::move(half), std::move(profile), call_.settings, [&](channel& half_b) {
        inner_leg->observe(half_b);
        half_b.variables().set("other_loopback_leg_uuid", outer.uuid());
        half_b.variables().set("other_loopback_from_uuid", call_.originator_uuid);
        half_b.variables().set("loopback_leg", "B");
        const auto [application, arguments] = text::cut(call_.target, ':');
        if (call_.target.starts_with("app="))
            half_b.preset(
                {"loopback", number_.number, {{std::string{application.substr(4)}, std::string{arguments}}}, 0});
    });
    if (!inner) {
        end(pbx::cause::switch_congestion);
        return;
    }
    outer.variables().set("other_loopback_leg_uuid", inner->uuid());
    outer.variables().set("loopback_leg", "A");
}

dialled_number loopback_number(const std::string& target)
{
    if (target.starts_with("app=")) {
        const std::string application{text::cut(target, ':').first.substr(4)};
        return {application, "default", "xml"};
    }
    const auto [number, rest] = text::cut(target, '/');
    const auto [context, plan] = text::cut(rest, '/');
    return {std::string{number}, std::string{context}, std::string{plan}};
}

class loopback_endpoint final : public endpoint {
public:
    explicit loopback_endpoint(switchboard& board) : board_{board} {}
    bool wants_originator_media() const override { return true; }
    std::unique_ptr<leg> dial(const outgoing_call& call, leg_observer& observer, pbx::cause& why) override
    {
        auto number = loopback_number(call.target);
        if (number.number.empty()) {
            why = pbx::cause::destination_out_of_order;
            return nullptr;
        }
        auto out =
            std::make_unique<loopback_leg>(board_, std::make_shared<loopback_pair>(), true, call, std::move(number));
        out->observe(observer);
        return out;
    }

private:
    switchboard& board_;
};

// --- tone and null

/// A party that answers by itself, or never.
class automatic_leg final : public local_leg {
public:
    automatic_leg(switchboard& board, leg_observer& observer, std::unique_ptr<media_transport> transport,
                  std::string name, bool answers)
        : local_leg{board, std::move(transport), linear},
          observer_{observer},
          name_{std::move(name)},
          answers_{answers}
    {
    }
    std::string name() const override { return name_; }
    std::string source() const override { return name_.starts_with("tone") ? "mod_tone" : "mod_loopback"; }
    void begin() override
    {
        if (!answers_) return;
        board_.later([this, alive = std::weak_ptr{alive_}] {
            if (!alive.expired()) observer_.on_answered();
        });
    }
    void hang_up(pbx::cause why) override
    {
        if (!std::exchange(ended_, true)) observer_.on_ended(why, 0, {});
    }

private:
    leg_observer& observer_;
    const std::string name_;
    const bool answers_;
    bool ended_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class tone_endpoint final : public endpoint {
public:
    explicit tone_endpoint(switchboard& board) : board_{board} {}
    std::unique_ptr<leg> dial(const outgoing_call& call, leg_observer& observer, pbx::cause& why) override
    {
        const auto hz = text::to_number(call.target);
        if (!hz || *hz < 1 || *hz >= rate_hz / 2) {
            why = pbx::cause::invalid_number_format;
            return nullptr;
        }
        return std::make_unique<automatic_leg>(board_, observer,
                                               std::make_unique<tone_transport>(static_cast<double>(*hz)),
                                               "tone/" + call.target, true);
    }

private:
    switchboard& board_;
};

class null_endpoint final : public endpoint {
public:
    explicit null_endpoint(switchboard& board) : board_{board} {}
    std::unique_ptr<leg> dial(const outgoing_call& call, leg_observer& observer, pbx::cause&) override
    {
        const bool answers = !text::is_false(find_setting(call.settings, "null_enable_auto_answer"));
        return std::make_unique<automatic_leg>(board_, observer, std::make_unique<silent_transport>(),
                                               "null/" + call.target, answers);
    }

private:
    switchboard& board_;
};

}  // namespace

std::unique_ptr<endpoint> make_loopback_endpoint(switchboard& board)
{
    return std::make_unique<loopback_endpoint>(board);
}

std::unique_ptr<endpoint> make_tone_endpoint(switchboard& board)
{
    return std::make_unique<tone_endpoint>(board);
}

std::unique_ptr<endpoint> make_null_endpoint(switchboard& board)
{
    return std::make_unique<null_endpoint>(board);
}

}  // namespace strowger::softswitch
