#include "freeswitch/channel.hpp"

#include "freeswitch/session_guard.hpp"

#include <cstdlib>

namespace strowger::freeswitch {
namespace {

using implementation_getter = switch_status_t (*)(switch_core_session_t*, switch_codec_implementation_t*);

pbx::media_format format_of(const std::string& uuid, implementation_getter get)
{
    const session_guard leg{uuid};
    switch_codec_implementation_t codec{};
    if (!leg || get(leg.session(), &codec) != SWITCH_STATUS_SUCCESS || codec.actual_samples_per_second == 0)
        return {};
    return {codec.actual_samples_per_second, static_cast<std::uint32_t>(codec.microseconds_per_packet) / 1000,
            static_cast<std::uint32_t>(codec.number_of_channels)};
}

}  // namespace

bool channel::alive() const noexcept
{
    const session_guard leg{uuid_};
    return leg && switch_channel_up(leg.channel());
}

std::optional<std::string> channel::variable(std::string_view name) const
{
    const session_guard leg{uuid_};
    if (!leg) return std::nullopt;
    const std::unique_ptr<char, decltype(&std::free)> value{
        const_cast<char*>(switch_channel_get_variable_strdup(leg.channel(), std::string{name}.c_str())), &std::free};
    if (!value) return std::nullopt;
    return std::string{value.get()};
}

bool channel::set_variable(std::string_view name, std::string_view value)
{
    const session_guard leg{uuid_};
    if (!leg) return false;
    return switch_channel_set_variable_var_check(leg.channel(), std::string{name}.c_str(), std::string{value}.c_str(),
                                                 SWITCH_FALSE) == SWITCH_STATUS_SUCCESS;
}

pbx::media_format channel::read_format() const
{
    return format_of(uuid_, &switch_core_session_get_read_impl);
}

pbx::media_format channel::write_format() const
{
    return format_of(uuid_, &switch_core_session_get_write_impl);
}

bool channel::hang_up(pbx::cause why)
{
    const session_guard leg{uuid_};
    if (!leg || !switch_channel_up(leg.channel())) return false;
    switch_channel_hangup(leg.channel(), static_cast<switch_call_cause_t>(why));
    return true;
}

bool channel::attach(std::shared_ptr<pbx::tap>)
{
    return false;
}

void channel::detach(const std::shared_ptr<pbx::tap>&) {}

}  // namespace strowger::freeswitch
