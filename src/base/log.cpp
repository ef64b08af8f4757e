#include "base/log.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <ctime>
#include <mutex>
#include <shared_mutex>

#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace strowger::log {
namespace {

constexpr std::size_t queue_lines = 8192;
constexpr std::array<std::string_view, 8> names{"emerg",   "alert",  "crit", "err",
                                                "warning", "notice", "info", "debug"};

struct state {
    std::shared_mutex mutex;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    std::shared_ptr<spdlog::logger> out;
    sink custom;
    format form = format::human;
    std::uint64_t dropped_before = 0;  ///< by pools that are gone
};

state& shared()
{
    static state one;
    return one;
}

std::atomic<level> threshold_{level::info};
std::atomic<bool> running_{false};

/// As a JSON string. What is no UTF-8 becomes U+FFFD, or one bad byte from a peer would spoil the whole line.
void append_json_text(std::string& out, std::string_view text)
{
    static constexpr char hex[] = "0123456789abcdef";
    out += '"';
    while (!text.empty()) {
        const auto size = utf8_character(text);
        const auto byte = static_cast<unsigned char>(text.front());
        if (byte == '"' || byte == '\\') {
            out.append("\\").append(1, text.front());
        } else if (byte < 0x20 || byte == 0x7f) {
            out.append("\\u00").append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
        } else {
            out.append(size > 0 ? text.substr(0, size) : "\xef\xbf\xbd");
        }
        text.remove_prefix(std::max<std::size_t>(1, size));
    }
    out += '"';
}

/// Whether a value reads well, and does nothing to a terminal, without quotes.
bool is_plain(std::string_view value)
{
    return !value.empty() && std::ranges::none_of(value, [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == 0x7f;
    });
}

std::string stamp()
{
    std::timespec now{};
    std::timespec_get(&now, TIME_UTC);
    std::tm utc{};
    gmtime_r(&now.tv_sec, &utc);
    std::array<char, 40> text{};
    const auto used = std::strftime(text.data(), text.size(), "%FT%T", &utc);
    std::snprintf(text.data() + used, text.size() - used, ".%03ldZ", now.tv_nsec / 1000000);
    return text.data();
}

std::string as_json(level severity, std::string_view logger, std::string_view message,
                    std::initializer_list<field> fields)
{
    std::string out =
        R"({"time":")" + stamp() + R"(","level":")" + std::string{to_string(severity)} + R"(","logger":)";
    append_json_text(out, logger);
    out += R"(,"message":)";
    append_json_text(out, message);
    for (const auto& [key, value] : fields) {
        out += ',';
        append_json_text(out, key);
        out += ':';
        append_json_text(out, value);
    }
    return out + '}';
}

std::string as_text(std::string_view message, std::initializer_list<field> fields)
{
    std::string out{message};
    for (const auto& [key, value] : fields) {
        out.append(" ").append(key).append("=");
        if (is_plain(value)) {
            out += value;
        } else {
            append_json_text(out, value);
        }
    }
    return out;
}

spdlog::level::level_enum colour_of(level severity)
{
    if (severity <= level::crit) return spdlog::level::critical;
    if (severity == level::err) return spdlog::level::err;
    if (severity == level::warning) return spdlog::level::warn;
    return severity == level::debug ? spdlog::level::debug : spdlog::level::info;
}

}  // namespace

void start(level threshold, format form)
{
    stop();
    const std::unique_lock lock{shared().mutex};
    threshold_ = threshold;
    shared().form = form;
    shared().pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
    auto stderr_sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    shared().out = std::make_shared<spdlog::async_logger>("strowger", std::move(stderr_sink), shared().pool,
                                                          spdlog::async_overflow_policy::overrun_oldest);
    shared().out->set_level(spdlog::level::trace);
    shared().out->set_pattern(form == format::json ? "%v" : "%H:%M:%S.%e %^%-7l%$ %v");
    running_ = true;
}

void start(level threshold, sink out)
{
    stop();
    const std::unique_lock lock{shared().mutex};
    threshold_ = threshold;
    shared().custom = std::move(out);
    running_ = true;
}

void stop()
{
    running_ = false;
    const std::unique_lock lock{shared().mutex};
    if (shared().out) shared().out->flush();
    shared().out.reset();
    if (shared().pool) shared().dropped_before += shared().pool->overrun_counter();
    shared().pool.reset();  // drains the queue and joins
    shared().custom = nullptr;
}

std::uint64_t dropped()
{
    const std::shared_lock lock{shared().mutex};
    return shared().dropped_before + (shared().pool ? shared().pool->overrun_counter() : 0);
}

void set_level(level threshold) noexcept
{
    threshold_.store(threshold, std::memory_order_relaxed);
}
level get_level() noexcept
{
    return threshold_.load(std::memory_order_relaxed);
}

bool enabled(level severity) noexcept
{
    return running_.load(std::memory_order_relaxed) && severity <= threshold_.load(std::memory_order_relaxed);
}

void write(level severity, std::string_view logger, std::string_view message, std::initializer_list<field> fields)
{
    if (enabled(severity)) write_always(severity, logger, message, fields);
}

void write_always(level severity, std::string_view logger, std::string_view message,
                  std::initializer_list<field> fields)
{
    if (!running_.load(std::memory_order_relaxed)) return;
    const std::shared_lock lock{shared().mutex};
    if (shared().custom) {
        std::string_view leg;
        for (const auto& [key, value] : fields)
            if (key == "leg") leg = value;
        shared().custom(severity, logger, as_text(message, fields), leg);
    } else if (shared().out) {
        if (shared().form == format::json) {
            shared().out->log(colour_of(severity), as_json(severity, logger, message, fields));
        } else {
            shared().out->log(colour_of(severity), std::string{logger} + ": " + as_text(message, fields));
        }
    }
}

std::string_view to_string(level severity) noexcept
{
    return names[static_cast<std::size_t>(severity)];
}

bool parse_level(std::string_view text, level& out) noexcept
{
    std::array<char, 12> lower{};
    if (text.empty() || text.size() > lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        lower[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    std::string_view word{lower.data(), text.size()};
    if (word == "error") word = "err";
    if (word == "warn") word = "warning";
    if (word == "critical") word = "crit";
    if (word == "console") word = "emerg";
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (word == names[i] || (word.size() == 1 && word[0] == static_cast<char>('0' + i))) {
            out = static_cast<level>(i);
            return true;
        }
    }
    return false;
}

}  // namespace strowger::log
