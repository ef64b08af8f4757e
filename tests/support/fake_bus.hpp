#pragma once
#include "bus/driver.hpp"
#include "hub/glob.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace strowger::test {

/// A broker in memory: deliver() calls the handlers on the caller's thread, what is sent is kept.
class fake_bus final : public bus::driver {
public:
    struct sent {
        std::string subject, payload;
    };

    /// Gives a message to whoever subscribed. @return how many did
    int deliver(const std::string& subject, std::string_view payload, const std::string& reply = {})
    {
        int heard = 0;
        for (auto& [pattern, handler] : handlers_)
            if (matches(pattern, subject)) {
                ++heard;
                handler(bus::message{subject, payload, {reply}, steady_clock::now()});
            }
        return heard;
    }
    /// Delivers with a reply address and waits for the answer. @return "" when none came in a second
    std::string ask(const std::string& subject, std::string_view payload)
    {
        const auto inbox = "_INBOX." + std::to_string(++inboxes_);
        deliver(subject, payload, inbox);
        std::unique_lock lock{mutex_};
        changed_.wait_for(lock, std::chrono::seconds{5}, [&] { return find(inbox) != nullptr; });
        const auto* answer = find(inbox);
        return answer == nullptr ? "" : answer->payload;
    }
    std::vector<sent> all() const
    {
        const std::lock_guard lock{mutex_};
        return sent_;
    }
    bool wait_for(std::size_t count)
    {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, std::chrono::seconds{5}, [&] { return sent_.size() >= count; });
    }
    std::atomic<bool> up{true};
    std::atomic<bool> full{false};
    std::atomic<std::size_t> limit{1U << 20U};

    result<void> connect() override { return {}; }
    result<void> subscribe(std::string subject, std::string, bus::handler on_message) override
    {
        handlers_[std::move(subject)] = std::move(on_message);
        return {};
    }
    void unsubscribe(std::string_view subject) override { handlers_.erase(std::string{subject}); }
    bus::publish_outcome reply(const bus::reply_handle& to, std::string_view payload) override
    {
        return publish(to.address, payload, "");
    }
    bus::publish_outcome publish(std::string_view subject, std::string_view payload, std::string_view) override
    {
        if (!up) return bus::publish_outcome::not_connected;
        if (full) return bus::publish_outcome::queue_full;
        if (payload.size() > limit) return bus::publish_outcome::too_large;
        const std::lock_guard lock{mutex_};
        sent_.push_back({std::string{subject}, std::string{payload}});
        changed_.notify_all();
        return bus::publish_outcome::accepted;
    }
    bus::publish_outcome forward(std::string_view subject, std::string_view payload,
                                 const bus::reply_handle&) override
    {
        return publish(subject, payload, "");
    }
    bool flush(std::chrono::milliseconds) override { return true; }
    bool is_connected() const noexcept override { return up; }
    std::size_t max_payload() const noexcept override { return limit; }
    bus::driver_stats stats() const override { return {}; }
    std::string_view name() const noexcept override { return "fake"; }
    void disconnect() override {}

private:
    const sent* find(const std::string& subject) const
    {
        const auto at = std::ranges::find(sent_, subject, &sent::subject);
        return at == sent_.end() ? nullptr : &*at;
    }
    static bool matches(const std::string& pattern, const std::string& subject)
    {
        return std::ranges::count(pattern, '.') == std::ranges::count(subject, '.') &&
               hub::glob_match(pattern, subject);
    }
    std::map<std::string, bus::handler> handlers_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<sent> sent_;
    int inboxes_ = 0;
};

}  // namespace strowger::test
