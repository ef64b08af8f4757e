#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace strowger::log {

/// syslog's severities, most severe first (RFC 5424 6.2.1); names as in `parse_level`.
enum class level : std::uint8_t { emerg, alert, crit, err, warning, notice, info, debug };

/// One `key=value` of a line. Text is copied when the line is written; numbers are printed in decimal.
struct field {
    std::string_view key;
    std::string value;

    field(std::string_view k, std::string_view v) : key{k}, value{v} {}
    field(std::string_view k, const char* v) : key{k}, value{v} {}
    field(std::string_view k, const std::string& v) : key{k}, value{v} {}
    field(std::string_view k, bool v) : key{k}, value{v ? "true" : "false"} {}
    template <std::integral Number>
    field(std::string_view k, Number v) : key{k}, value{std::to_string(v)}
    {
    }
    template <std::floating_point Number>
    field(std::string_view k, Number v) : key{k}, value{std::to_string(v)}
    {
    }
};

enum class format : std::uint8_t { human, json };

/// Where finished lines go when not to our own stderr: FreeSWITCH's log, a test's vector.
/// Threads: called from any thread that logs; must not block.
using sink = std::function<void(level, std::string_view logger, std::string_view text, std::string_view leg)>;

/// Starts logging to stderr, asynchronously; a full queue drops lines and counts them rather than block.
/// Before this call and after `stop` lines are dropped. Threads: main only.
void start(level threshold, format form);
/// Sends lines to `out` instead of stderr until `stop`.
void start(level threshold, sink out);
/// Writes what is queued and ends the logging thread.
void stop();
/// Lines lost to a full queue since the process began.
std::uint64_t dropped();

void set_level(level threshold) noexcept;
level get_level() noexcept;
bool enabled(level severity) noexcept;

/// Writes one line: a short fact, then `key=value`. A field named `leg` is the call leg's uuid.
/// Never pass secrets, DTMF digits, audio or message bodies. Threads: any but the media thread.
void write(level severity, std::string_view logger, std::string_view message,
           std::initializer_list<field> fields = {});

/// As write(), whatever the threshold: for a part that keeps a threshold of its own.
void write_always(level severity, std::string_view logger, std::string_view message,
                  std::initializer_list<field> fields = {});

inline void error(std::string_view logger, std::string_view message, std::initializer_list<field> fields = {})
{
    write(level::err, logger, message, fields);
}
inline void warn(std::string_view logger, std::string_view message, std::initializer_list<field> fields = {})
{
    write(level::warning, logger, message, fields);
}
inline void notice(std::string_view logger, std::string_view message, std::initializer_list<field> fields = {})
{
    write(level::notice, logger, message, fields);
}
inline void info(std::string_view logger, std::string_view message, std::initializer_list<field> fields = {})
{
    write(level::info, logger, message, fields);
}
inline void debug(std::string_view logger, std::string_view message, std::initializer_list<field> fields = {})
{
    if (enabled(level::debug)) write(level::debug, logger, message, fields);
}

/// "debug", "info", … in lower case.
std::string_view to_string(level severity) noexcept;
/// Reads a level's name in any case, the aliases error, warn, critical and console, or 0 to 7.
/// @return false, and leaves `out` alone, when `text` is none of them.
bool parse_level(std::string_view text, level& out) noexcept;

}  // namespace strowger::log
