#include "freeswitch/originate.hpp"

#include "freeswitch/session_guard.hpp"

namespace strowger::freeswitch {
namespace {

struct destroy_event {
    void operator()(switch_event_t* what) const noexcept { switch_event_destroy(&what); }
};
using event_owner = std::unique_ptr<switch_event_t, destroy_event>;

void add(switch_event_t* block, const std::string& name, const std::string& value)
{
    switch_event_add_header_string(block, SWITCH_STACK_BOTTOM, name.c_str(), value.c_str());
}

/// The variables of the new leg, as the parsed form of a `{…}` block.
event_owner variables_of(const pbx::originate_request& request)
{
    switch_event_t* block = nullptr;
    if (switch_event_create_plain(&block, SWITCH_EVENT_CHANNEL_DATA) != SWITCH_STATUS_SUCCESS) return nullptr;
    event_owner owner{block};
    bool has_dollar = false;
    for (const auto& [name, value] : request.variables) {
        add(block, name, value);
        has_dollar = has_dollar || value.find('$') != std::string::npos;
    }
    // Without it FreeSWITCH drops a value that looks like a variable reference instead of setting it.
    if (has_dollar) add(block, "origination_nested_vars", "true");
    if (!request.uuid.empty()) add(block, "origination_uuid", request.uuid);
    return owner;
}

const char* or_null(const std::string& text) noexcept
{
    return text.empty() ? nullptr : text.c_str();
}

/// Hands the new leg to `&app(args)`; false when it is not of that form.
bool run_application(const session_guard& leg, const std::string& extension)
{
    if (extension.size() < 2 || extension.front() != '&') return false;
    const auto open = extension.find('(');
    const auto close = extension.rfind(')');
    const std::string name = extension.substr(1, std::min(open, close) - 1);
    std::string args;
    if (open != std::string::npos && close != std::string::npos && close > open)
        args = extension.substr(open + 1, close - open - 1);

    auto* plan = switch_caller_extension_new(leg.session(), name.c_str(), or_null(args));
    switch_caller_extension_add_application(leg.session(), plan, name.c_str(), or_null(args));
    switch_channel_set_caller_extension(leg.channel(), plan);
    switch_channel_set_state(leg.channel(), CS_EXECUTE);
    return true;
}

pbx::originate_reply refused(switch_call_cause_t why)
{
    pbx::originate_reply reply;
    reply.why = static_cast<pbx::cause>(why);
    reply.text = std::string{"-ERR "} + switch_channel_cause2str(why) + "\n";
    return reply;
}

}  // namespace

pbx::originate_reply originate(const pbx::originate_request& request, originate_canceller& canceller)
{
    const auto variables = variables_of(request);
    switch_core_session_t* made = nullptr;
    auto why = SWITCH_CAUSE_NORMAL_CLEARING;
    const auto status = switch_ivr_originate(nullptr, &made, &why, request.endpoint.c_str(),
                                             static_cast<std::uint32_t>(request.timeout.count()), nullptr,
                                             or_null(request.caller_id_name), or_null(request.caller_id_number),
                                             nullptr, variables.get(), SOF_NONE, canceller.cause(), nullptr);
    if (status != SWITCH_STATUS_SUCCESS || made == nullptr) return refused(why);

    const session_guard leg{made};
    if (!run_application(leg, request.extension))
        switch_ivr_session_transfer(leg.session(), request.extension.c_str(), request.dialplan.c_str(),
                                    request.context.c_str());
    pbx::originate_reply reply;
    reply.ok = true;
    reply.uuid = switch_core_session_get_uuid(leg.session());
    reply.text = "+OK " + reply.uuid + "\n";
    return reply;
}

}  // namespace strowger::freeswitch
