#include "softswitch/product.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <string_view>

namespace strowger::softswitch {
namespace {

void add(std::string& out, std::int64_t count, std::string_view unit)
{
    if (!out.empty()) out += ", ";
    out += std::to_string(count);
    out += ' ';
    out += unit;
    if (count != 1) out += 's';
}

}  // namespace

std::string version_text()
{
    return STROWGER_VERSION "-release~64bit";
}

std::string spell_uptime(std::chrono::microseconds up)
{
    struct part {
        std::int64_t us;
        std::string_view unit;
    };
    static constexpr std::array<part, 7> parts{{{31536000000000, "year"},
                                                {86400000000, "day"},
                                                {3600000000, "hour"},
                                                {60000000, "minute"},
                                                {1000000, "second"},
                                                {1000, "millisecond"},
                                                {1, "microsecond"}}};
    std::string out;
    auto left = up.count();
    for (const auto& [us, unit] : parts) {
        add(out, left / us, unit);
        left %= us;
    }
    return out;
}

std::string idle_cpu()
{
    static std::mutex mutex;
    static std::uint64_t last_idle = 0, last_total = 0;
    const std::lock_guard lock{mutex};
    std::ifstream file{"/proc/stat"};
    std::string label;
    file >> label;
    std::uint64_t idle = 0, total = 0, value = 0;
    for (int i = 0; i < 8 && file >> value; ++i) {
        total += value;
        if (i == 3) idle = value;
    }
    const auto spent = total - last_total;
    const double share =
        spent == 0 ? 100.0 : 100.0 * static_cast<double>(idle - last_idle) / static_cast<double>(spent);
    last_idle = idle;
    last_total = total;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6f", share);
    return text.data();
}

}  // namespace strowger::softswitch
