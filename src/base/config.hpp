#pragma once
#include "base/result.hpp"

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strowger::config {

struct node;

/// A configuration file as a tree, whatever its syntax was.
/// Shape: a scalar keeps its text and its kind; a table keeps its keys in file order.
struct node {
    enum class kind : std::uint8_t { table, list, text, integer, real, boolean };
    kind is = kind::table;
    std::string scalar;
    std::vector<std::pair<std::string, node>> members;  ///< of a table
    std::vector<node> items;                            ///< of a list
    int line = 0;                                       ///< 1-based; 0: not from a file

    node();  // not here, where clang 14 finds the members' own type incomplete
    const node* find(std::string_view key) const noexcept;
};

/// Parses TOML 1.0, nested at most 16 deep.
/// @return true and the tree in `out`; or false and what is wrong, as `file:line: message`, in `problem`
bool parse_toml(std::string_view text, std::string_view file_name, node& out, std::string& problem);

/// Looks a variable up; nullptr if unset.
using environment = std::function<const char*(const char* name)>;

/// Reads one table into the fields of a struct: the struct's own defaults, then the file, then the environment
/// (`STROWGER_<SECTION>_<KEY>`; keys outside every table have none). Every call names a key, so the keys never
/// asked for are unknown. A field whose value is wrong or missing is left alone.
///
///     void sip_settings::read(config::reader in) { in.get("bind", bind); in.get("port", port, 0, 65535); }
///
/// Errors are collected, not thrown; each names the key's path, what was expected and the line.
/// Key comparison ignores nothing in TOML; see `loose` for FreeSWITCH XML, where every value is text.
class reader {
public:
    void get(std::string_view key, std::string& out);
    /// From text (environment, XML) in FreeSWITCH's words: true, yes, on, enabled, 1…
    void get(std::string_view key, bool& out);
    /// A finite number, with or without a fraction.
    void get(std::string_view key, double& out);
    /// A list of texts; one text with commas counts as a list too.
    void get(std::string_view key, std::vector<std::string>& out);
    template <std::integral Number>
    requires(!std::same_as<Number, bool>) void get(std::string_view key, Number& out,
                                                   std::int64_t least = std::numeric_limits<Number>::min(),
                                                   std::int64_t most = highest<Number>())
    {
        std::int64_t value = 0;
        if (integer(key, value, least, most)) out = static_cast<Number>(value);
        note(key, std::to_string(out));
    }
    /// As text(), but the value must be one of `allowed`.
    void choose(std::string_view key, std::string& out, std::initializer_list<std::string_view> allowed);
    /// As text(), but never shown in any message or dump.
    void secret(std::string_view key, std::string& out);

    /// The sub-table `key`; empty, but readable, when it is missing.
    reader table(std::string_view key);
    /// Every sub-table of `key` with its name, in file order: `[users.1000]`, `[users.1001]`.
    std::vector<std::pair<std::string, reader>> named_tables(std::string_view key);
    /// Every element of the array of tables `[[key]]`.
    std::vector<reader> tables(std::string_view key);
    /// Whether the file, not the environment, gives the key a value.
    bool has(std::string_view key) const;

    /// Says that a value that parsed is wrong all the same.
    void fail(std::string_view key, std::string_view expected);

private:
    friend class loader;
    struct state;
    reader(std::shared_ptr<state> shared, const node* at, std::string path);
    template <class Number>
    static constexpr std::int64_t highest()
    {
        return std::numeric_limits<Number>::max() > std::numeric_limits<std::int64_t>::max()
                   ? std::numeric_limits<std::int64_t>::max()
                   : static_cast<std::int64_t>(std::numeric_limits<Number>::max());
    }
    bool integer(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most);
    void text(std::string_view key, std::string& out);
    void flag(std::string_view key, bool& out);
    void list(std::string_view key, std::vector<std::string>& out);
    /// Remembers what a key came to, for loader::values().
    void note(std::string_view key, std::string value);
    /// File value, then environment; marks the key as known.
    const node* look_up(std::string_view key, node& from_environment);
    /// File value alone, by exact or loose name.
    const node* locate(std::string_view key) const;
    std::string path_of(std::string_view key) const;

    std::shared_ptr<state> shared_;
    const node* at_;
    std::string path_;
};

/// One reading of one tree.
class loader {
public:
    /// @param loose  names compare without case and with `-` for `_` (FreeSWITCH XML parameters)
    explicit loader(const node& root, environment env = {}, bool loose = false);
    reader root();
    /// After everything was read: all errors, unknown keys included, each one line. Empty: good.
    std::vector<std::string> problems() const;
    /// Every key that was read with what it came to, as TOML would write it, in the order of reading.
    /// Secrets are `"***"`.
    const std::vector<std::pair<std::string, std::string>>& values() const noexcept;

private:
    std::shared_ptr<reader::state> shared_;
};

/// The word of `known` nearest to `word`: edit distance at most 2 or a third of its length, whichever is more,
/// and at least one letter in common; empty if none.
std::string_view nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace strowger::config
