#include "base/config.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>
#include <sstream>

#include <toml++/toml.h>

namespace strowger::config {
namespace {

constexpr int max_depth = 16;

struct nested_too_deep {
    int line;
};

node from_toml(const toml::node& in, int depth);

/// toml++ sorts by name; people mean the order in which they wrote.
void read_table(const toml::table& in, int depth, node& out)
{
    std::vector<std::pair<toml::source_position, toml::table::const_iterator>> order;
    for (auto at = in.begin(); at != in.end(); ++at) order.emplace_back(at->second.source().begin, at);
    std::ranges::stable_sort(order, [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [position, at] : order)
        out.members.emplace_back(std::string{at->first.str()}, from_toml(at->second, depth + 1));
}

/// @throws nested_too_deep
node from_toml(const toml::node& in, int depth)
{
    node out;
    out.line = static_cast<int>(in.source().begin.line);
    if (depth > max_depth) throw nested_too_deep{out.line};
    if (const auto* table = in.as_table()) {
        read_table(*table, depth, out);
    } else if (const auto* list = in.as_array()) {
        out.is = node::kind::list;
        for (const auto& item : *list) out.items.push_back(from_toml(item, depth + 1));
    } else if (const auto* text = in.as_string()) {
        out.is = node::kind::text;
        out.scalar = text->get();
    } else if (const auto* integer = in.as_integer()) {
        out.is = node::kind::integer;
        out.scalar = std::to_string(integer->get());
    } else if (const auto* real = in.as_floating_point()) {
        out.is = node::kind::real;
        std::array<char, 32> shortest{};  // that reads back as the same number
        out.scalar.assign(shortest.data(), std::to_chars(shortest.data(), shortest.end(), real->get()).ptr);
    } else if (const auto* flag = in.as_boolean()) {
        out.is = node::kind::boolean;
        out.scalar = flag->get() ? "true" : "false";
    } else {
        std::ostringstream text_of_date;
        in.visit([&](const auto& value) {
            if constexpr (toml::is_date<decltype(value)> || toml::is_time<decltype(value)> ||
                          toml::is_date_time<decltype(value)>)
                text_of_date << value;
        });
        out.is = node::kind::text;
        out.scalar = text_of_date.str();
    }
    return out;
}

std::string folded(std::string_view name)
{
    std::string out{name};
    for (char& c : out) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::string environment_name(std::string_view path)
{
    std::string name = "STROWGER_";
    for (const char c : path)
        name += std::isalnum(static_cast<unsigned char>(c))
                    ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
                    : '_';
    return name;
}

/// FreeSWITCH's words for true and false (`switch_true`, `switch_false`), or a number.
std::optional<bool> truth(std::string_view text)
{
    static const std::set<std::string> yes{"true", "yes", "on", "t", "enabled", "active", "allow"};
    static const std::set<std::string> no{"false", "no", "off", "f", "disabled", "inactive", "disallow"};
    const std::string word = folded(text);
    if (yes.contains(word)) return true;
    if (no.contains(word)) return false;
    long number = 0;
    const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (ec != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return number != 0;
}

std::string range_text(std::int64_t least, std::int64_t most)
{
    using all = std::numeric_limits<std::int64_t>;
    if (least == all::min() && most == all::max()) return "a whole number";
    if (most == all::max()) return "a whole number, " + std::to_string(least) + " or more";
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

std::vector<std::string> split_list(std::string_view text)
{
    std::vector<std::string> out;
    while (true) {
        const auto comma = text.find(',');
        auto word = text.substr(0, comma);
        while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
        while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
        if (!word.empty()) out.emplace_back(word);
        if (comma == std::string_view::npos) return out;
        text.remove_prefix(comma + 1);
    }
}

/// As a TOML basic string.
std::string toml_text(std::string_view text)
{
    static constexpr char hex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) {
            out.append("\\u00") += hex[byte >> 4];
            out += hex[byte & 15];
        } else {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    return out + '"';
}

std::size_t edit_distance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row.back();
}

}  // namespace

node::node() = default;

const node* node::find(std::string_view key) const noexcept
{
    for (const auto& [name, value] : members)
        if (name == key) return &value;
    return nullptr;
}

bool parse_toml(std::string_view text, std::string_view file_name, node& out, std::string& problem)
{
    try {
        out = from_toml(toml::parse(text, file_name), 0);
        return true;
    } catch (const toml::parse_error& wrong) {
        problem = std::string{file_name} + ":" + std::to_string(wrong.source().begin.line) + ": " +
                  std::string{wrong.description()};
    } catch (const nested_too_deep& wrong) {
        problem = std::string{file_name} + ":" + std::to_string(wrong.line) + ": nested more than " +
                  std::to_string(max_depth) + " deep";
    }
    return false;
}

struct reader::state {
    environment env;
    bool loose = false;
    std::vector<std::string> problems;
    std::vector<std::pair<std::string, std::string>> values;
    std::map<const node*, std::set<std::string>> known;  ///< keys asked for, by table
    std::map<const node*, std::string> paths;
    node root;
    node none;  ///< stands for every missing table
};

reader::reader(std::shared_ptr<state> shared, const node* at, std::string path)
    : shared_{std::move(shared)}, at_{at}, path_{std::move(path)}
{
    if (at_ != &shared_->none) {
        shared_->known[at_];
        shared_->paths[at_] = path_;
    }
}

std::string reader::path_of(std::string_view key) const
{
    return path_.empty() ? std::string{key} : path_ + "." + std::string{key};
}

const node* reader::look_up(std::string_view key, node& from_environment)
{
    if (at_ != &shared_->none) shared_->known[at_].emplace(key);
    if (shared_->env && !path_.empty()) {
        if (const char* value = shared_->env(environment_name(path_of(key)).c_str())) {
            from_environment.is = node::kind::text;
            from_environment.scalar = value;
            return &from_environment;
        }
    }
    return locate(key);
}

const node* reader::locate(std::string_view key) const
{
    if (!shared_->loose) return at_->find(key);
    const node* found = nullptr;  // of repeated parameters the last one counts, and an empty one is absent
    for (const auto& [name, value] : at_->members)
        if (folded(name) == folded(key) && !(value.is == node::kind::text && value.scalar.empty())) found = &value;
    return found;
}

bool reader::has(std::string_view key) const
{
    return locate(key) != nullptr;
}

void reader::note(std::string_view key, std::string value)
{
    shared_->values.emplace_back(path_of(key), std::move(value));
}

void reader::fail(std::string_view key, std::string_view expected)
{
    const node* found = locate(key);
    const std::string variable = environment_name(path_of(key));
    std::string where = found != nullptr && found->line > 0 ? " (line " + std::to_string(found->line) + ")" : "";
    if (shared_->env && !path_.empty() && shared_->env(variable.c_str()) != nullptr)
        where = " (environment variable " + variable + ")";
    shared_->problems.push_back(path_of(key) + ": expected " + std::string{expected} + where);
}

void reader::get(std::string_view key, std::string& out)
{
    text(key, out);
    note(key, toml_text(out));
}

void reader::text(std::string_view key, std::string& out)
{
    node env;
    const node* found = look_up(key, env);
    if (found == nullptr) return;
    if (found->is != node::kind::text) return fail(key, "a text in quotes");
    out = found->scalar;
}

void reader::secret(std::string_view key, std::string& out)
{
    text(key, out);
    note(key, out.empty() ? toml_text(out) : "\"***\"");
}

void reader::choose(std::string_view key, std::string& out, std::initializer_list<std::string_view> allowed)
{
    node env;
    const node* found = look_up(key, env);
    const std::string value = found != nullptr ? found->scalar : out;
    const bool good = found == nullptr || (found->is == node::kind::text && std::ranges::count(allowed, value) > 0);
    if (good) out = value;
    note(key, toml_text(out));
    if (good) return;
    std::string expected = "one of";
    for (const auto word : allowed) expected += " " + std::string{word} + ",";
    expected.pop_back();
    fail(key, expected + "; got \"" + value + "\"");
}

void reader::get(std::string_view key, bool& out)
{
    flag(key, out);
    note(key, out ? "true" : "false");
}

void reader::flag(std::string_view key, bool& out)
{
    node env;
    const node* found = look_up(key, env);
    if (found == nullptr) return;
    if (found->is == node::kind::boolean) {
        out = found->scalar == "true";
        return;
    }
    // Environment and XML hold text only.
    const bool text_allowed = shared_->loose || found == &env;
    if (found->is != node::kind::text || !text_allowed) return fail(key, "true or false");
    const auto meant = truth(found->scalar);
    // What FreeSWITCH does not know it takes for false; a mistyped variable deserves a word.
    if (!meant && found == &env) return fail(key, "true or false");
    out = meant.value_or(false);
}

void reader::get(std::string_view key, double& out)
{
    node env;
    if (const node* found = look_up(key, env)) {
        double value = 0;
        const char* end = found->scalar.data() + found->scalar.size();
        const auto [stop, ec] = std::from_chars(found->scalar.data(), end, value);
        const bool number = found->is == node::kind::real || found->is == node::kind::integer ||
                            (found->is == node::kind::text && (shared_->loose || found == &env));
        if (!number || ec != std::errc{} || stop != end || !std::isfinite(value)) {
            fail(key, "a number");
        } else {
            out = value;
        }
    }
    std::ostringstream shown;
    shown << out;
    note(key, shown.str());
}

bool reader::integer(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most)
{
    node env;
    const node* found = look_up(key, env);
    if (found == nullptr) return false;
    const bool text_allowed = shared_->loose || found == &env;
    const char* end = found->scalar.data() + found->scalar.size();
    const auto [stop, ec] = std::from_chars(found->scalar.data(), end, out);
    const bool numeric = found->is == node::kind::integer || (text_allowed && found->is == node::kind::text);
    if (!numeric || ec != std::errc{} || stop != end || out < least || out > most) {
        fail(key, range_text(least, most));
        return false;
    }
    return true;
}

void reader::get(std::string_view key, std::vector<std::string>& out)
{
    list(key, out);
    std::string shown;
    for (const auto& word : out) shown.append(shown.empty() ? "" : ", ").append(toml_text(word));
    note(key, "[" + shown + "]");
}

void reader::list(std::string_view key, std::vector<std::string>& out)
{
    node env;
    const node* found = look_up(key, env);
    if (found == nullptr) return;
    if (found->is == node::kind::text) {
        out = split_list(found->scalar);
        return;
    }
    std::vector<std::string> words;
    for (const node& item : found->items) {
        if (item.is != node::kind::text) return fail(key, "a list of texts");
        words.push_back(item.scalar);
    }
    if (found->is != node::kind::list) return fail(key, "a list of texts");
    out = std::move(words);
}

reader reader::table(std::string_view key)
{
    if (at_ != &shared_->none) shared_->known[at_].emplace(key);
    const node* found = locate(key);
    if (found != nullptr && found->is != node::kind::table) fail(key, "a table, [" + path_of(key) + "]");
    if (found == nullptr || found->is != node::kind::table) found = &shared_->none;
    return reader{shared_, found, path_of(key)};
}

std::vector<std::pair<std::string, reader>> reader::named_tables(std::string_view key)
{
    reader parent = table(key);
    std::vector<std::pair<std::string, reader>> out;
    for (const auto& [name, value] : parent.at_->members) out.emplace_back(name, parent.table(name));
    return out;
}

std::vector<reader> reader::tables(std::string_view key)
{
    if (at_ != &shared_->none) shared_->known[at_].emplace(key);
    std::vector<reader> out;
    const node* found = locate(key);
    if (found == nullptr) return out;
    if (found->is != node::kind::list) {
        fail(key, "an array of tables, [[" + path_of(key) + "]]");
        return out;
    }
    for (std::size_t i = 0; i < found->items.size(); ++i) {
        const node& item = found->items[i];
        if (item.is != node::kind::table) {
            fail(key, "tables in the list");
            return out;
        }
        out.push_back(reader{shared_, &item, path_of(key) + "[" + std::to_string(i) + "]"});
    }
    return out;
}

loader::loader(const node& root, environment env, bool loose) : shared_{std::make_shared<reader::state>()}
{
    shared_->root = root;
    shared_->env = std::move(env);
    shared_->loose = loose;
}

reader loader::root()
{
    return reader{shared_, &shared_->root, ""};
}

std::vector<std::string> loader::problems() const
{
    std::vector<std::string> out = shared_->problems;
    for (const auto& [table, keys] : shared_->known) {
        const std::vector<std::string> known{keys.begin(), keys.end()};
        for (const auto& [name, value] : table->members) {
            const auto same = [plain = folded(name)](const auto& key) { return folded(key) == plain; };
            const bool asked = shared_->loose ? std::ranges::any_of(known, same) : keys.contains(name);
            if (asked) continue;
            const auto& path = shared_->paths[table];
            std::string line = (path.empty() ? name : path + "." + name) + ": unknown key";
            if (value.line > 0) line += " (line " + std::to_string(value.line) + ")";
            if (const auto word = nearest(name, known); !word.empty())
                line += "; did you mean \"" + std::string{word} + "\"?";
            out.push_back(std::move(line));
        }
    }
    return out;
}

const std::vector<std::pair<std::string, std::string>>& loader::values() const noexcept
{
    return shared_->values;
}

std::string_view nearest(std::string_view word, const std::vector<std::string>& known)
{
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const auto& candidate : known) {
        const auto distance = edit_distance(word, candidate);
        const bool alike = distance < std::max(word.size(), candidate.size());  // else not a letter is the same
        if (alike && distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

}  // namespace strowger::config
