#pragma once
#include "base/metrics.hpp"
#include "softswitch/control.hpp"
#include "softswitch/engine/media_engine.hpp"
#include "softswitch/leg.hpp"
#include "softswitch/rtp/session.hpp"
#include "softswitch/sip/sdp.hpp"
#include "softswitch/sip/settings.hpp"

#include <string>
#include <unordered_map>
#include <vector>

struct sip;
struct sipsess_sock;

namespace strowger::softswitch::sip {

class call;

struct sip_counters {
    metrics::counter requests;
    metrics::counter refused;  ///< requests too large, with unknown demands, or of unknown methods
    metrics::counter auth_failures;
    metrics::counter inbound_calls;
    metrics::counter outbound_calls;
};

/// What every call of an endpoint shares. Control thread; outlives the calls.
struct site {
    const sip_settings& settings;
    control_loop& control;
    media_engine& media;
    std::vector<codec_choice> codecs;
    rtp_totals rtp{};
    sip_counters counters{};
    struct ::sip* stack = nullptr;
    sipsess_sock* sessions = nullptr;
    /// By Call-ID; a call of ours that comes back to us has two of them.
    std::unordered_multimap<std::string, call*> calls{};
};

}  // namespace strowger::softswitch::sip
