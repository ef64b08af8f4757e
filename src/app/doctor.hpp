#pragma once
#include "app/settings.hpp"

#include <string>
#include <vector>

namespace strowger::app {

/// One thing that the doctor looked at.
struct finding {
    enum class grade : std::uint8_t { ok, warn, fail };
    grade how = grade::ok;
    std::string what;  ///< "SIP port"
    std::string text;  ///< what was found
    std::string mend;  ///< what to do; empty when all is well
};

/// Looks at everything that the exchange needs. Opens ports and lets go of them; blocks for some seconds at most.
std::vector<finding> examine(const loaded_settings& loaded);

/// "ok    SIP port      127.0.0.1:5060 is free", and what to do on a line below.
std::string render(const finding& one, bool coloured);

}  // namespace strowger::app
