#pragma once
#include "base/result.hpp"
#include "softswitch/leg.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace strowger::softswitch {

/// Whom to call and how, as `originate` and `bridge` take it:
/// `{for_all=1}[for_this=2]user/1000,[leg_timeout=5]sofia/internal/bob@host|loopback/9196/default`.
///
/// `,` rings together, `|` is tried when what stands before it failed. A block's variables are separated by
/// `,` or by the character after `^^`; '…' and `\` protect a separator.
/// Source: FreeSWITCH `switch_ivr_originate.c`, `switch_event_create_brackets`.
struct dial_string {
    struct party {
        variables settings;  ///< of `[…]`: this leg only
        std::string target;  ///< "user/1000"
    };
    using together = std::vector<party>;

    variables settings;  ///< of `{…}` and `<…>`: every leg
    std::vector<together> attempts;

    static constexpr std::size_t longest = 16384;       ///< [bytes]
    static constexpr std::size_t most_parties = 64;     ///< in all attempts
    static constexpr std::size_t most_variables = 256;  ///< per block

    /// @return the parsed string; or errc::empty_dial_string, dial_string_too_long, unterminated_block,
    ///         too_many_legs, too_many_variables
    [[nodiscard]] static result<dial_string> parse(std::string_view text);
};

/// Reads the inside of one block, `a=1,b='x,y'` or `^^:a=1:b=x,y`.
[[nodiscard]] result<variables> parse_variables(std::string_view inside);

/// The last one of that name; empty if there is none.
std::string_view find_setting(const variables& among, std::string_view name) noexcept;

}  // namespace strowger::softswitch
