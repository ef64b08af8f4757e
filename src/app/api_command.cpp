#include "app/bus_access.hpp"
#include "app/commands.hpp"
#include "hub/json_text.hpp"
#include "hub/json_view.hpp"
#include "hub/subjects.hpp"

#include <cstdio>

namespace strowger::app {
namespace {

std::string request_of(const api_options& options, const std::string& token)
{
    std::string arguments;
    for (std::size_t i = 1; i < options.words.size(); ++i) arguments += (i > 1 ? " " : "") + options.words[i];
    std::string out = "{\"command\":";
    hub::append_json_string(out, options.words.front());
    out += ",\"args\":";
    hub::append_json_string(out, arguments);
    if (!token.empty()) {
        out += ",\"auth\":";
        hub::append_json_string(out, token);
    }
    return out + "}";
}

void print(std::FILE* to, std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), to);
    if (!text.ends_with('\n')) std::fputc('\n', to);
}

std::string text_of(const hub::json_view& reply, std::string_view key)
{
    const auto found = reply.field(key);
    if (!found) return {};
    return found->is_string() ? found->text() : std::string{found->raw()};
}

int show(std::string_view payload, bool whole)
{
    const auto reply = hub::json_view::parse(payload);
    if (!reply || !reply->is_object()) {
        print(stderr, "strowger: the answer is not a JSON object; expected one from a Strowger or FreeSWITCH node");
        return exit_failed;
    }
    const auto success = reply->field("success");
    const bool well = success && success->is_true();
    if (whole) {
        print(stdout, payload);
    } else if (well) {
        if (const auto text = text_of(*reply, "data"); !text.empty()) print(stdout, text);
    } else {
        print(stderr, text_of(*reply, "message"));
    }
    return well ? exit_well : exit_failed;
}

}  // namespace

int run_api(const common_options& common, const api_options& options)
{
    const auto bus = open_bus(common, options.bus);
    if (!bus.client) return exit_failed;
    const auto subject = bus.prefix + ".api" + (options.node.empty() ? "" : "." + hub::slug(options.node));
    const auto reply = bus.client->request(subject, request_of(options, bus.token), options.timeout);
    if (reply) return show(*reply, options.json);
    const auto why = reply.error();
    std::string hint = why.message();
    if (why == bus::errc::no_responders)
        hint = options.node.empty() ? "no exchange is connected there; start one with `strowger up`"
                                    : "no node \"" + hub::slug(options.node) + "\" is connected there";
    if (why == bus::errc::timeout) hint = "no answer in time; give it longer with --timeout";
    std::fprintf(stderr, "strowger: %s at %s: %s\n", subject.c_str(), bus.url.c_str(), hint.c_str());
    return exit_failed;
}

}  // namespace strowger::app
