#pragma once
#include "pbx/host.hpp"
#include "softswitch/switchboard.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::softswitch::api {

struct report;

/// A phone that is registered, as `show registrations` tells it.
struct registered_phone {
    std::string user, realm, call_id, contact;
    std::int64_t expires_epoch_s = 0;
    std::string network_ip, network_port, transport;
};

/// What a verb may use.
struct context {
    switchboard& board;
    /// Of the SIP endpoint; empty when the switch runs without. Control thread.
    std::function<std::vector<registered_phone>()> registrations;
    std::function<std::vector<std::string>()> sip_addresses;
    /// Runs another verb, as execute() does.
    std::function<pbx::api_reply(std::string_view verb, std::string_view args)> execute;
    /// Verbs that features have added.
    std::function<std::vector<pbx::api_command>()> added;
    /// Runs a verb without its caller; BACKGROUND_JOB tells its reply. @return the job's uuid
    std::function<std::string(std::string_view verb, std::string_view args, std::string uuid)> background;
};

enum class runs : std::uint8_t {
    on_control,  ///< on the control thread, quickly
    anywhere,    ///< touches nothing of the control thread
    waiting,     ///< on its caller's thread, which may wait for seconds; never on the control thread
};

struct verb {
    std::string_view name, syntax, description;
    runs where = runs::on_control;
    std::string (*run)(context& with, const verb& self, std::string_view args) = nullptr;

    std::string usage() const { return "-USAGE: " + std::string{syntax} + '\n'; }
};

std::span<const verb> system_verbs();
std::span<const verb> call_verbs();
std::span<const verb> channel_verbs();
std::span<const verb> show_verbs();
std::span<const verb> phone_verbs();

report list_registrations(context& with);

/// nullptr if there is none; names compare without case.
const verb* find(std::string_view name) noexcept;
/// All of them, by name.
std::vector<const verb*> all();

inline constexpr std::string_view no_such_channel = "-ERR No such channel!\n";

}  // namespace strowger::softswitch::api
