#include "bus/error.hpp"

namespace strowger::bus {
namespace {

class bus_category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "bus"; }
    std::string message(int value) const override
    {
        switch (static_cast<errc>(value)) {
            case errc::bad_url:
                return "the broker's URL is malformed; expected nats://host:port";
            case errc::bad_key:
                return "the nkey seed is unusable; expected SU… or a file that holds it";
            case errc::bad_credentials_file:
                return "the credentials file can't be read";
            case errc::bad_tls:
                return "the TLS certificate, key or CA file can't be used";
            case errc::bad_subject:
                return "not a valid subject";
            case errc::not_connected:
                return "not connected to the broker";
            case errc::timeout:
                return "no answer in time";
            case errc::no_responders:
                return "nobody listens on that subject";
            case errc::too_large:
                return "larger than the broker's maximum payload";
            case errc::library:
                return "the broker's client library failed";
        }
        return "unknown";
    }
};

}  // namespace

const boost::system::error_category& category() noexcept
{
    static const bus_category one;
    return one;
}

}  // namespace strowger::bus
