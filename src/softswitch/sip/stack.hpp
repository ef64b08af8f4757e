#pragma once
#include "base/result.hpp"
#include "softswitch/sip/re_ptr.hpp"
#include "softswitch/sip/settings.hpp"

#include <functional>
#include <string>
#include <vector>

namespace strowger::softswitch::sip {

/// What comes in, in the order of asking. Control thread.
struct stack_events {
    /// Every request first. @return true: dealt with
    std::function<bool(const sip_msg&)> on_request;
    /// INVITEs without a To tag.
    std::function<void(const sip_msg&)> on_invite;
    /// Requests that no session took.
    std::function<void(const sip_msg&)> on_other;
};

/// libre's SIP stack on its sockets. Control thread.
class stack {
public:
    stack() = default;
    ~stack();
    stack(const stack&) = delete;
    stack& operator=(const stack&) = delete;

    /// @return what is wrong; a port that is taken is named in the message, with the key that moves it
    [[nodiscard]] error_code open(const sip_settings& settings, stack_events events);
    struct ::sip* get() const noexcept { return sip_.get(); }
    sipsess_sock* sessions() const noexcept { return sessions_.get(); }
    /// "udp:127.0.0.1:5060", as really bound.
    const std::vector<std::string>& addresses() const noexcept { return addresses_; }

private:
    error_code make();
    error_code listen(const sip_settings& settings, const sa& address);
    error_code listen_tls(const sip_settings& settings, const sa& address);
    error_code add(sip_transp which, const sa& address, tls* with);
    static bool on_request(const sip_msg* msg, void* self) noexcept;
    static bool on_other(const sip_msg* msg, void* self) noexcept;
    static void on_invite(const sip_msg* msg, void* self) noexcept;

    stack_events events_;
    re_ptr<::sip> sip_;
    re_ptr<sip_lsnr> first_;
    re_ptr<sipsess_sock> sessions_;
    re_ptr<sip_lsnr> last_;
    re_ptr<sip_lsnr> responses_;
    re_ptr<tls> tls_;
    std::vector<std::string> addresses_;
};

}  // namespace strowger::softswitch::sip
