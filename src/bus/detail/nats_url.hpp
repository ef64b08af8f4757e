#pragma once
#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace strowger::bus::detail {

/// A comma-separated list of NATS URLs, taken apart. Percent-encoded credentials are decoded; those of the
/// first server that has some count.
struct nats_url {
    std::vector<std::string> servers;  ///< `nats://host:port` or `tls://host:port`, nothing else
    std::string user, password, token;
    bool tls = false;

    std::string shown() const;  ///< the servers, comma-separated: safe to log
};

/// @return errc::bad_url when a server has no host, a port out of range or a scheme other than nats and tls
[[nodiscard]] result<nats_url> parse_nats_url(std::string_view text);

}  // namespace strowger::bus::detail
