#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace strowger::hub {

/// Decides which events leave: exclude wins, then the include list, then `publish_all`.
/// Threads: any; immutable.
class event_filter {
public:
    /// Entries: an event's name, `CUSTOM`, `CUSTOM <subclass>`, a subclass (it holds `::`), a glob, `ALL`.
    event_filter(const std::vector<std::string>& include, const std::vector<std::string>& exclude, bool publish_all);

    bool wants(std::string_view name, std::string_view subclass) const noexcept;
    /// Entries that name no event FreeSWITCH has; they count all the same.
    const std::vector<std::string>& unknown() const noexcept { return unknown_; }

private:
    struct rule {
        std::string name;      ///< glob over the event's name
        std::string subclass;  ///< glob over the subclass; empty: any, or none
        bool matches(std::string_view event, std::string_view of) const noexcept;
    };
    std::vector<rule> read(const std::vector<std::string>& entries);

    std::vector<std::string> unknown_;  // before the lists: reading them adds to it
    std::vector<rule> include_, exclude_;
    bool publish_all_;
};

}  // namespace strowger::hub
