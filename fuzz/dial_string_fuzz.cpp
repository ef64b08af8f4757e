// Dial strings come from requests of programs: any bytes must give a parsed string or an error, within bounds.
#include "softswitch/dial_string.hpp"
#include "softswitch/dialplan.hpp"
#include "softswitch/originate.hpp"
#include "softswitch/variable_store.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace strowger::softswitch;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    if (const auto parsed = dial_string::parse(text)) {
        std::size_t parties = 0;
        for (const auto& attempt : parsed->attempts) {
            if (attempt.empty()) std::abort();
            parties += attempt.size();
        }
        if (parties > dial_string::most_parties || parsed->settings.size() > dial_string::most_variables)
            std::abort();
    }
    (void)parse_originate(text);
    if (parse_inline(text).size() > 128) std::abort();
    const auto nothing = [](std::string_view name) { return std::string{name}; };
    (void)expand(text, nothing, nothing, [](std::string_view, std::string_view args) { return std::string{args}; });
    return 0;
}
