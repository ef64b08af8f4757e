#include "bus/error.hpp"

#include "base/error_category.hpp"

namespace strowger::bus {
namespace {

const char* text_of(int value) noexcept
{
    switch (static_cast<errc>(value)) {
        case errc::bad_url:
            return "the broker's URL is malformed; expected nats://host:port";
        case errc::bad_key:
            return "the nkey seed is unusable; expected a user seed (SU...) or a file that holds one";
        case errc::bad_credentials_file:
            return "the credentials file can't be read";
        case errc::bad_tls:
            return "the TLS certificate, key or CA file can't be used";
        case errc::bad_subject:
            return "not a valid subject";
        case errc::not_connected:
            return "no connection to the broker";
        case errc::timeout:
            return "no answer in time";
        case errc::no_responders:
            return "nobody listens on that subject";
        case errc::too_large:
            return "larger than the broker's maximum payload";
        case errc::library:
            return "the broker's client library failed";
    }
    return "unknown bus error";
}

}  // namespace

const boost::system::error_category& category() noexcept
{
    static const error_category one{"bus", text_of};
    return one;
}

}  // namespace strowger::bus
