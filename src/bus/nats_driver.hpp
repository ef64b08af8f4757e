#pragma once
#include "bus/driver.hpp"
#include "bus/error.hpp"
#include "bus/nats_settings.hpp"

namespace strowger::bus {

/// A driver for NATS 2.x on nats.c. One thread of its own carries the socket in both directions, connects and
/// reconnects for ever; the library's delivery thread runs the handlers, in the order in which messages arrived.
///
/// publish() and reply() only append to a bounded buffer. While the broker is away replies are kept
/// (`reply_buffer_bytes`, `reply_max_age_ms`), events are refused with `not_connected`: their queue is the caller's.
/// @return errc::bad_url, bad_key, bad_credentials_file or bad_tls for settings that can never work
[[nodiscard]] result<std::unique_ptr<driver>> make_nats_driver(nats_settings with);

/// Ends nats.c's own threads, so that a module that holds it can be unloaded. Every driver and client must be
/// gone; neither may be made afterwards in this process image. @return false when that took longer than `limit`
bool shutdown_nats_library(std::chrono::milliseconds limit);

}  // namespace strowger::bus
