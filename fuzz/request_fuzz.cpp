// A request's payload: any bytes on any lane are read into a request or an answer that is valid JSON, and so are the
// fields of every command that is read from it.
#include "hub/call_commands.hpp"
#include "hub/request.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace strowger::hub;

void must_be_json(const reply& it)
{
    if (!json_view::parse(it.render("fuzz"))) std::abort();
}

template <class Order>
void check(const std::variant<Order, reply>& read)
{
    if (const auto* wrong = std::get_if<reply>(&read)) must_be_json(*wrong);
}

void read_all(const request& from)
{
    meant_for(from.fields, "fuzz");
    check(read_api_call(from));
    check(read_originate(from.fields, {}));
    check(read_originate(from.fields, {true, false}));
    check(read_hangup(from.fields));
    check(read_bridge(from.fields, {}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view payload{reinterpret_cast<const char*>(data), size};
    for (const auto to : {lane::api, lane::status, lane::originate, lane::hangup, lane::bridge, lane::dialplan}) {
        const auto read = read_request(to, "audio", payload);
        check(read);
        if (const auto* from = std::get_if<request>(&read)) read_all(*from);
    }
    return 0;
}
