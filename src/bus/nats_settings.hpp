#pragma once
#include <cstddef>
#include <string>

namespace strowger::bus {

/// How to reach a NATS server. Nothing here is ever logged but `name` and the hosts of `url`.
struct nats_settings {
    std::string url;   ///< one or more, comma-separated; empty: nats://127.0.0.1:4222. A scheme may be missing
    std::string name;  ///< what `nats server report connections` shows

    // Authentication: the first that is set wins, in this order; user and password may stand in the URL.
    std::string creds;      ///< file with JWT and seed
    std::string nkey_seed;  ///< `SU…`, or the name of a file that holds it
    std::string token;
    std::string user, password;

    bool tls = false;  ///< also on with a `tls://` URL or when the server demands it
    std::string tls_ca, tls_cert, tls_key, tls_server_name;
    bool tls_verify = true;

    int timeout_ms = 5000;         ///< to connect
    int max_reconnect = 60;        ///< rounds before the slow phase of one try a minute; 0 or -1: never slow
    int reconnect_wait_ms = 2000;  ///< between two rounds, plus up to 100 ms of jitter
    int slow_reconnect_wait_ms = 60000;
    int ping_interval_ms = 20000;  ///< two unanswered pings: the connection is lost

    std::size_t reply_buffer_bytes = 8U << 20U;  ///< replies kept while disconnected
    int reply_max_age_ms = 30000;                ///< and for how long
    std::size_t send_buffer_bytes = 1U << 20U;   ///< events accepted but not yet written
};

}  // namespace strowger::bus
