#pragma once
#include <string_view>

namespace strowger::hub {

bool has_control(std::string_view text) noexcept;
bool has_blank_or_control(std::string_view text) noexcept;

/// A variable that makes the host run something later: `api_on_*`, `execute_on_*`, …
bool exec_variable(std::string_view name) noexcept;
/// `[A-Za-z_][A-Za-z0-9_.:-]{0,127}`
bool variable_name(std::string_view name) noexcept;

/// A dial string: no control character, blanks only inside `{…}`, `[…]` and `<…>`, every block closed.
bool dial_string(std::string_view text) noexcept;
/// Whether a block of the dial string sets an exec_variable().
bool sets_exec_variable(std::string_view dial_string) noexcept;
/// Whether the dial string runs an application of the caller's choice (`loopback/app=…`).
bool runs_application(std::string_view dial_string) noexcept;

/// `&app`, `&app(args)`, or a number without blanks.
bool extension(std::string_view text) noexcept;
/// Whether an extension is a number, or names one of the applications that can do no harm.
bool harmless_extension(std::string_view text) noexcept;

/// `[A-Za-z0-9_.:-]+`
bool channel_id(std::string_view text) noexcept;

}  // namespace strowger::hub
