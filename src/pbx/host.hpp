#pragma once
#include "base/log.hpp"
#include "pbx/cause.hpp"
#include "pbx/event.hpp"
#include "pbx/tap.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strowger::pbx {

/// Undoes what it stands for when it is destroyed: afterwards the callback is not running and will not run.
/// Must not be destroyed from inside its own callback.
class registration {
public:
    virtual ~registration() = default;
};
using registration_ptr = std::unique_ptr<registration>;

struct event_subscriber {
    /// Asked before anything is copied; subclass is empty but for CUSTOM. Threads: any.
    std::function<bool(std::string_view name, std::string_view subclass)> wants;
    /// Must return within microseconds. Threads: the switch's event threads; one channel's events come in order.
    std::function<void(const event_ptr&)> on_event;
};

/// What an API verb answered. `ok` is the engine's word (false: unknown verb, or it could not run);
/// a text that starts with `-ERR` or `-USAGE` is for the caller to judge.
struct api_reply {
    bool ok = false;
    std::string text;
};

/// An API verb that a feature adds to the switch (`uuid_audio_fork`).
struct api_command {
    std::string verb;
    std::string syntax;                                   ///< shown by `show api` and as the usage text
    std::string description;                              ///< one line
    std::function<api_reply(std::string_view args)> run;  ///< may block; Threads: the switch's own
};

/// A call to place, as data: nothing here is ever pasted into a command line.
struct originate_request {
    std::string endpoint;  ///< dial string: `user/1000`, `sofia/…`, `loopback/9196/default`, with optional {…} block
    std::string extension;  ///< `&app(args)` or a number to route
    std::string dialplan = "XML";
    std::string context = "default";
    std::string caller_id_name;
    std::string caller_id_number;
    std::chrono::seconds timeout{60};
    std::vector<std::pair<std::string, std::string>> variables;
    std::string uuid;  ///< of the new leg; empty: the switch picks
};

struct originate_reply {
    bool ok = false;
    std::string text;  ///< the host's line, `+OK <uuid>\n` or `-ERR <CAUSE>\n`
    std::string uuid;  ///< of the new leg
    cause why = cause::none;
};

/// A dialplan look-up that a hook may answer.
struct dialplan_query {
    std::string_view uuid;
    std::string_view context;
    std::string_view destination;
    std::string_view caller_id_number;
    bool inbound = true;
    std::function<std::string(std::string_view name)> variable;  ///< of the leg; empty if unset
};

struct dialplan_step {
    std::string application;
    std::string data;
};

/// Answers with the applications to run, or nothing: leave the call alone. At most 1 ms. Threads: any.
using dialplan_hook = std::function<std::optional<std::vector<dialplan_step>>(const dialplan_query&)>;

struct host_facts {
    std::string name;     ///< host name
    std::string version;  ///< of the switch: "1.10.12-release~64bit"
    std::string product;  ///< "FreeSWITCH", "Strowger"
    std::chrono::seconds uptime{0};
    std::uint32_t sessions = 0;
};

/// One leg's object in the switch. Holding it keeps the memory alive, not the call: after the leg ended
/// reads answer empty and actions fail. Threads: any.
class channel {
public:
    virtual ~channel() = default;
    virtual const std::string& uuid() const noexcept = 0;
    virtual bool alive() const noexcept = 0;
    virtual std::optional<std::string> variable(std::string_view name) const = 0;
    virtual bool set_variable(std::string_view name, std::string_view value) = 0;
    virtual media_format read_format() const = 0;
    virtual media_format write_format() const = 0;
    virtual bool hang_up(cause why) = 0;
    /// Starts giving `listener` this leg's audio. The same tap may be attached once.
    /// @return false when the leg has ended or has no media, or the tap is attached already
    virtual bool attach(std::shared_ptr<tap> listener) = 0;
    /// Stops it; on_end has run when this returns. Without effect if it is not attached.
    virtual void detach(const std::shared_ptr<tap>& listener) = 0;
};

/// What a feature may ask of a switch, and no more. Threads: any, unless a member says otherwise.
class host {
public:
    virtual ~host() = default;

    [[nodiscard]] virtual registration_ptr subscribe(event_subscriber subscriber) = 0;
    /// Fires an event of our own; the switch adds its standard headers.
    virtual void fire(event what) = 0;

    /// Runs an API verb; may block for seconds: never on a network or media thread.
    virtual api_reply execute(std::string_view verb, std::string_view args) = 0;
    /// Places a call and waits until it is answered, gives early media, or failed. Blocks likewise.
    virtual originate_reply originate(const originate_request& request) = 0;
    [[nodiscard]] virtual registration_ptr add_api(api_command command) = 0;

    /// @return nothing when no such channel lives
    virtual std::shared_ptr<channel> find(std::string_view uuid) = 0;
    [[nodiscard]] virtual registration_ptr hook_dialplan(dialplan_hook hook) = 0;

    virtual host_facts facts() const = 0;
};

}  // namespace strowger::pbx
