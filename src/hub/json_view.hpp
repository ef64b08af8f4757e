#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace strowger::hub {

/// A JSON value inside a text that was checked whole by parse(); nothing is copied until somebody asks.
/// Lifetime: the text's.
class json_view {
public:
    enum class kind : std::uint8_t { null, boolean, number, string, array, object };

    /// Checks `text` as exactly one JSON value (RFC 8259) between blanks. Stricter than the RFC where a command
    /// could be misread: valid UTF-8 only, no `\u0000`, no unpaired surrogate, at most 64 levels deep.
    /// Takes no memory whatever the text holds.
    static std::optional<json_view> parse(std::string_view text);
    /// `{}`.
    static json_view empty_object() { return {kind::object, "{}"}; }

    kind is() const noexcept { return kind_; }
    bool is_null() const noexcept { return kind_ == kind::null; }
    bool is_string() const noexcept { return kind_ == kind::string; }
    bool is_object() const noexcept { return kind_ == kind::object; }
    bool is_array() const noexcept { return kind_ == kind::array; }
    bool is_true() const noexcept { return kind_ == kind::boolean && raw_.front() == 't'; }

    /// Of a string: its text with the escapes resolved.
    std::string text() const;
    /// Of a number that is whole and fits.
    std::optional<std::int64_t> integer() const;
    /// The value as it stands in the text.
    std::string_view raw() const noexcept { return raw_; }

    /// Of an object: each member in order, repeated keys included. `visit` returns false to stop.
    void for_each_member(const std::function<bool(json_view key, json_view value)>& visit) const;
    /// Of an array.
    void for_each_item(const std::function<bool(json_view item)>& visit) const;

    /// Of an object: the first member with exactly that key, else the first whose key differs in ASCII case only.
    std::optional<json_view> find(std::string_view key) const;
    /// As find(), but null counts as absent.
    std::optional<json_view> field(std::string_view key) const;

private:
    json_view(kind is, std::string_view raw) : kind_{is}, raw_{raw} {}
    bool same_text(std::string_view plain, bool fold) const;
    friend struct json_scanner;

    kind kind_;
    std::string_view raw_;
};

}  // namespace strowger::hub
