#include "hub/reply.hpp"

#include "base/clock.hpp"
#include "hub/json_text.hpp"

namespace strowger::hub {

void reply::key(std::string_view name)
{
    more_ += ',';
    append_json_string(more_, name);
    more_ += ':';
}

reply&& reply::with(std::string_view name, std::string_view text) &&
{
    key(name);
    append_json_string(more_, text);
    return std::move(*this);
}

reply&& reply::with(std::string_view name, bool value) &&
{
    key(name);
    more_ += value ? "true" : "false";
    return std::move(*this);
}

reply&& reply::with(std::string_view name, std::int64_t value) &&
{
    key(name);
    append_json_integer(more_, value);
    return std::move(*this);
}

reply&& reply::with_json(std::string_view name, std::string_view json) &&
{
    key(name);
    more_ += json;
    return std::move(*this);
}

std::string reply::render(std::string_view node_id) const
{
    std::string out;
    out.reserve(160 + message_.size() + more_.size());
    out =
        ok_ ? R"({"success":true,"status":"success","message":)" : R"({"success":false,"status":"error","message":)";
    append_json_string(out, message_);
    out += ",\"timestamp\":";
    append_json_integer(out, now_us());
    out += ",\"node_id\":";
    append_json_string(out, node_id.empty() ? "unknown" : node_id);
    out += more_;
    if (!code_.empty()) {
        out += ",\"code\":";
        append_json_string(out, code_);
    }
    if (!field_.empty()) {
        out += ",\"field\":";
        append_json_string(out, field_);
    }
    out += '}';
    return out;
}

}  // namespace strowger::hub
