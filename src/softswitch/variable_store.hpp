#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strowger::softswitch {

/// A channel's variables, or the switch's global ones, in the order in which they were last set.
/// Names compare without case, as in FreeSWITCH. Control thread.
class variable_store {
public:
    /// nullptr if unset.
    const std::string* find(std::string_view name) const noexcept;
    std::string_view get(std::string_view name) const noexcept;
    bool is_true(std::string_view name) const noexcept;
    /// An empty value unsets.
    void set(std::string_view name, std::string_view value);
    void unset(std::string_view name);

    auto begin() const noexcept { return all_.begin(); }
    auto end() const noexcept { return all_.end(); }
    std::size_t size() const noexcept { return all_.size(); }

private:
    std::vector<std::pair<std::string, std::string>> all_;
};

/// Looks a name up for expand(); empty if unset.
using variable_lookup = std::function<std::string(std::string_view name)>;
/// Runs `${verb(args)}`; its reply text.
using function_lookup = std::function<std::string(std::string_view verb, std::string_view args)>;

/// Replaces `${name}`, `${name:offset:length}`, `$${global}` and `${verb(args)}`; `\$` stays a dollar sign.
/// Bounded: at most 8 levels of nesting, 64 KB of result.
std::string expand(std::string_view text, const variable_lookup& variable, const variable_lookup& global,
                   const function_lookup& function);

}  // namespace strowger::softswitch
