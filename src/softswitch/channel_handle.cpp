#include "softswitch/channel_handle.hpp"

namespace strowger::softswitch {
namespace {

class handle final : public pbx::channel {
public:
    handle(std::shared_ptr<control_access> access, const std::shared_ptr<softswitch::channel>& of)
        : access_{std::move(access)}, uuid_{of->uuid()}, of_{of}
    {
    }

    const std::string& uuid() const noexcept override { return uuid_; }
    bool alive() const noexcept override
    {
        return ask(false, [](softswitch::channel&) { return true; });
    }
    std::optional<std::string> variable(std::string_view name) const override
    {
        return ask(std::optional<std::string>{}, [&](softswitch::channel& leg) {
            const auto* found = leg.variables().find(name);
            return found ? std::optional{*found} : std::nullopt;
        });
    }
    bool set_variable(std::string_view name, std::string_view value) override
    {
        return ask(false, [&](softswitch::channel& leg) {
            leg.variables().set(name, value);
            return true;
        });
    }
    pbx::media_format read_format() const override { return format(); }
    pbx::media_format write_format() const override { return format(); }
    bool hang_up(pbx::cause why) override
    {
        return ask(false, [&](softswitch::channel& leg) {
            leg.hang_up(why);
            return true;
        });
    }
    bool attach(std::shared_ptr<pbx::tap> listener) override
    {
        return ask(false, [&](softswitch::channel& leg) {
            auto* port = leg.media();
            return port && port->attach(std::move(listener));
        });
    }
    void detach(const std::shared_ptr<pbx::tap>& listener) override
    {
        // Also from a leg that is ending: on_end must have run when we return.
        reach([&](softswitch::channel& leg) {
            if (auto* port = leg.media()) port->detach(listener);
        });
    }

private:
    pbx::media_format format() const
    {
        return ask(pbx::media_format{}, [](softswitch::channel& leg) {
            const auto* port = leg.media();
            return port ? port->format() : pbx::media_format{};
        });
    }

    /// Runs `work` on the control thread if the channel still exists.
    template <class Work>
    void reach(const Work& work) const
    {
        const gate::pass inside{access_->entrance};
        if (!inside) return;
        access_->control.call([&] {
            if (const auto leg = of_.lock()) work(*leg);
        });
    }
    /// What a call that has not ended answers; `otherwise` when it has.
    template <class Answer, class Work>
    Answer ask(Answer otherwise, const Work& work) const
    {
        reach([&](softswitch::channel& leg) {
            if (!leg.ended()) otherwise = work(leg);
        });
        return otherwise;
    }

    std::shared_ptr<control_access> access_;
    const std::string uuid_;
    std::weak_ptr<softswitch::channel> of_;
};

}  // namespace

std::shared_ptr<pbx::channel> make_handle(std::shared_ptr<control_access> access, const std::shared_ptr<channel>& of)
{
    return std::make_shared<handle>(std::move(access), of);
}

}  // namespace strowger::softswitch
