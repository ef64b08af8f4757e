#pragma once
#include "bus/detail/nats_url.hpp"
#include "bus/nats_settings.hpp"

#include <memory>

#include <nats/nats.h>

namespace strowger::bus::detail {

struct nats_deleter {
    void operator()(natsOptions* it) const noexcept { natsOptions_Destroy(it); }
    void operator()(natsConnection* it) const noexcept { natsConnection_Destroy(it); }
    void operator()(natsSubscription* it) const noexcept { natsSubscription_Destroy(it); }
    void operator()(natsMsg* it) const noexcept { natsMsg_Destroy(it); }
};
using options_ptr = std::unique_ptr<natsOptions, nats_deleter>;
using connection_ptr = std::unique_ptr<natsConnection, nats_deleter>;
using subscription_ptr = std::unique_ptr<natsSubscription, nats_deleter>;
using message_ptr = std::unique_ptr<natsMsg, nats_deleter>;

/// The settings as nats.c wants them, checked, with the secrets that its call-backs need.
/// Lifetime: must outlive every connection made with `options`.
struct prepared {
    nats_url where;
    std::string seed;  ///< of the nkey, if one is used
    std::string nkey_public;
    options_ptr options;
};

[[nodiscard]] result<std::unique_ptr<prepared>> prepare(const nats_settings& with);

}  // namespace strowger::bus::detail
