#include "freeswitch/events.hpp"

#include "base/log.hpp"

#include <cstring>
#include <exception>

namespace strowger::freeswitch {
namespace {

std::string_view view(const char* text) noexcept
{
    return text != nullptr ? std::string_view{text} : std::string_view{};
}

class binding final : public pbx::registration {
public:
    explicit binding(pbx::event_subscriber subscriber) : subscriber_{std::move(subscriber)} {}
    /// switch_event_unbind takes the lock that deliveries hold shared, so it returns after the last callback.
    ~binding() override
    {
        if (node_ != nullptr) switch_event_unbind(&node_);
    }

    bool bind()
    {
        return switch_event_bind_removable("strowger", SWITCH_EVENT_ALL, SWITCH_EVENT_SUBCLASS_ANY, &binding::deliver,
                                           this, &node_) == SWITCH_STATUS_SUCCESS;
    }

private:
    static void deliver(switch_event_t* what) noexcept
    {
        auto& self = *static_cast<binding*>(what->bind_user_data);
        try {
            const auto name = view(switch_event_name(what->event_id));
            if (self.subscriber_.wants && !self.subscriber_.wants(name, view(what->subclass_name))) return;
            self.subscriber_.on_event(std::make_shared<const pbx::event>(translate(*what)));
        } catch (const std::exception& wrong) {
            log::error("host", "event lost", {{"ec", wrong.what()}});
        }
    }

    pbx::event_subscriber subscriber_;
    switch_event_node_t* node_ = nullptr;
};

/// What FreeSWITCH writes into every event that it fires (switch_event_prep_for_delivery_detailed).
bool is_standard(std::string_view header) noexcept
{
    return header.starts_with("FreeSWITCH-") || header.starts_with("Event-Calling-") ||
           header.starts_with("Event-Date-") || header == "Event-Name" || header == "Event-Subclass" ||
           header == "Event-Sequence" || header == "Core-UUID";
}

switch_event_t* create_event(const pbx::event& what)
{
    auto kind = SWITCH_EVENT_CUSTOM;
    switch_name_event(what.name().c_str(), &kind);
    switch_event_t* out = nullptr;
    const char* subclass = what.subclass().empty() ? nullptr : what.subclass().c_str();
    if (kind == SWITCH_EVENT_CUSTOM && subclass != nullptr) {
        switch_event_create_subclass(&out, SWITCH_EVENT_CUSTOM, subclass);
    } else {
        switch_event_create(&out, kind);
    }
    return out;
}

}  // namespace

pbx::event translate(const switch_event_t& in)
{
    std::size_t headers = 0;
    std::size_t bytes = 0;
    for (const auto* at = in.headers; at != nullptr; at = at->next) {
        ++headers;
        bytes += view(at->name).size() + view(at->value).size();
    }
    pbx::event out{view(switch_event_name(in.event_id)), view(in.subclass_name)};
    out.reserve(headers, bytes);
    for (const auto* at = in.headers; at != nullptr; at = at->next) out.add(view(at->name), view(at->value));
    if (in.body != nullptr) out.set_body(in.body);
    return out;
}

pbx::registration_ptr bind_events(pbx::event_subscriber subscriber)
{
    auto made = std::make_unique<binding>(std::move(subscriber));
    if (!made->bind()) return nullptr;
    return made;
}

void fire_event(const pbx::event& what)
{
    switch_event_t* out = create_event(what);
    if (out == nullptr) return;
    for (std::size_t i = 0; i < what.size(); ++i) {
        const auto [name, value] = what[i];
        if (is_standard(name)) continue;
        switch_event_add_header_string(out, SWITCH_STACK_BOTTOM, std::string{name}.c_str(),
                                       std::string{value}.c_str());
    }
    if (!what.body().empty()) switch_event_set_body(out, what.body().c_str());
    switch_event_fire(&out);
}

}  // namespace strowger::freeswitch
