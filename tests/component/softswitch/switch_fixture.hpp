#pragma once
#include "softswitch/embedded_switch.hpp"
#include "softswitch/switchboard.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace strowger::softswitch {

/// Everything that a switch fires, in order.
class event_log {
public:
    explicit event_log(pbx::host& host)
        : subscription_{host.subscribe({{}, [this](const pbx::event_ptr& what) {
                                            const std::lock_guard lock{mutex_};
                                            all_.push_back(what);
                                            grown_.notify_all();
                                        }})}
    {
    }

    /// Waits for the first event that matches; null after five seconds without one.
    template <class Match>
    pbx::event_ptr wait(const Match& matches)
    {
        std::unique_lock lock{mutex_};
        pbx::event_ptr found;
        grown_.wait_for(lock, std::chrono::seconds{5}, [&] {
            for (const auto& each : all_)
                if (matches(*each)) found = each;
            return found != nullptr;
        });
        return found;
    }
    pbx::event_ptr wait(std::string_view name, std::string_view uuid)
    {
        return wait([&](const pbx::event& what) { return what.name() == name && what.uuid() == uuid; });
    }
    std::vector<pbx::event_ptr> all() const
    {
        const std::lock_guard lock{mutex_};
        return {all_.begin(), all_.end()};
    }
    /// Names of one channel's events, in order.
    std::vector<std::string> names(std::string_view uuid) const
    {
        std::vector<std::string> out;
        for (const auto& each : all())
            if (each->uuid() == uuid) out.push_back(each->name());
        return out;
    }
    std::size_t count(std::string_view name, std::string_view uuid) const
    {
        const auto found = names(uuid);
        return static_cast<std::size_t>(std::ranges::count(found, name));
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable grown_;
    std::deque<pbx::event_ptr> all_;
    pbx::registration_ptr subscription_;  // last: its handler uses the rest
};

/// A switch on any free port, and its events.
class switch_test : public testing::Test {
protected:
    switch_test() { restart({}); }
    ~switch_test() override
    {
        events_.reset();
        switch_.reset();
    }

    void restart(settings with)
    {
        events_.reset();
        switch_.reset();
        with.hostname = "fs-node-01";
        with.sip.port = 0;
        with.sip.tcp = false;
        if (with.dialplan.empty()) with.dialplan = dialplan::standard();
        auto started = embedded_switch::start(std::move(with));
        ASSERT_TRUE(started.has_value()) << started.error().message();
        switch_ = std::move(*started);
        events_ = std::make_unique<event_log>(*switch_);
    }

    std::string api(std::string_view command)
    {
        const auto space = command.find(' ');
        const auto args = space == std::string_view::npos ? std::string_view{} : command.substr(space + 1);
        return switch_->execute(command.substr(0, space), args).text;
    }
    /// Places a call and returns the new leg's uuid; fails the test when it failed.
    std::string call(const std::string& arguments)
    {
        const auto reply = api("originate " + arguments);
        EXPECT_TRUE(reply.starts_with("+OK ")) << reply;
        return reply.size() > 5 ? reply.substr(4, reply.size() - 5) : "";
    }
    template <class Condition>
    static bool eventually(const Condition& condition)
    {
        const auto until = steady_clock::now() + std::chrono::seconds{5};
        while (!condition()) {
            if (steady_clock::now() > until) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
        }
        return true;
    }
    bool all_gone()
    {
        return eventually([&] { return switch_->facts().sessions == 0; });
    }

    std::unique_ptr<embedded_switch> switch_;
    std::unique_ptr<event_log> events_;
};

}  // namespace strowger::softswitch
