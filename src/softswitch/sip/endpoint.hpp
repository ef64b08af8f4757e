#pragma once
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "softswitch/control.hpp"
#include "softswitch/engine/media_engine.hpp"
#include "softswitch/leg.hpp"
#include "softswitch/sip/settings.hpp"
#include "softswitch/user.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace strowger::softswitch::sip {

/// A registered phone, as `show registrations` and `sofia status profile internal reg` want it.
struct registration_facts {
    std::string user;
    std::string contact;
    std::string network_ip;
    std::uint16_t network_port = 0;
    std::string transport;        ///< "udp", "tcp", "tls"
    std::uint32_t expires_s = 0;  ///< as granted
    std::uint32_t remaining_s = 0;
    std::string agent;
    std::string call_id;
    std::string realm;
};

/// SIP: `sofia/…`, `user/…` and `sip:` in dial strings; listener and registrar.
///
/// Threads: start() and the destructor anywhere but the media thread; dial() on the control thread;
///          the rest by anyone.
/// Lifetime: control loop, engine and acceptor outlive it; its calls do not.
class endpoint final : public softswitch::endpoint {
public:
    /// @return an error whose message a stranger can act on: which port is taken and how to choose another
    [[nodiscard]] static result<std::unique_ptr<endpoint>> start(const sip_settings& settings,
                                                                 std::vector<user> users, control_loop& control,
                                                                 media_engine& media, call_acceptor& calls);
    ~endpoint() override;
    endpoint(const endpoint&) = delete;
    endpoint& operator=(const endpoint&) = delete;

    /// `call.target` is the whole part of the dial string: "user/1000", "sofia/internal/bob@host:5070",
    /// "sofia/internal/1000", "sip:bob@host".
    std::unique_ptr<leg> dial(const outgoing_call& call, leg_observer& observer, pbx::cause& why) override;

    std::vector<registration_facts> registrations() const;
    std::vector<std::string> addresses() const;
    void collect(metrics::writer& out) const;

private:
    struct impl;
    explicit endpoint(std::unique_ptr<impl> made);
    std::unique_ptr<impl> impl_;
};

}  // namespace strowger::softswitch::sip
