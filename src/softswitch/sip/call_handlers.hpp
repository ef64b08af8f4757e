#pragma once
#include "softswitch/sip/call.hpp"

namespace strowger::softswitch::sip {

/// libre's callbacks of a call; `arg` is the call.
struct call::handlers {
    static void cancelled(void* arg) noexcept;
    static int credentials(char** username, char** password, const char* realm, void* arg) noexcept;
    static int offered(mbuf** description, const sip_msg* msg, void* arg) noexcept;
    static int answered(const sip_msg* msg, void* arg) noexcept;
    static void progressed(const sip_msg* msg, void* arg) noexcept;
    static void established(const sip_msg* msg, void* arg) noexcept;
    static void info(struct ::sip* stack, const sip_msg* msg, void* arg) noexcept;
    static void referred(struct ::sip* stack, const sip_msg* msg, void* arg) noexcept;
    static void closed(int error, const sip_msg* msg, void* arg) noexcept;
};

}  // namespace strowger::softswitch::sip
