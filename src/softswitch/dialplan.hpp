#pragma once
#include "pbx/host.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strowger::softswitch {

/// One `[[switch.dialplan]]` table.
struct dialplan_entry {
    std::string context = "default";  ///< "any": every context
    std::string name;
    std::string pattern;               ///< Perl regular expression on the destination number
    std::vector<std::string> actions;  ///< "application arguments"; `$1` is the first group of the pattern
};

/// Finds the applications for a number. First match wins. Read-only after construction.
class dialplan {
public:
    struct match {
        std::string name;
        std::vector<pbx::dialplan_step> steps;
    };
    static constexpr std::size_t longest_number = 256;  ///< [bytes] longer ones match nothing

    /// Entries whose pattern does not compile are left out; settings::read() has named them.
    explicit dialplan(const std::vector<dialplan_entry>& entries);
    std::optional<match> find(std::string_view context, std::string_view number) const;

    /// Extensions for those who configured none: echo, tone, music, park, calling a registered phone.
    static std::vector<dialplan_entry> standard();
    static bool compiles(const std::string& pattern);

private:
    struct compiled;
    std::vector<std::shared_ptr<const compiled>> entries_;
};

/// Reads `app:arg,app:arg` (FreeSWITCH's "inline" dialplan); `m:X:` at the start makes X the separator.
/// At most 128 steps.
std::vector<pbx::dialplan_step> parse_inline(std::string_view text);
/// Splits "application arguments" at the first blank.
pbx::dialplan_step parse_action(std::string_view text);

}  // namespace strowger::softswitch
