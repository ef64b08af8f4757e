#include "freeswitch/host.hpp"

#include "freeswitch/channel.hpp"
#include "freeswitch/events.hpp"
#include "freeswitch/session_guard.hpp"

#include <cstdlib>

namespace strowger::freeswitch {
namespace {

/// The growing text that an API verb writes into.
class text_stream {
public:
    text_stream() { SWITCH_STANDARD_STREAM(stream_); }
    ~text_stream() { std::free(stream_.data); }
    text_stream(const text_stream&) = delete;
    text_stream& operator=(const text_stream&) = delete;

    switch_stream_handle_t* handle() noexcept { return &stream_; }
    std::string text() const { return stream_.data != nullptr ? static_cast<const char*>(stream_.data) : ""; }

private:
    switch_stream_handle_t stream_{};
};

pbx::api_reply run(const std::string& verb, const std::string& args)
{
    text_stream out;
    const auto status =
        switch_api_execute(verb.c_str(), args.empty() ? nullptr : args.c_str(), nullptr, out.handle());
    return {status == SWITCH_STATUS_SUCCESS, out.text()};
}

std::string_view last_word(std::string_view text) noexcept
{
    const auto end = text.find_last_not_of(" \t\r\n");
    if (end == std::string_view::npos) return {};
    text = text.substr(0, end + 1);
    const auto blank = text.find_last_of(" \t\r\n");
    return blank == std::string_view::npos ? text : text.substr(blank + 1);
}

}  // namespace

pbx::registration_ptr host::subscribe(pbx::event_subscriber subscriber)
{
    return bind_events(std::move(subscriber));
}

void host::fire(pbx::event what)
{
    fire_event(what);
}

bool host::names_own_module(std::string_view verb, std::string_view args) const
{
    return (verb == "load" || verb == "unload" || verb == "reload") && last_word(args) == module_name_;
}

pbx::api_reply host::execute(std::string_view verb, std::string_view args)
{
    if (!names_own_module(verb, args)) return run(std::string{verb}, std::string{args});
    // The `&` gives the task a thread of its own: an unload waits, and the scheduler has other tasks.
    const auto added =
        run("sched_api", "+1 " + module_name_ + " " + std::string{verb} + " " + std::string{args} + "&");
    if (!added.ok || !added.text.starts_with("+OK")) return added;
    return {true, "+OK scheduled"};
}

pbx::originate_reply host::originate(const pbx::originate_request& request)
{
    return freeswitch::originate(request, originates_);
}

pbx::registration_ptr host::add_api(pbx::api_command command)
{
    return apis_.add(std::move(command));
}

std::shared_ptr<pbx::channel> host::find(std::string_view uuid)
{
    std::string name{uuid};
    if (!session_guard{name}) return nullptr;
    return std::make_shared<channel>(std::move(name));
}

pbx::registration_ptr host::hook_dialplan(pbx::dialplan_hook)
{
    return nullptr;
}

pbx::host_facts host::facts() const
{
    return {
        .name = switch_core_get_switchname(),
        .version = switch_version_full(),
        .product = "FreeSWITCH",
        .uptime = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::microseconds{switch_core_uptime()}),
        .sessions = switch_core_session_count()};
}

}  // namespace strowger::freeswitch
