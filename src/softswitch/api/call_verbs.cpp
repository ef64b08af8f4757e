// Verbs that place, schedule and end calls.
#include "base/clock.hpp"
#include "softswitch/api/verb.hpp"
#include "softswitch/originate.hpp"
#include "softswitch/text.hpp"

#include <algorithm>
#include <array>
#include <future>

namespace strowger::softswitch::api {
namespace {

std::string originate(context& with, const verb& self, std::string_view args)
{
    auto request = parse_originate(args);
    if (!request) return self.usage();
    const auto answer = std::make_shared<std::promise<std::string>>();
    auto outcome = answer->get_future();
    with.board.later([&board = with.board, request = std::move(*request), answer] {
        start_originate(board, request,
                        [answer](const pbx::originate_reply& reply) { answer->set_value(reply.text); });
    });
    return outcome.get();
}

/// bgapi [uuid:<job> ]<verb> <args>
std::string bgapi(context& with, const verb&, std::string_view args)
{
    constexpr std::string_view mark = "uuid:";
    std::string job;
    if (text::same(args.substr(0, mark.size()), mark)) {
        const auto [uuid, rest] = text::cut(args.substr(mark.size()), ' ');
        job = uuid;
        args = text::trim(rest);
    }
    if (args.empty()) return "-ERR Invalid syntax\n";
    const auto [name, rest] = text::cut(args, ' ');
    job = with.background(name, text::trim(rest), std::move(job));
    return job.empty() ? "-ERR too many background jobs\n" : "+OK Job-UUID: " + job + '\n';
}

/// hupall [<cause> [<variable> <value>]…]
std::string hupall(context& with, const verb&, std::string_view args)
{
    const auto words = text::words(args, 11);
    auto why = pbx::cause::manager_request;
    if (!words.empty()) why = pbx::parse_cause(words[0]).value_or(why);
    std::vector<std::pair<std::string, std::string>> matching;
    for (std::size_t i = 1; i + 1 < words.size(); i += 2) matching.emplace_back(words[i], words[i + 1]);
    with.board.hang_up_all(why, [&](const channel& each) {
        return std::ranges::all_of(matching,
                                   [&](const auto& pair) { return each.variables().get(pair.first) == pair.second; });
    });
    const std::string name{pbx::to_string(why)};
    if (matching.empty()) return "+OK hangup all channels with cause " + name + '\n';
    return "+OK hangup all channels matching [" + matching[0].first + "]=[" + matching[0].second + "]" +
           (matching.size() > 1 ? "..." : "") + " with cause: " + name + '\n';
}

/// `+10`: in ten seconds; a number: at that second of the Unix epoch.
std::chrono::seconds delay_of(std::string_view when)
{
    const auto number = text::to_number(when).value_or(0);
    const auto delay = when.starts_with('+') || when.starts_with('@') ? number : number - now_us() / 1000000;
    return std::chrono::seconds{std::clamp<std::int64_t>(delay, 0, 31536000)};
}

std::string sched_hangup(context& with, const verb& self, std::string_view args)
{
    const auto words = text::words(args, 4);
    if (words.empty()) return self.usage();
    const auto leg = with.board.find(words.size() > 1 ? words[1] : "");
    if (!leg) return std::string{no_such_channel};
    const auto why = words.size() > 2 ? pbx::parse_cause(words[2]) : std::nullopt;
    const auto delay = delay_of(words[0]);
    if (delay.count() == 0) {
        leg->hang_up(why.value_or(pbx::cause::allotted_timeout));
    } else {
        leg->schedule_hangup(delay, why.value_or(pbx::cause::allotted_timeout));
    }
    return "+OK\n";
}

std::string sched_transfer(context& with, const verb& self, std::string_view args)
{
    auto words = text::words(args, 6);
    if (words.size() < 2 || words.size() > 5) return self.usage();
    words.resize(5);
    const auto leg = with.board.find(words[1]);
    if (!leg) return std::string{no_such_channel};
    with.board.schedule(delay_of(words[0]), leg->uuid(), [weak = std::weak_ptr{leg}, words] {
        if (const auto alive = weak.lock()) alive->transfer(words[2], words[3], words[4]);
    });
    return "+OK\n";
}

/// sched_api [+]<time> <group> <verb> <args>
std::string sched_api(context& with, const verb& self, std::string_view args)
{
    const auto [when, rest] = text::cut(text::trim(args), ' ');
    const auto [group, command] = text::cut(rest, ' ');
    const auto [name, arguments] = text::cut(text::trim(command), ' ');
    if (name.empty()) return "-ERR Invalid syntax. USAGE: " + std::string{self.syntax} + '\n';
    const auto id = with.board.schedule(delay_of(when), std::string{group},
                                        [&with, name = std::string{name}, arguments = std::string{arguments}] {
                                            with.background(name, arguments, {});
                                        });
    return id == 0 ? "-ERR too many tasks\n" : "+OK Added: " + std::to_string(id) + '\n';
}

std::string sched_del(context& with, const verb&, std::string_view args)
{
    if (args.empty()) return "-ERR Invalid syntax\n";
    return "+OK Deleted: " + std::to_string(with.board.unschedule(args)) + '\n';
}

constexpr std::string_view originate_syntax =
    "<call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] [<cid_num>] "
    "[<timeout_sec>]";

constexpr std::array table{
    verb{"bgapi", "<command>[ <arg>]", "Execute an api command in a thread", runs::anywhere, bgapi},
    verb{"hupall", "<cause> [<var> <value>] [<var2> <value2>]", "hupall", runs::on_control, hupall},
    verb{"originate", originate_syntax, "Originate a call", runs::waiting, originate},
    verb{"sched_api", "[+@]<time> <group_name> <command_string>[&]", "Schedule an api command", runs::on_control,
         sched_api},
    verb{"sched_del", "<task_id>|<group_id>", "Delete a scheduled task", runs::on_control, sched_del},
    verb{"sched_hangup", "[+]<time> <uuid> [<cause>]", "Schedule a running call to hangup", runs::on_control,
         sched_hangup},
    verb{"sched_transfer", "[+]<time> <uuid> <extension> [<dialplan>] [<context>]",
         "Schedule a transfer for a running call", runs::on_control, sched_transfer},
};

}  // namespace

std::span<const verb> call_verbs()
{
    return table;
}

}  // namespace strowger::softswitch::api
