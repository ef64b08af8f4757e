#include "base/clock.hpp"

namespace strowger {

std::int64_t now_us() noexcept
{
    using namespace std::chrono;
    return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace strowger
