#include "bus/nats_driver.hpp"

#include "base/log.hpp"
#include "bus/detail/event_loop.hpp"
#include "bus/detail/nats_options.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <thread>
#include <vector>

namespace strowger::bus {
namespace {

using namespace std::chrono_literals;
using detail::message_ptr;

constexpr std::size_t default_max_payload = 1U << 20U;  // of a NATS server nobody configured
constexpr auto jitter_ms = 100;
constexpr auto same_error_every = 60s;
constexpr auto last_write_limit = 300ms;
constexpr std::size_t most_servers = 64;         // the cluster may announce others for ever
constexpr std::size_t write_batch = 64U << 10U;  // events wait for company up to this much

/// A NUL-terminated copy on the stack: nats.c takes C strings, publishers have views.
class c_subject {
public:
    explicit c_subject(std::string_view text)
    {
        if (text.size() < small_.size()) {
            std::memcpy(small_.data(), text.data(), text.size());
            small_[text.size()] = '\0';
        } else {
            large_ = text;
        }
    }
    const char* get() const noexcept { return large_.empty() ? small_.data() : large_.c_str(); }

private:
    std::array<char, 256> small_;
    std::string large_;
};

class nats_driver final : public driver {
public:
    nats_driver(nats_settings with, std::unique_ptr<detail::prepared> how)
        : with_{std::move(with)}, how_{std::move(how)}, servers_{how_->where.servers}
    {
    }
    ~nats_driver() override { disconnect(); }

    result<void> connect() override;
    result<void> subscribe(std::string subject, std::string queue_group, handler on_message) override;
    void unsubscribe(std::string_view subject) override;
    publish_outcome reply(const reply_handle& to, std::string_view payload) override;
    publish_outcome publish(std::string_view subject, std::string_view payload, std::string_view key) override;
    publish_outcome forward(std::string_view subject, std::string_view payload, const reply_handle& reply) override;
    void push_out() override;
    bool flush(std::chrono::milliseconds limit) override;
    bool is_connected() const noexcept override { return connected_.load(std::memory_order_acquire); }
    std::size_t max_payload() const noexcept override { return max_payload_.load(std::memory_order_relaxed); }
    driver_stats stats() const override;
    std::string_view name() const noexcept override { return "nats"; }
    void disconnect() override;

    result<void> configure();

private:
    struct subscription {
        nats_driver* owner;
        std::string subject, group;
        handler on_message;
        detail::subscription_ptr live;  ///< of the present connection
        int unfinished = 0;             ///< nats.c subscriptions that may still deliver
    };
    struct kept_reply {
        std::string subject, payload;
        steady_clock::time_point at;
    };

    static void on_message(natsConnection*, natsSubscription*, natsMsg* raw, void* closure) noexcept;
    static void on_complete(void* closure) noexcept;
    static void on_closed(natsConnection*, void* closure) noexcept;
    static void on_error(natsConnection*, natsSubscription* sub, natsStatus what, void* closure) noexcept;
    static void on_lame_duck(natsConnection*, void* closure) noexcept;

    enum class pace : std::uint8_t { now, batch };
    publish_outcome send(const char* subject, const char* reply, std::string_view payload, pace how);
    natsStatus send_on(const char* subject, const char* reply, std::string_view payload);
    natsStatus append(const char* subject, std::string_view payload, std::size_t waiting);
    publish_outcome count(publish_outcome outcome, std::size_t bytes);
    bool keep(const reply_handle& to, std::string_view payload);

    // The rest runs on the I/O thread only.
    void run();
    bool open();
    void serve();
    void close_link();
    void learn_servers(natsConnection* nc);
    void attach_subscription(subscription& to);
    void send_kept_replies();
    void pause_before_retry();
    void note_error(std::string_view text);

    const nats_settings with_;
    const std::unique_ptr<detail::prepared> how_;
    std::vector<std::string> servers_;  ///< configured, then announced by the cluster; I/O thread
    detail::event_loop loop_;

    std::shared_mutex link_mutex_;  ///< shared: to use link_; exclusive: to change it
    detail::connection_ptr link_;

    mutable std::mutex mutex_;  ///< for everything down to the blank line
    std::condition_variable changed_;
    std::vector<std::shared_ptr<subscription>> subscriptions_;
    std::deque<kept_reply> kept_;
    std::size_t kept_bytes_ = 0;
    std::string last_error_;
    std::map<natsStatus, steady_clock::time_point> said_;
    bool link_closed_ = true;
    bool tried_once_ = false;
    bool stopping_ = false;

    std::atomic<bool> connected_{false};
    std::atomic<bool> leave_{false};  ///< this server is about to go
    std::atomic<std::size_t> max_payload_{default_max_payload};
    std::atomic<std::uint64_t> sent_{0}, failed_{0}, bytes_{0}, reconnects_{0}, slow_consumer_{0};
    int failed_rounds_ = 0;
    bool ever_connected_ = false;
    std::minstd_rand random_{std::random_device{}()};
    std::thread io_;
};

result<void> nats_driver::configure()
{
    natsOptions* to = how_->options.get();
    natsStatus s = loop_.attach_to(to);
    if (s == NATS_OK) s = natsOptions_SetAllowReconnect(to, false);  // run() does it, for ever and with a say
    if (s == NATS_OK) s = natsOptions_SetNoEcho(to, true);
    // One delivery thread for all subscriptions keeps the order of arrival across subjects.
    if (s == NATS_OK) s = natsOptions_UseGlobalMessageDelivery(to, true);
    if (s == NATS_OK) s = natsOptions_SetClosedCB(to, &on_closed, this);
    if (s == NATS_OK) s = natsOptions_SetErrorHandler(to, &on_error, this);
    if (s == NATS_OK) s = natsOptions_SetLameDuckModeCB(to, &on_lame_duck, this);
    if (s != NATS_OK) return errc::library;
    return {};
}

result<void> nats_driver::connect()
{
    std::unique_lock lock{mutex_};
    if (io_.joinable() || stopping_) return {};
    io_ = std::thread{[this] { run(); }};
    changed_.wait_for(lock, std::chrono::milliseconds{with_.timeout_ms}, [this] { return tried_once_; });
    return {};
}

void nats_driver::disconnect()
{
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    loop_.wake();
    if (io_.joinable()) io_.join();
}

// ---- subscriptions ----

result<void> nats_driver::subscribe(std::string subject, std::string queue_group, handler on_message)
{
    if (subject.empty() || subject.find_first_of(" \t\r\n") != std::string::npos) return errc::bad_subject;
    auto added = std::make_shared<subscription>();
    added->owner = this;
    added->subject = std::move(subject);
    added->group = std::move(queue_group);
    added->on_message = std::move(on_message);
    const std::lock_guard lock{mutex_};
    const std::shared_lock link_lock{link_mutex_};
    attach_subscription(*added);
    subscriptions_.push_back(std::move(added));
    return {};
}

/// Needs mutex_ and link_mutex_. Without a connection open() will come back to it.
void nats_driver::attach_subscription(subscription& to)
{
    if (!link_) return;
    natsSubscription* raw = nullptr;
    const natsStatus s = to.group.empty()
                             ? natsConnection_Subscribe(&raw, link_.get(), to.subject.c_str(), &on_message, &to)
                             : natsConnection_QueueSubscribe(&raw, link_.get(), to.subject.c_str(), to.group.c_str(),
                                                             &on_message, &to);
    if (s != NATS_OK) return;  // the connection is going away; the next one subscribes again
    to.live.reset(raw);
    if (natsSubscription_SetOnCompleteCB(raw, &on_complete, &to) == NATS_OK) ++to.unfinished;
}

void nats_driver::unsubscribe(std::string_view subject)
{
    std::unique_lock lock{mutex_};
    const auto at = std::ranges::find_if(subscriptions_, [&](const auto& it) { return it->subject == subject; });
    if (at == subscriptions_.end()) return;
    const auto gone = *at;
    subscriptions_.erase(at);
    gone->live.reset();
    changed_.wait(lock, [&] { return gone->unfinished == 0; });
}

void nats_driver::on_message(natsConnection*, natsSubscription*, natsMsg* raw, void* closure) noexcept
{
    const message_ptr owned{raw};
    const auto* to = static_cast<subscription*>(closure);
    try {
        const char* reply = natsMsg_GetReply(raw);
        to->on_message(message{natsMsg_GetSubject(raw),
                               {natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw))},
                               {reply == nullptr ? "" : reply},
                               steady_clock::now()});
    } catch (const std::exception& wrong) {
        log::error("bus", "a message handler failed", {{"subject", to->subject}, {"what", wrong.what()}});
    } catch (...) {
        log::error("bus", "a message handler failed", {{"subject", to->subject}});
    }
}

void nats_driver::on_complete(void* closure) noexcept
{
    auto* done = static_cast<subscription*>(closure);
    auto* owner = done->owner;
    const std::lock_guard lock{owner->mutex_};
    --done->unfinished;
    owner->changed_.notify_all();
}

// ---- sending ----

publish_outcome nats_driver::send(const char* subject, const char* reply, std::string_view payload, pace how)
{
    if (!is_connected()) return publish_outcome::not_connected;
    const std::shared_lock lock{link_mutex_};
    if (!link_) return publish_outcome::not_connected;
    if (payload.size() > max_payload()) return publish_outcome::too_large;
    const int waiting = natsConnection_Buffered(link_.get());
    if (waiting < 0) return publish_outcome::not_connected;
    const auto room = how == pace::batch ? with_.send_buffer_bytes : with_.reply_buffer_bytes;
    if (static_cast<std::size_t>(waiting) > room) return publish_outcome::queue_full;
    const natsStatus s = how == pace::batch ? append(subject, payload, static_cast<std::size_t>(waiting))
                                            : send_on(subject, reply, payload);
    if (s == NATS_OK) return publish_outcome::accepted;
    return s == NATS_MAX_PAYLOAD ? publish_outcome::too_large : publish_outcome::not_connected;
}

/// Needs link_mutex_ and a link.
natsStatus nats_driver::send_on(const char* subject, const char* reply, std::string_view payload)
{
    const auto size = static_cast<int>(payload.size());
    return reply == nullptr ? natsConnection_Publish(link_.get(), subject, payload.data(), size)
                            : natsConnection_PublishRequest(link_.get(), subject, reply, payload.data(), size);
}

/// Needs link_mutex_ and a link. What came together leaves on the caller's thread, in one write.
natsStatus nats_driver::append(const char* subject, std::string_view payload, std::size_t waiting)
{
    const detail::event_loop::unhurried no_wake;
    const natsStatus s = send_on(subject, nullptr, payload);
    if (waiting + payload.size() >= write_batch) loop_.write_now(link_.get());
    return s;
}

void nats_driver::push_out()
{
    const std::shared_lock lock{link_mutex_};
    if (link_) loop_.write_now(link_.get());
}

publish_outcome nats_driver::count(publish_outcome outcome, std::size_t bytes)
{
    if (outcome == publish_outcome::accepted) {
        sent_.fetch_add(1, std::memory_order_relaxed);
        bytes_.fetch_add(bytes, std::memory_order_relaxed);
    } else {
        failed_.fetch_add(1, std::memory_order_relaxed);
    }
    return outcome;
}

publish_outcome nats_driver::publish(std::string_view subject, std::string_view payload, std::string_view)
{
    const auto outcome = send(c_subject{subject}.get(), nullptr, payload, pace::batch);
    // Refused for now is not failed: the caller keeps the event and comes back.
    if (outcome == publish_outcome::not_connected || outcome == publish_outcome::queue_full) return outcome;
    return count(outcome, payload.size());
}

publish_outcome nats_driver::forward(std::string_view subject, std::string_view payload, const reply_handle& reply)
{
    const char* answer_to = reply ? reply.address.c_str() : nullptr;
    return count(send(c_subject{subject}.get(), answer_to, payload, pace::now), payload.size());
}

publish_outcome nats_driver::reply(const reply_handle& to, std::string_view payload)
{
    if (!to) return publish_outcome::accepted;
    auto outcome = send(to.address.c_str(), nullptr, payload, pace::now);
    if (outcome == publish_outcome::not_connected) {
        if (keep(to, payload)) return publish_outcome::accepted;  // counted when it leaves
        outcome = send(to.address.c_str(), nullptr, payload, pace::now);
    }
    return count(outcome, payload.size());
}

/// @return false when there is no room, or a connection after all
bool nats_driver::keep(const reply_handle& to, std::string_view payload)
{
    const std::lock_guard lock{mutex_};
    if (connected_ || stopping_) return false;
    const auto bytes = to.address.size() + payload.size();
    if (kept_bytes_ + bytes > with_.reply_buffer_bytes) return false;
    kept_.push_back({to.address, std::string{payload}, steady_clock::now()});
    kept_bytes_ += bytes;
    return true;
}

bool nats_driver::flush(std::chrono::milliseconds limit)
{
    const std::shared_lock lock{link_mutex_};
    return link_ && natsConnection_FlushTimeout(link_.get(), std::max<std::int64_t>(1, limit.count())) == NATS_OK;
}

driver_stats nats_driver::stats() const
{
    driver_stats out;
    out.messages_sent = sent_;
    out.messages_failed = failed_;
    out.bytes_sent = bytes_;
    out.reconnects = reconnects_;
    out.url = how_->where.shown();
    const std::lock_guard lock{mutex_};
    out.last_error = last_error_;
    return out;
}

// ---- the I/O thread ----

void nats_driver::run()
{
    const auto stopping = [this] {
        const std::lock_guard lock{mutex_};
        return stopping_;
    };
    while (!stopping()) {
        const bool opened = open();
        {
            const std::lock_guard lock{mutex_};
            tried_once_ = true;
        }
        changed_.notify_all();
        if (opened) {
            serve();
            close_link();
        }
        pause_before_retry();
    }
    nats_ReleaseThreadMemory();
}

bool nats_driver::open()
{
    std::vector<const char*> names;
    for (const auto& server : servers_) names.push_back(server.c_str());
    natsOptions_SetServers(how_->options.get(), names.data(), static_cast<int>(names.size()));
    natsConnection* raw = nullptr;
    link_closed_ = false;  // nobody else looks at it now
    const natsStatus s = natsConnection_Connect(&raw, how_->options.get());
    if (s != NATS_OK) {
        ++failed_rounds_;
        note_error(natsStatus_GetText(s));
        if (failed_rounds_ == 1)
            log::warn("bus", "no broker answers; trying on",
                      {{"url", how_->where.shown()}, {"reason", natsStatus_GetText(s)}});
        if (failed_rounds_ == with_.max_reconnect && with_.max_reconnect > 0)
            log::write(log::level::crit, "bus", "the broker stays away; trying rarely from now on",
                       {{"url", how_->where.shown()}, {"every_ms", with_.slow_reconnect_wait_ms}});
        return false;
    }
    max_payload_ = static_cast<std::size_t>(natsConnection_GetMaxPayload(raw));
    learn_servers(raw);
    const std::lock_guard lock{mutex_};
    {
        const std::lock_guard link_lock{link_mutex_};
        link_.reset(raw);
    }
    const std::shared_lock link_lock{link_mutex_};
    for (const auto& it : subscriptions_) attach_subscription(*it);
    connected_.store(true, std::memory_order_release);
    send_kept_replies();
    if (ever_connected_) ++reconnects_;
    ever_connected_ = true;
    failed_rounds_ = 0;
    log::info("bus", "connected", {{"url", how_->where.shown()}});
    return true;
}

void nats_driver::learn_servers(natsConnection* nc)
{
    char** found = nullptr;
    int size = 0;
    if (natsConnection_GetDiscoveredServers(nc, &found, &size) != NATS_OK) return;
    for (int i = 0; i < size; ++i) {
        const bool known = std::ranges::find(servers_, found[i]) != servers_.end();
        if (!known && servers_.size() < most_servers) servers_.emplace_back(found[i]);
        std::free(found[i]);
    }
    std::free(found);
}

/// Needs mutex_. What is too old by now nobody waits for any more.
void nats_driver::send_kept_replies()
{
    const auto oldest = steady_clock::now() - std::chrono::milliseconds{with_.reply_max_age_ms};
    for (const auto& it : kept_) {
        if (it.at < oldest) {
            ++failed_;
            continue;
        }
        const auto size = static_cast<int>(it.payload.size());
        const bool good = natsConnection_Publish(link_.get(), it.subject.c_str(), it.payload.data(), size) == NATS_OK;
        count(good ? publish_outcome::accepted : publish_outcome::not_connected, it.payload.size());
    }
    kept_.clear();
    kept_bytes_ = 0;
}

void nats_driver::serve()
{
    constexpr int look_up_ms = 500;
    while (loop_.attached()) {
        {
            const std::lock_guard lock{mutex_};
            if (stopping_) return;
        }
        if (leave_.exchange(false)) {
            learn_servers(link_.get());
            if (servers_.size() > 1) return log::notice("bus", "leaving a server in lame-duck mode");
        }
        loop_.turn(look_up_ms);
    }
    const char* reason = nullptr;
    natsConnection_GetLastError(link_.get(), &reason);
    note_error(reason != nullptr && *reason != '\0' ? reason : "connection lost");
    log::warn("bus", "connection lost; connecting again", {{"url", how_->where.shown()}});
}

void nats_driver::close_link()
{
    connected_ = false;
    detail::connection_ptr gone;
    {
        const std::lock_guard lock{link_mutex_};
        gone = std::move(link_);
    }
    // nats.c would wait for a pong that only this thread could read, so nothing may be left to write.
    const auto until = steady_clock::now() + last_write_limit;
    while (loop_.attached() && natsConnection_Buffered(gone.get()) > 0 && steady_clock::now() < until) loop_.turn(10);
    natsConnection_Close(gone.get());
    std::unique_lock lock{mutex_};
    for (const auto& it : subscriptions_) it->live.reset();
    changed_.wait(lock, [this] {
        return link_closed_ &&
               std::ranges::all_of(subscriptions_, [](const auto& it) { return it->unfinished == 0; });
    });
}

void nats_driver::pause_before_retry()
{
    std::unique_lock lock{mutex_};
    auto wait = std::chrono::milliseconds{random_() % jitter_ms};
    if (failed_rounds_ > 0) {
        const bool slow = with_.max_reconnect > 0 && failed_rounds_ >= with_.max_reconnect;
        wait += std::chrono::milliseconds{slow ? with_.slow_reconnect_wait_ms : with_.reconnect_wait_ms};
    }
    changed_.wait_for(lock, wait, [this] { return stopping_; });
}

void nats_driver::note_error(std::string_view text)
{
    const std::lock_guard lock{mutex_};
    last_error_ = text;
}

// ---- nats.c's call-backs, on its own thread ----

void nats_driver::on_closed(natsConnection*, void* closure) noexcept
{
    auto* self = static_cast<nats_driver*>(closure);
    const std::lock_guard lock{self->mutex_};
    self->link_closed_ = true;
    self->changed_.notify_all();
}

void nats_driver::on_lame_duck(natsConnection*, void* closure) noexcept
{
    auto* self = static_cast<nats_driver*>(closure);
    self->leave_ = true;
    self->loop_.wake();
}

void nats_driver::on_error(natsConnection* nc, natsSubscription* sub, natsStatus what, void* closure) noexcept
try {
    auto* self = static_cast<nats_driver*>(closure);
    if (what == NATS_SLOW_CONSUMER) ++self->slow_consumer_;
    const char* text = nullptr;
    natsConnection_GetLastError(nc, &text);
    const std::lock_guard lock{self->mutex_};
    self->last_error_ = text != nullptr && *text != '\0' ? text : natsStatus_GetText(what);
    const auto now = steady_clock::now();
    auto& said = self->said_[what];
    if (said != steady_clock::time_point{} && now - said < same_error_every) return;
    said = now;
    log::error("bus", "the broker's client reports an error",
               {{"error", self->last_error_},
                {"subject", sub == nullptr ? "" : natsSubscription_GetSubject(sub)},
                {"slow_consumer_total", self->slow_consumer_.load()}});
} catch (...) {
    // Only out of memory gets here; the counters stand.
}

}  // namespace

result<std::unique_ptr<driver>> make_nats_driver(nats_settings with)
{
    auto how = detail::prepare(with);
    if (!how) return how.error();
    auto made = std::make_unique<nats_driver>(std::move(with), std::move(*how));
    if (auto done = made->configure(); !done) return done.error();
    return std::unique_ptr<driver>{std::move(made)};
}

bool shutdown_nats_library(std::chrono::milliseconds limit)
{
    const auto status = nats_CloseAndWait(std::max<std::int64_t>(1, limit.count()));
    return status == NATS_OK || status == NATS_NOT_INITIALIZED;  // the latter: nothing was ever made
}

}  // namespace strowger::bus
