#pragma once
#include "base/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::softswitch::sip {

/// Where a phone of a user can be reached.
struct binding {
    std::string user;
    std::string contact;  ///< URI as the phone gave it
    std::string network_ip;
    std::uint16_t network_port = 0;
    std::string transport;  ///< "udp", "tcp", "tls"
    std::string call_id;
    std::uint32_t cseq = 0;
    std::string agent;
    std::uint32_t expires_s = 0;  ///< as granted
    steady_clock::time_point expires_at;
    steady_clock::time_point registered_at;
};

struct registrar_limits {
    std::uint32_t most = 2000;
    std::uint32_t most_per_user = 5;
    std::uint32_t default_s = 3600;
    std::uint32_t min_s = 30;
    std::uint32_t max_s = 7200;
};

/// One REGISTER as data.
struct register_request {
    binding from;  ///< all but contact and times
    struct contact {
        std::string uri;
        std::optional<std::uint32_t> expires_s;
    };
    std::vector<contact> contacts;  ///< empty: only asks
    std::optional<std::uint32_t> expires_s;
    bool all = false;  ///< `Contact: *`
};

/// Who is registered where. Sans-I/O. Source: RFC 3261 10.3.
class registrar {
public:
    explicit registrar(const registrar_limits& limits) : limits_{limits} {}

    struct reply {
        int status = 200;
        std::vector<binding> added;  ///< new ones and renewed ones
        std::vector<binding> removed;
        std::vector<binding> current;  ///< of the user, newest first
    };
    /// @return 200; 400 for a wrong `*`, 423 when the phone wants less than min_s, 500 for a request that
    ///         was overtaken, 503 when there is no room. Anything but 200 changed nothing.
    reply handle(const register_request& request, steady_clock::time_point now);
    std::vector<binding> expire(steady_clock::time_point now);

    /// The newest binding; nothing when there is none.
    const binding* newest(std::string_view user) const noexcept;
    std::vector<binding> all() const;
    std::size_t size() const noexcept { return count_; }
    const registrar_limits& limits() const noexcept { return limits_; }

private:
    using bindings = std::vector<binding>;  ///< newest first
    int check(const register_request& request, const bindings* known) const;
    std::uint32_t granted(const register_request& request, const register_request::contact& contact) const noexcept;
    void remove(bindings& from, std::string_view contact, reply& out);
    void put(bindings& to, binding made, reply& out);

    registrar_limits limits_;
    std::map<std::string, bindings, std::less<>> users_;
    std::size_t count_ = 0;
};

}  // namespace strowger::softswitch::sip
