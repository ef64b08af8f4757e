#pragma once
#include "softswitch/sip/endpoint.hpp"
#include "support/journal.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace strowger::test {

/// The SIP endpoint with, instead of a switch, a journal of what it is told and a hand on every leg.
/// Legs are numbered in the order in which they came or were dialled: "1 answered", "2 ended USER_BUSY 486".
class sip_exchange final : public softswitch::call_acceptor {
public:
    /// What to do with a call as it arrives; by default it waits.
    using decision = std::function<void(softswitch::leg&)>;

    explicit sip_exchange(softswitch::sip_settings settings = any_port(), std::vector<softswitch::user> users = {})
        : control_{softswitch::control_loop::start().value()}, media_{softswitch::media_engine::start(*control_)}
    {
        sip_ = softswitch::sip::endpoint::start(settings, std::move(users), *control_, *media_, *this).value();
    }
    ~sip_exchange() override
    {
        control_->call([this] { parties_.clear(); });
        sip_.reset();
    }
    static softswitch::sip_settings any_port()
    {
        softswitch::sip_settings out;
        out.port = 0;
        return out;
    }

    std::uint16_t port() const
    {
        const auto first = sip_->addresses().front();
        return static_cast<std::uint16_t>(std::stoi(first.substr(first.rfind(':') + 1)));
    }
    softswitch::sip::endpoint& sip() noexcept { return *sip_; }
    softswitch::control_loop& control() noexcept { return *control_; }
    softswitch::media_engine& media() noexcept { return *media_; }
    journal& told() noexcept { return told_; }
    void decide(decision what)
    {
        control_->call([&] { decision_ = std::move(what); });
    }
    /// Does something with leg `number`, on the control thread.
    void with(int number, const std::function<void(softswitch::leg&)>& work)
    {
        control_->call([&] { work(*parties_.at(number)->leg); });
    }
    void destroy(int number)
    {
        control_->call([&] { parties_.erase(number); });
    }
    /// @return the leg's number, or 0 and the cause in the journal ("refused USER_BUSY")
    int dial(const std::string& target, softswitch::variables settings = {})
    {
        int out = 0;
        control_->call([&] {
            auto who = std::make_unique<party>(*this, next_);
            auto why = pbx::cause::none;
            softswitch::outgoing_call call;
            call.target = target;
            call.caller_id_name = "Exchange";
            call.caller_id_number = "2000";
            call.settings = std::move(settings);
            who->leg = sip_->dial(call, *who, why);
            if (!who->leg) {
                told_.write("refused " + std::string{pbx::to_string(why)});
                return;
            }
            out = next_++;
            parties_.emplace(out, std::move(who));
        });
        return out;
    }
    softswitch::variables ended_with(int number)
    {
        softswitch::variables out;
        control_->call([&] { out = parties_.at(number)->at_end; });
        return out;
    }
    std::string caller_facts;  ///< of the last call that arrived
    softswitch::variables technology_headers;

    softswitch::leg_observer* on_incoming(softswitch::incoming_call call) override
    {
        const int number = next_++;
        auto who = std::make_unique<party>(*this, number);
        who->leg = std::move(call.party);
        auto* const out = who.get();
        parties_.emplace(number, std::move(who));
        caller_facts = call.caller_id_name + '|' + call.caller_id_number + '|' + call.username + '|' +
                       call.destination_number + '|' + call.context;
        told_.write(std::to_string(number) + " incoming " + call.destination_number);
        if (decision_) decision_(*out->leg);
        return out;
    }
    void on_technology_event(std::string_view subclass, softswitch::variables headers) override
    {
        technology_headers = std::move(headers);
        told_.write(std::string{subclass});
    }

private:
    struct party final : softswitch::leg_observer {
        party(sip_exchange& to, int which) : owner{to}, number{which} {}
        void say(const std::string& what) { owner.told_.write(std::to_string(number) + ' ' + what); }
        void on_ringing() override { say("ringing"); }
        void on_early_media() override { say("early media"); }
        void on_answered() override { say("answered"); }
        void on_ended(pbx::cause why, int status, softswitch::variables more) override
        {
            at_end = std::move(more);
            say("ended " + std::string{pbx::to_string(why)} + ' ' + std::to_string(status));
        }
        void on_held(bool by_party) override { say(by_party ? "held" : "resumed"); }
        void on_codec_changed() override { say("codec " + leg->codec().name); }
        void on_dtmf(char digit, std::uint32_t ms) override
        {
            say(std::string{"dtmf "} + digit + ' ' + std::to_string(ms));
        }
        void on_info(std::string_view type, std::string_view body) override
        {
            say("info " + std::string{type} + ' ' + std::string{body});
        }
        void on_blind_transfer(std::string_view target) override { say("transfer " + std::string{target}); }
        void on_attended_transfer(softswitch::leg_observer& other) override
        {
            say("attended " + std::to_string(static_cast<party&>(other).number));
        }

        sip_exchange& owner;
        int number;
        softswitch::variables at_end;
        std::unique_ptr<softswitch::leg> leg;
    };

    journal told_;
    std::unique_ptr<softswitch::control_loop> control_;
    std::unique_ptr<softswitch::media_engine> media_;
    std::map<int, std::unique_ptr<party>> parties_;
    int next_ = 1;
    decision decision_;
    std::unique_ptr<softswitch::sip::endpoint> sip_;
};

inline std::string value_of(const softswitch::variables& from, std::string_view name)
{
    for (const auto& [key, value] : from) {
        if (key == name) return value;
    }
    return {};
}

}  // namespace strowger::test
