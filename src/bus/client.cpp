#include "bus/client.hpp"

#include "base/log.hpp"
#include "bus/detail/nats_options.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace strowger::bus {
namespace {

errc translated(natsStatus s)
{
    switch (s) {
        case NATS_TIMEOUT:
            return errc::timeout;
        case NATS_NO_RESPONDERS:
            return errc::no_responders;
        case NATS_MAX_PAYLOAD:
            return errc::too_large;
        case NATS_INVALID_SUBJECT:
            return errc::bad_subject;
        case NATS_NO_SERVER:
        case NATS_CONNECTION_CLOSED:
        case NATS_CONNECTION_DISCONNECTED:
        case NATS_CONNECTION_AUTH_FAILED:
        case NATS_IO_ERROR:
            return errc::not_connected;
        default:
            return errc::library;
    }
}

struct listener {
    handler on_message;
    detail::subscription_ptr live;
};

void deliver(natsConnection*, natsSubscription*, natsMsg* raw, void* closure) noexcept
{
    const detail::message_ptr owned{raw};
    try {
        const char* reply = natsMsg_GetReply(raw);
        static_cast<listener*>(closure)->on_message(
            message{natsMsg_GetSubject(raw),
                    {natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw))},
                    {reply == nullptr ? "" : reply},
                    steady_clock::now()});
    } catch (const std::exception& wrong) {
        log::error("bus", "a message handler failed", {{"what", wrong.what()}});
    }
}

}  // namespace

struct client::impl {
    std::unique_ptr<detail::prepared> how;
    detail::connection_ptr link;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<listener> listeners;
    std::size_t unfinished = 0;

    static void on_complete(void* closure) noexcept
    {
        auto* self = static_cast<impl*>(closure);
        const std::lock_guard lock{self->mutex};
        --self->unfinished;
        self->changed.notify_all();
    }

    ~impl()
    {
        std::unique_lock lock{mutex};
        for (auto& it : listeners) it.live.reset();
        changed.wait(lock, [this] { return unfinished == 0; });
    }
};

client::client(std::unique_ptr<impl> self) : self_{std::move(self)} {}
client::~client() = default;

result<std::unique_ptr<client>> client::connect(const nats_settings& with)
{
    auto how = detail::prepare(with);
    if (!how) return how.error();
    auto self = std::make_unique<impl>();
    self->how = std::move(*how);
    natsOptions* options = self->how->options.get();
    natsOptions_SetMaxReconnect(options, -1);
    natsOptions_SetReconnectWait(options, with.reconnect_wait_ms);
    natsOptions_SetSendAsap(options, true);
    natsConnection* raw = nullptr;
    if (const natsStatus s = natsConnection_Connect(&raw, options); s != NATS_OK) return translated(s);
    self->link.reset(raw);
    return std::unique_ptr<client>{new client{std::move(self)}};
}

result<std::string> client::request(std::string_view subject, std::string_view payload,
                                    std::chrono::milliseconds limit)
{
    natsMsg* raw = nullptr;
    const natsStatus s =
        natsConnection_Request(&raw, self_->link.get(), std::string{subject}.c_str(), payload.data(),
                               static_cast<int>(payload.size()), std::max<std::int64_t>(1, limit.count()));
    const detail::message_ptr answer{raw};
    if (s != NATS_OK) return translated(s);
    return std::string{natsMsg_GetData(raw), static_cast<std::size_t>(natsMsg_GetDataLength(raw))};
}

result<void> client::publish(std::string_view subject, std::string_view payload)
{
    const natsStatus s = natsConnection_Publish(self_->link.get(), std::string{subject}.c_str(), payload.data(),
                                                static_cast<int>(payload.size()));
    if (s != NATS_OK) return translated(s);
    return {};
}

result<void> client::subscribe(std::string_view subject, handler on_message)
{
    const std::lock_guard lock{self_->mutex};
    auto& added = self_->listeners.emplace_back(listener{std::move(on_message), nullptr});
    natsSubscription* raw = nullptr;
    const natsStatus s =
        natsConnection_Subscribe(&raw, self_->link.get(), std::string{subject}.c_str(), &deliver, &added);
    if (s != NATS_OK) {
        self_->listeners.pop_back();
        return translated(s);
    }
    added.live.reset(raw);
    if (natsSubscription_SetOnCompleteCB(raw, &impl::on_complete, self_.get()) == NATS_OK) ++self_->unfinished;
    return {};
}

bool client::flush(std::chrono::milliseconds limit)
{
    return natsConnection_FlushTimeout(self_->link.get(), std::max<std::int64_t>(1, limit.count())) == NATS_OK;
}

bool client::is_connected() const noexcept
{
    return natsConnection_Status(self_->link.get()) == NATS_CONN_STATUS_CONNECTED;
}

client::server_info client::info() const
{
    server_info out;
    std::array<char, 256> text{};
    out.url = self_->how->where.shown();
    if (natsConnection_GetConnectedServerId(self_->link.get(), text.data(), text.size()) == NATS_OK)
        out.id = text.data();
    out.max_payload = static_cast<std::size_t>(natsConnection_GetMaxPayload(self_->link.get()));
    std::int64_t took_ns = 0;
    if (natsConnection_GetRTT(self_->link.get(), &took_ns) == NATS_OK)
        out.round_trip = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds{took_ns});
    return out;
}

}  // namespace strowger::bus
