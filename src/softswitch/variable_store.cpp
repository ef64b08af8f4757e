#include "softswitch/variable_store.hpp"

#include "softswitch/text.hpp"

#include <algorithm>

namespace strowger::softswitch {
namespace {

constexpr int deepest = 8;
constexpr std::size_t longest_result = 65536;  // [bytes]

struct expander {
    const variable_lookup& variable;
    const variable_lookup& global;
    const function_lookup& function;

    std::string run(std::string_view text, int depth) const;
    std::string value_of(std::string_view inside, bool is_global, int depth) const;
};

/// Index of the `}` that closes the `{` at text[0]; npos if none does.
std::size_t closing_brace(std::string_view text) noexcept
{
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '{') ++depth;
        if (text[i] == '}' && --depth == 0) return i;
    }
    return std::string_view::npos;
}

/// `name:offset` or `name:offset:length`; a negative offset counts from the end.
std::string slice(std::string value, std::string_view spec)
{
    const auto [offset_text, length_text] = text::cut(spec, ':');
    const auto size = static_cast<std::int64_t>(value.size());
    auto offset = text::to_number(offset_text).value_or(0);
    if (offset < 0) offset = std::max<std::int64_t>(0, size + offset);
    if (offset >= size) return {};
    auto length = text::to_number(length_text).value_or(size);
    if (length < 0) length = std::max<std::int64_t>(0, size - offset + length);
    return value.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
}

std::string expander::value_of(std::string_view inside, bool is_global, int depth) const
{
    const std::string name = run(inside, depth + 1);
    if (is_global) return global(name);
    const auto paren = name.find('(');
    if (paren != std::string::npos && name.ends_with(')')) {
        const std::string_view all = name;
        return function(text::trim(all.substr(0, paren)), all.substr(paren + 1, all.size() - paren - 2));
    }
    const auto [bare, spec] = text::cut(name, ':');
    return spec.empty() ? variable(bare) : slice(variable(bare), spec);
}

std::string expander::run(std::string_view text, int depth) const
{
    std::string out;
    if (depth > deepest) return out;
    while (!text.empty() && out.size() < longest_result) {
        const auto at = text.find('$');
        if (at == std::string_view::npos) return out.append(text);
        if (at > 0 && text[at - 1] == '\\') {
            out.append(text.substr(0, at - 1)) += '$';
            text.remove_prefix(at + 1);
            continue;
        }
        const bool is_global = text.substr(at).starts_with("$${");
        const auto brace = at + (is_global ? 2 : 1);
        const auto end =
            brace < text.size() && text[brace] == '{' ? closing_brace(text.substr(brace)) : std::string_view::npos;
        out.append(text.substr(0, at));
        if (end == std::string_view::npos) {
            out += '$';
            text.remove_prefix(at + 1);
            continue;
        }
        out += value_of(text.substr(brace + 1, end - 1), is_global, depth);
        text.remove_prefix(brace + end + 1);
    }
    return out;
}

}  // namespace

const std::string* variable_store::find(std::string_view name) const noexcept
{
    const auto found = std::ranges::find_if(all_, [&](const auto& each) { return text::same(each.first, name); });
    return found == all_.end() ? nullptr : &found->second;
}

std::string_view variable_store::get(std::string_view name) const noexcept
{
    const auto* found = find(name);
    return found ? std::string_view{*found} : std::string_view{};
}

bool variable_store::is_true(std::string_view name) const noexcept
{
    return text::is_true(get(name));
}

void variable_store::set(std::string_view name, std::string_view value)
{
    // Copied first: `value` may point into what unset() erases.
    std::pair<std::string, std::string> fresh{name, value};
    unset(fresh.first);
    if (!fresh.second.empty()) all_.push_back(std::move(fresh));
}

void variable_store::unset(std::string_view name)
{
    std::erase_if(all_, [&](const auto& each) { return text::same(each.first, name); });
}

std::string expand(std::string_view text, const variable_lookup& variable, const variable_lookup& global,
                   const function_lookup& function)
{
    if (text.find('$') == std::string_view::npos) return std::string{text};
    return expander{variable, global, function}.run(text, 0);
}

}  // namespace strowger::softswitch
