#include "softswitch/event_bus.hpp"

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "softswitch/text.hpp"

#include <array>
#include <ctime>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

namespace strowger::softswitch {
namespace {

/// The machine's first address of that family that is not loopback; the loopback address if it has none.
std::string own_address(int family)
{
    std::string out = family == AF_INET ? "127.0.0.1" : "::1";
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) != 0) return out;
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner{all, &freeifaddrs};
    for (const auto* each = all; each != nullptr; each = each->ifa_next) {
        if (!each->ifa_addr || each->ifa_addr->sa_family != family || (each->ifa_flags & IFF_LOOPBACK) != 0) continue;
        std::array<char, INET6_ADDRSTRLEN> text{};
        const void* address =
            family == AF_INET
                ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr)
                : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(each->ifa_addr)->sin6_addr);
        if (inet_ntop(family, address, text.data(), text.size())) return text.data();
    }
    return out;
}

std::string format_time(const std::tm& when, const char* format)
{
    std::array<char, 64> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format, &when)};
}

}  // namespace

/// A subscriber and the lock that is held while its handler runs.
struct event_bus::entry {
    pbx::event_subscriber subscriber;
    std::mutex running;
    std::atomic<bool> active{true};
};

class event_bus::subscription final : public pbx::registration {
public:
    explicit subscription(std::shared_ptr<entry> of) : of_{std::move(of)} {}
    ~subscription() override
    {
        of_->active = false;
        const std::lock_guard wait_for_handler{of_->running};
    }
    subscription(const subscription&) = delete;
    subscription& operator=(const subscription&) = delete;

private:
    std::shared_ptr<entry> of_;
};

event_bus::event_bus(control_loop& control, std::string hostname)
    : control_{control},
      hostname_{std::move(hostname)},
      core_uuid_{make_uuid()},
      ipv4_{own_address(AF_INET)},
      ipv6_{own_address(AF_INET6)},
      entries_{std::make_shared<const entries>()}
{
}

event_bus::~event_bus() = default;

std::shared_ptr<const event_bus::entries> event_bus::current() const
{
    const std::lock_guard lock{mutex_};
    return entries_;
}

bool event_bus::wanted(std::string_view name, std::string_view subclass) const
{
    for (const auto& each : *current())
        if (each->active && (!each->subscriber.wants || each->subscriber.wants(name, subclass))) return true;
    return false;
}

void event_bus::refresh_dates(std::int64_t now)
{
    const auto second = now / 1000000;
    if (second == dated_second_) return;
    dated_second_ = second;
    const auto when = static_cast<std::time_t>(second);
    std::tm gmt{};
    gmtime_r(&when, &gmt);
    local_date_ = format_local(second);
    gmt_date_ = format_time(gmt, "%a, %d %b %Y %H:%M:%S GMT");
}

void event_bus::add_standard(pbx::event& to, const origin& from)
{
    const auto now = now_us();
    refresh_dates(now);
    to.add("Event-Name", to.name());
    to.add("Core-UUID", core_uuid_);
    to.add("FreeSWITCH-Hostname", hostname_);
    to.add("FreeSWITCH-Switchname", hostname_);
    to.add("FreeSWITCH-IPv4", ipv4_);
    to.add("FreeSWITCH-IPv6", ipv6_);
    to.add("Event-Date-Local", local_date_);
    to.add("Event-Date-GMT", gmt_date_);
    to.add("Event-Date-Timestamp", text::digits{now});
    to.add("Event-Calling-File", from.file);
    to.add("Event-Calling-Function", from.function);
    to.add("Event-Calling-Line-Number", from.line);
    to.add("Event-Sequence",
           text::digits{static_cast<std::int64_t>(sequence_.fetch_add(1, std::memory_order_relaxed) + 1)});
}

pbx::event event_bus::make(std::string_view name, const origin& from, std::string_view subclass)
{
    pbx::event out{name, subclass};
    out.reserve(192, 6144);
    out.add("Event-Subclass", subclass);
    add_standard(out, from);
    return out;
}

void event_bus::send(pbx::event what)
{
    const auto shared = std::make_shared<const pbx::event>(std::move(what));
    for (const auto& each : *current()) {
        if (!each->active) continue;
        if (each->subscriber.wants && !each->subscriber.wants(shared->name(), shared->subclass())) continue;
        const std::lock_guard lock{each->running};
        if (each->active) each->subscriber.on_event(shared);
    }
}

void event_bus::publish(pbx::event what)
{
    control_.post([this, what = std::move(what)] {
        static constexpr origin feature{"strowger", "fire", "0"};
        if (!wanted(what.name(), what.subclass())) return;
        auto out = make(what.name(), feature, what.subclass());
        for (std::size_t i = 0; i < what.size(); ++i)
            if (!out.has(what[i].name)) out.add(what[i].name, what[i].value);
        out.set_body(what.body());
        send(std::move(out));
    });
}

pbx::registration_ptr event_bus::subscribe(pbx::event_subscriber subscriber)
{
    auto fresh = std::make_shared<entry>();
    fresh->subscriber = std::move(subscriber);
    const std::lock_guard lock{mutex_};
    auto next = std::make_shared<entries>(*entries_);
    std::erase_if(*next, [](const auto& each) { return !each->active; });
    next->push_back(fresh);
    entries_ = std::move(next);
    return std::make_unique<subscription>(std::move(fresh));
}

std::string format_local(std::int64_t epoch_s)
{
    const auto when = static_cast<std::time_t>(epoch_s);
    std::tm local{};
    localtime_r(&when, &local);
    return format_time(local, "%Y-%m-%d %H:%M:%S");
}

}  // namespace strowger::softswitch
