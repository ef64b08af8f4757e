#pragma once
#include "hub/json_view.hpp"
#include "hub/reply.hpp"
#include "hub/subjects.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace strowger::hub {

/// A payload that could be read. Lifetime of `fields`: the payload's.
struct request {
    json_view fields = json_view::empty_object();
    bool is_json = false;  ///< it was a JSON object, so it can be filtered, authorised and made async
    std::string line;      ///< plain text: verb, then arguments
};

/// Reads a payload for a lane; `action` is the last word of a dialplan subject.
/// @return the request, or the answer that says what is wrong with it
std::variant<request, reply> read_request(lane to, std::string_view action, std::string_view payload);

/// A verb of the host with its arguments.
struct api_call {
    std::string verb, args;
    bool has_args = false;  ///< the request named arguments, were they empty
};
/// Of a request on the API lane: what it wants done.
std::variant<api_call, reply> read_api_call(const request& from);

/// Whether a request that says `node_id` means the node `slug`.
bool meant_for(const json_view& fields, std::string_view node);

/// The channel a host verb acts on: the first argument of `uuid_*`; empty if none.
std::string_view channel_of(std::string_view verb, std::string_view args) noexcept;

std::string_view trimmed_blanks(std::string_view text) noexcept;

}  // namespace strowger::hub
