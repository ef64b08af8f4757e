#pragma once
#include "base/ids.hpp"
#include "pbx/host.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace strowger::test {

class fake_channel final : public pbx::channel {
public:
    explicit fake_channel(std::string uuid) : uuid_{std::move(uuid)} {}
    const std::string& uuid() const noexcept override { return uuid_; }
    bool alive() const noexcept override { return true; }
    std::optional<std::string> variable(std::string_view name) const override
    {
        const std::lock_guard lock{mutex_};
        const auto at = variables_.find(std::string{name});
        return at == variables_.end() ? std::nullopt : std::optional{at->second};
    }
    bool set_variable(std::string_view name, std::string_view value) override
    {
        const std::lock_guard lock{mutex_};
        variables_[std::string{name}] = value;
        return true;
    }
    pbx::media_format read_format() const override { return {}; }
    pbx::media_format write_format() const override { return {}; }
    bool hang_up(pbx::cause) override { return true; }
    bool attach(std::shared_ptr<pbx::tap>) override { return false; }
    void detach(const std::shared_ptr<pbx::tap>&) override {}

private:
    std::string uuid_;
    mutable std::mutex mutex_;
    std::map<std::string, std::string> variables_;
};

/// A switch for tests: verbs are functions, events come from raise(), every call is remembered.
class fake_host final : public pbx::host {
public:
    using verb = std::function<pbx::api_reply(std::string_view args)>;

    fake_host()
    {
        on("echo", [](auto args) { return pbx::api_reply{true, std::string{args}}; });
        on("version", [](auto) { return pbx::api_reply{true, "FakeSwitch Version 1.0\n"}; });
        on("msleep", [](auto args) {
            int ms = 0;
            std::from_chars(args.data(), args.data() + args.size(), ms);
            std::this_thread::sleep_for(std::chrono::milliseconds{ms});
            return pbx::api_reply{true, "+OK"};
        });
        on("global_getvar", [this](auto args) { return pbx::api_reply{true, globals_[std::string{args}]}; });
    }

    /// Scripts a verb. Before the traffic starts.
    void on(std::string name, verb what) { verbs_[std::move(name)] = std::move(what); }
    void remember_calls(bool wanted) { remember_ = wanted; }
    std::vector<std::pair<std::string, std::string>> calls() const
    {
        const std::lock_guard lock{mutex_};
        return calls_;
    }
    std::vector<pbx::originate_request> originates() const
    {
        const std::lock_guard lock{mutex_};
        return originates_;
    }
    std::function<pbx::originate_reply(const pbx::originate_request&)> on_originate = [](const auto& what) {
        const auto uuid = what.uuid.empty() ? make_uuid() : what.uuid;
        return pbx::originate_reply{true, "+OK " + uuid + "\n", uuid, pbx::cause::none};
    };
    std::shared_ptr<fake_channel> add_channel(const std::string& uuid)
    {
        const std::lock_guard lock{mutex_};
        return channels_[uuid] = std::make_shared<fake_channel>(uuid);
    }
    /// Fires an event at every subscriber that wants it.
    void raise(const pbx::event_ptr& what)
    {
        const std::lock_guard lock{subscribers_mutex_};
        for (const auto& it : subscribers_)
            if (it.second.wants(what->name(), what->subclass())) it.second.on_event(what);
    }

    pbx::registration_ptr subscribe(pbx::event_subscriber subscriber) override
    {
        const std::lock_guard lock{subscribers_mutex_};
        subscribers_.emplace(++last_, std::move(subscriber));
        return std::make_unique<subscription>(*this, last_);
    }
    void fire(pbx::event what) override { raise(std::make_shared<const pbx::event>(std::move(what))); }
    pbx::api_reply execute(std::string_view name, std::string_view args) override
    {
        if (remember_) {
            const std::lock_guard lock{mutex_};
            calls_.emplace_back(name, args);
        }
        const auto at = verbs_.find(std::string{name});
        if (at == verbs_.end()) return {false, "INVALID COMMAND!\n"};
        return at->second(args);
    }
    pbx::originate_reply originate(const pbx::originate_request& request) override
    {
        {
            const std::lock_guard lock{mutex_};
            originates_.push_back(request);
        }
        return on_originate(request);
    }
    pbx::registration_ptr add_api(pbx::api_command) override { return nullptr; }
    std::shared_ptr<pbx::channel> find(std::string_view uuid) override
    {
        const std::lock_guard lock{mutex_};
        const auto at = channels_.find(std::string{uuid});
        return at == channels_.end() ? nullptr : at->second;
    }
    pbx::registration_ptr hook_dialplan(pbx::dialplan_hook) override { return nullptr; }
    pbx::host_facts facts() const override { return {"testhost", "1.0", "FakeSwitch", std::chrono::seconds{1}, 0}; }

private:
    class subscription final : public pbx::registration {
    public:
        subscription(fake_host& at, int id) : at_{at}, id_{id} {}
        ~subscription() override
        {
            const std::lock_guard lock{at_.subscribers_mutex_};
            at_.subscribers_.erase(id_);
        }

    private:
        fake_host& at_;
        int id_;
    };

    mutable std::mutex mutex_;
    std::map<std::string, verb> verbs_;
    std::map<std::string, std::string> globals_{{"k", "v"}};
    std::vector<std::pair<std::string, std::string>> calls_;
    std::vector<pbx::originate_request> originates_;
    std::map<std::string, std::shared_ptr<fake_channel>> channels_;
    bool remember_ = true;
    std::mutex subscribers_mutex_;
    std::map<int, pbx::event_subscriber> subscribers_;
    int last_ = 0;
};

}  // namespace strowger::test
