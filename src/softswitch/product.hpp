#pragma once
#include <chrono>
#include <string>

/// What the switch says about itself and its machine.
namespace strowger::softswitch {

inline constexpr const char* product_name = "Strowger";
/// "0.1.0-release~64bit".
std::string version_text();
/// "0 years, 0 days, 0 hours, 1 minute, 31 seconds, 983 milliseconds, 63 microseconds".
std::string spell_uptime(std::chrono::microseconds up);
/// Share of the machine's processors that was idle since the last call [%], "97.366667".
std::string idle_cpu();

}  // namespace strowger::softswitch
