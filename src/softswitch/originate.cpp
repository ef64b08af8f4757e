#include "softswitch/originate.hpp"

#include "softswitch/dialer.hpp"
#include "softswitch/text.hpp"

namespace strowger::softswitch {
namespace {

constexpr std::string_view nobody = "0000000000";

/// Where the dial string at the front of `args` ends: the first blank outside of brackets and quotes.
std::size_t end_of_dial_string(std::string_view args) noexcept
{
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const char c = args[i];
        if (c == '\\') {
            ++i;
        } else if (c == '\'') {
            quoted = !quoted;
        } else if (!quoted && (c == '{' || c == '[' || c == '<')) {
            ++depth;
        } else if (!quoted && (c == '}' || c == ']' || c == '>')) {
            --depth;
        } else if (!quoted && depth <= 0 && c == ' ') {
            return i;
        }
    }
    // What was opened and never closed: the first blank, as if it had not been opened.
    return depth > 0 || quoted ? std::min(args.find(' '), args.size()) : args.size();
}

pbx::originate_reply refusal(pbx::cause why)
{
    return {false, "-ERR " + std::string{pbx::to_string(why)} + '\n', {}, why};
}

/// `&app(args)`, or a number to route.
void send_to(channel& winner, const pbx::originate_request& request)
{
    if (request.extension.size() < 2 || request.extension.front() != '&')
        return winner.transfer(request.extension, request.dialplan, request.context);
    // Up to the last parenthesis: tone scripts have some of their own.
    std::string_view inside = std::string_view{request.extension}.substr(1);
    if (const auto end = inside.rfind(')'); end != std::string_view::npos) inside = inside.substr(0, end);
    const auto [application, arguments] = text::cut(inside, '(');
    winner.run({std::string{application},
                winner.profile().destination_number,
                {{std::string{application}, std::string{arguments}}},
                0});
}

dial_request dial_request_of(const pbx::originate_request& request, dial_string whom)
{
    auto& settings = whom.settings;
    settings.insert(settings.end(), request.variables.begin(), request.variables.end());
    if (!request.uuid.empty()) settings.emplace_back("origination_uuid", request.uuid);
    return {std::move(whom), request.timeout, request.caller_id_name,
            request.caller_id_number.empty() ? std::string{nobody} : request.caller_id_number, nullptr};
}

task<pbx::originate_reply> place(switchboard& board, pbx::originate_request request)
{
    auto whom = dial_string::parse(request.endpoint);
    if (!whom) co_return refusal(pbx::cause::destination_out_of_order);
    signal changes{board.control()};
    const auto outcome = co_await dial_parties(board, dial_request_of(request, std::move(*whom)), changes);
    if (!outcome.winner) co_return refusal(outcome.why);
    send_to(*outcome.winner, request);
    const auto& uuid = outcome.winner->uuid();
    co_return pbx::originate_reply{true, "+OK " + uuid + '\n', uuid, pbx::cause::success};
}

task<> originate(switchboard& board, pbx::originate_request request, std::function<void(pbx::originate_reply)> done)
{
    auto reply = co_await place(board, std::move(request));
    done(std::move(reply));
}

}  // namespace

std::optional<pbx::originate_request> parse_originate(std::string_view args)
{
    args = text::trim(args);
    const auto end = end_of_dial_string(args);
    auto words = text::words(args.substr(end), 10);
    if (words.empty() || words.size() > 6) return std::nullopt;
    for (auto& word : words)
        if (text::same(word, "undef")) word.clear();
    const auto word = [&](std::size_t index, std::string_view otherwise) {
        return index < words.size() && !words[index].empty() ? words[index] : std::string{otherwise};
    };
    pbx::originate_request out;
    out.endpoint = args.substr(0, end);
    out.extension = words[0];
    out.dialplan = word(1, "XML");
    out.context = word(2, "default");
    out.caller_id_name = word(3, "");
    out.caller_id_number = word(4, "");
    const auto seconds = text::to_number(word(5, "60")).value_or(60);
    out.timeout = std::chrono::seconds{std::clamp<std::int64_t>(seconds, 1, 86400)};
    return out;
}

void start_originate(switchboard& board, pbx::originate_request request,
                     std::function<void(pbx::originate_reply)> done)
{
    board.spawn(originate(board, std::move(request), std::move(done)));
}

}  // namespace strowger::softswitch
