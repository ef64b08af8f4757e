#include "hub/publisher.hpp"

#include "base/log.hpp"
#include "hub/subjects.hpp"

#include <algorithm>

namespace strowger::hub {
namespace {

using namespace std::chrono_literals;

constexpr auto bus_full_pause = 1ms;  // the I/O thread empties a mebibyte faster than that
constexpr auto bus_away_pause = 20ms;
constexpr auto drops_said_every = 10s;
constexpr auto least_between_writes = 1ms;
constexpr std::size_t burst = 64;  // worth a wake-up before the millisecond is over
constexpr std::size_t max_classes = 32;

std::size_t weight(const pbx::event& what)
{
    return what.bytes() + sizeof(pbx::event);
}

}  // namespace

std::string subject_class(std::string_view event_name)
{
    std::string out;
    append_event_tail(out, event_name);
    return out.substr(0, out.find('.'));
}

publisher::publisher(options with, bus::driver& over) : with_{std::move(with)}, bus_{over}, json_{with_.json} {}

publisher::~publisher()
{
    stop(0ms);
}

void publisher::start()
{
    if (!thread_.joinable()) thread_ = std::thread{[this] { run(); }};
}

void publisher::stop(std::chrono::milliseconds flush)
{
    {
        const std::lock_guard lock{mutex_};
        if (!stopping_) stop_by_ = steady_clock::now() + flush;
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    const std::lock_guard lock{mutex_};
    for (const auto& it : queue_) drop(*it.what);
    queue_.clear();
    bytes_ = 0;
}

bool publisher::out_of_time() const
{
    return steady_clock::now() >= stop_by_.load();
}

void publisher::push(pbx::event_ptr what)
{
    const auto size = weight(*what);
    bool wake = false;
    {
        const std::lock_guard lock{mutex_};
        const auto seq = ++last_seq_;
        const auto full = [&] { return queue_.size() >= with_.max_events || bytes_ + size > with_.max_bytes; };
        while (with_.drop_oldest && size <= with_.max_bytes && full() && !queue_.empty()) {
            bytes_ -= weight(*queue_.front().what);
            drop(*queue_.front().what);
            queue_.pop_front();
        }
        if (stopping_ || full()) return drop(*what);
        queue_.push_back({std::move(what), seq});
        bytes_ += size;
        wake = std::exchange(asleep_, false) || queue_.size() == burst;
    }
    if (wake) wake_.notify_one();
}

/// Needs mutex_.
void publisher::drop(const pbx::event& what)
{
    ++dropped_total_;
    auto name = subject_class(what.name());
    if (dropped_.size() >= max_classes && !dropped_.contains(name)) name = "other";
    ++dropped_[name];
    report_drops(steady_clock::now());
}

/// Needs mutex_.
void publisher::report_drops(steady_clock::time_point now)
{
    if (dropped_total_ == dropped_said_) return;
    if (said_at_ != steady_clock::time_point{} && now - said_at_ < drops_said_every) return;
    std::string classes;
    for (const auto& [name, count] : dropped_)
        classes += (classes.empty() ? "" : ",") + name + ":" + std::to_string(count);
    log::warn(
        "hub", "the event queue is full, events are lost",
        {{"dropped_total", dropped_total_}, {"since_last", dropped_total_ - dropped_said_}, {"by_class", classes}});
    dropped_said_ = dropped_total_;
    said_at_ = now;
}

void publisher::tick()
{
    const std::lock_guard lock{mutex_};
    report_drops(steady_clock::now());
}

/// Waits for an event and a bus to take it: while the bus is away events stay in the queue, where the bound and
/// the policy rule. @return false when there is nothing left to do, or no time left for it
bool publisher::next(item& out)
{
    std::unique_lock lock{mutex_};
    while (queue_.empty() || !bus_.is_connected()) {
        if (stopping_ && ((queue_.empty() && !holding_) || out_of_time())) return false;
        if (!queue_.empty()) {
            wake_.wait_for(lock, bus_away_pause);
        } else if (holding_) {
            let_out(lock);
        } else {
            asleep_ = true;
            wake_.wait(lock, [this] { return !queue_.empty() || stopping_; });
            asleep_ = false;
        }
    }
    out = std::move(queue_.front());
    queue_.pop_front();
    bytes_ -= weight(*out.what);
    return true;
}

/// Lets what the bus holds back leave: at once when it is the first in a while, else together with what comes in
/// the rest of the millisecond, and nobody pays for waking us meanwhile.
void publisher::let_out(std::unique_lock<std::mutex>& lock)
{
    const auto due = let_out_at_ + least_between_writes;
    if (wake_.wait_until(lock, due, [this] { return stopping_ || queue_.size() >= burst; }) && !stopping_) return;
    if (!queue_.empty()) return;
    lock.unlock();
    bus_.push_out();
    lock.lock();
    let_out_at_ = steady_clock::now();
    holding_ = false;
}

void publisher::run()
{
    item it;
    while (next(it)) {
        send(it);
        it.what.reset();
    }
}

bus::publish_outcome publisher::offer(const std::string& subject)
{
    while (true) {
        const auto outcome = bus_.publish(subject, text_, json_.uuid());
        const bool wait =
            outcome == bus::publish_outcome::queue_full || outcome == bus::publish_outcome::not_connected;
        if (!wait || out_of_time()) return outcome;
        std::unique_lock lock{mutex_};
        wake_.wait_for(lock, outcome == bus::publish_outcome::queue_full ? bus_full_pause : bus_away_pause);
    }
}

void publisher::send_to(const std::string& subject, const item& it)
{
    auto outcome = offer(subject);
    if (outcome == bus::publish_outcome::too_large) {
        text_ = json_.write(*it.what, it.seq, false);
        outcome = offer(subject);
    }
    holding_ = true;
    if (outcome == bus::publish_outcome::accepted) {
        published_.fetch_add(1, std::memory_order_relaxed);
        bytes_sent_.fetch_add(text_.size(), std::memory_order_relaxed);
    } else {
        failed_.fetch_add(1, std::memory_order_relaxed);
    }
}

void publisher::send(const item& it)
{
    text_ = json_.write(*it.what, it.seq, true);
    subject_ = with_.prefix;
    subject_ += ".events.";
    append_event_tail(subject_, it.what->name());
    std::string token;
    if (with_.custom != custom_subjects::flat && !it.what->subclass().empty())
        token = subclass_token(it.what->subclass());
    if (token.empty() || with_.custom == custom_subjects::both) send_to(subject_, it);
    if (token.empty()) return;
    subject_ += '.';
    subject_ += token;
    send_to(subject_, it);
}

publisher::counts publisher::count() const
{
    counts out;
    out.published = published_;
    out.failed = failed_;
    out.bytes = bytes_sent_;
    const std::lock_guard lock{mutex_};
    out.dropped = dropped_total_;
    out.dropped_by_class = dropped_;
    out.queued = queue_.size();
    return out;
}

}  // namespace strowger::hub
