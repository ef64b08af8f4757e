#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace strowger::hub {

/// The stable machine codes of a failure.
namespace code {
inline constexpr std::string_view bad_json = "bad_json", missing_command = "missing_command",
                                  missing_field = "missing_field", invalid_field = "invalid_field",
                                  unknown_command = "unknown_command", api_error = "api_error",
                                  too_large = "too_large", forbidden = "forbidden", busy = "busy",
                                  timeout = "timeout", not_ready = "not_ready", internal = "internal";
}  // namespace code

/// What a command came to, on its way to the envelope every answer has.
class reply {
public:
    static reply success(std::string_view message) { return {true, message, {}, {}}; }
    static reply failure(std::string_view code, std::string_view message, std::string_view field = {})
    {
        return {false, message, code, field};
    }

    reply&& with(std::string_view key, std::string_view text) &&;
    reply&& with(std::string_view key, const char* text) &&
    {
        return std::move(*this).with(key, std::string_view{text});
    }
    reply&& with(std::string_view key, bool value) &&;
    reply&& with(std::string_view key, std::int64_t value) &&;
    reply&& with_json(std::string_view key, std::string_view json) &&;

    bool ok() const noexcept { return ok_; }
    const std::string& message() const noexcept { return message_; }
    const std::string& code() const noexcept { return code_; }

    /// One JSON object, UTF-8, stamped now [µs].
    std::string render(std::string_view node_id) const;

private:
    reply(bool ok, std::string_view message, std::string_view code, std::string_view field)
        : ok_{ok}, message_{message}, code_{code}, field_{field}
    {
    }
    void key(std::string_view name);

    bool ok_;
    std::string message_, code_, field_;
    std::string more_;  ///< further members, each with a comma before it
};

}  // namespace strowger::hub
