#include "hub/json_view.hpp"

#include "hub/json_text.hpp"

#include <charconv>
#include <cmath>

namespace strowger::hub {
namespace {

constexpr int max_depth = 64;

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

void append_utf8(std::string& out, std::uint32_t point)
{
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xC0 | (point >> 6U));
        put(0x80 | (point & 0x3FU));
    } else if (point < 0x10000) {
        put(0xE0 | (point >> 12U));
        put(0x80 | ((point >> 6U) & 0x3FU));
        put(0x80 | (point & 0x3FU));
    } else {
        put(0xF0 | (point >> 18U));
        put(0x80 | ((point >> 12U) & 0x3FU));
        put(0x80 | ((point >> 6U) & 0x3FU));
        put(0x80 | (point & 0x3FU));
    }
}

/// Four hex digits at `at`. @return 0x10000 when they are not
std::uint32_t hex4(const char* at, const char* end)
{
    std::uint32_t value = 0;
    if (end - at < 4 || std::from_chars(at, at + 4, value, 16).ptr != at + 4) return 0x10000;
    return value;
}

}  // namespace

/// Walks over JSON. With checked text its verdicts are all true, and it serves to find where things end.
struct json_scanner {
    const char* at;
    const char* end;

    void blanks()
    {
        while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) ++at;
    }
    bool take(char c)
    {
        if (at == end || *at != c) return false;
        ++at;
        return true;
    }
    bool word(std::string_view text)
    {
        if (!std::string_view{at, static_cast<std::size_t>(end - at)}.starts_with(text)) return false;
        at += text.size();
        return true;
    }
    bool digits()
    {
        const char* first = at;
        while (at < end && *at >= '0' && *at <= '9') ++at;
        return at > first;
    }
    bool number()
    {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (at < end && (*at == 'e' || *at == 'E')) {
            ++at;
            if (!take('+')) take('-');
            return digits();
        }
        return true;
    }
    bool unicode_escape()
    {
        const auto first = hex4(at, end);
        if (first == 0 || first > 0xFFFF || (first >= 0xDC00 && first <= 0xDFFF)) return false;
        at += 4;
        if (first < 0xD800 || first > 0xDBFF) return true;
        if (!take('\\') || !take('u')) return false;
        const auto second = hex4(at, end);
        if (second < 0xDC00 || second > 0xDFFF) return false;
        at += 4;
        return true;
    }
    bool string()
    {
        if (!take('"')) return false;
        while (at < end) {
            const auto byte = static_cast<unsigned char>(*at);
            if (byte == '"') return ++at, true;
            if (byte < 0x20) return false;
            if (byte == '\\') {
                if (++at == end) return false;
                const char c = *at++;
                if (c == 'u' ? !unicode_escape() : std::string_view{"\"\\/bfnrt"}.find(c) == std::string_view::npos)
                    return false;
                continue;
            }
            const auto size = byte < 0x80 ? 1 : utf8_sequence({at, static_cast<std::size_t>(end - at)});
            if (size == 0) return false;
            at += size;
        }
        return false;
    }
    template <class Element>
    bool list(char open, char close, Element element)
    {
        if (!take(open)) return false;
        blanks();
        if (take(close)) return true;
        while (true) {
            blanks();
            if (!element()) return false;
            blanks();
            if (take(close)) return true;
            if (!take(',')) return false;
        }
    }
    bool value(int depth)
    {
        if (at == end) return false;
        switch (*at) {
            case '{':
                return depth < max_depth && list('{', '}', [&] {
                           if (!string()) return false;
                           blanks();
                           if (!take(':')) return false;
                           blanks();
                           return value(depth + 1);
                       });
            case '[':
                return depth < max_depth && list('[', ']', [&] { return value(depth + 1); });
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }
    /// Of checked text: the value that starts here.
    json_view next()
    {
        const char* first = at;
        value(0);
        return {kind_of(*first), {first, static_cast<std::size_t>(at - first)}};
    }
    static json_view::kind kind_of(char first)
    {
        switch (first) {
            case '{':
                return json_view::kind::object;
            case '[':
                return json_view::kind::array;
            case '"':
                return json_view::kind::string;
            case 't':
            case 'f':
                return json_view::kind::boolean;
            case 'n':
                return json_view::kind::null;
            default:
                return json_view::kind::number;
        }
    }
};

std::optional<json_view> json_view::parse(std::string_view text)
{
    json_scanner scan{text.data(), text.data() + text.size()};
    scan.blanks();
    const char* first = scan.at;
    if (!scan.value(0)) return std::nullopt;
    const std::string_view raw{first, static_cast<std::size_t>(scan.at - first)};
    scan.blanks();
    if (scan.at != scan.end) return std::nullopt;
    return json_view{json_scanner::kind_of(raw.front()), raw};
}

std::string json_view::text() const
{
    std::string out;
    if (kind_ != kind::string) return out;
    const char* at = raw_.data() + 1;
    const char* end = raw_.data() + raw_.size() - 1;
    while (at < end) {
        if (*at != '\\') {
            out += *at++;
            continue;
        }
        const char c = at[1];
        at += 2;
        switch (c) {
            case 'b':
                out += '\b';
                break;
            case 'f':
                out += '\f';
                break;
            case 'n':
                out += '\n';
                break;
            case 'r':
                out += '\r';
                break;
            case 't':
                out += '\t';
                break;
            case 'u': {
                auto point = hex4(at, end);
                at += 4;
                if (point >= 0xD800 && point <= 0xDBFF) {
                    point = 0x10000 + ((point - 0xD800) << 10U) + (hex4(at + 2, end) - 0xDC00);
                    at += 6;
                }
                append_utf8(out, point);
                break;
            }
            default:
                out += c;
        }
    }
    return out;
}

std::optional<std::int64_t> json_view::integer() const
{
    if (kind_ != kind::number) return std::nullopt;
    const char* end = raw_.data() + raw_.size();
    std::int64_t whole = 0;
    if (const auto [stop, ec] = std::from_chars(raw_.data(), end, whole); ec == std::errc{} && stop == end)
        return whole;
    double real = 0;
    if (std::from_chars(raw_.data(), end, real).ec != std::errc{}) return std::nullopt;
    if (std::abs(real) > 9e15 || std::trunc(real) != real) return std::nullopt;
    return static_cast<std::int64_t>(real);
}

void json_view::for_each_member(const std::function<bool(json_view, json_view)>& visit) const
{
    if (kind_ != kind::object) return;
    json_scanner scan{raw_.data(), raw_.data() + raw_.size()};
    scan.list('{', '}', [&] {
        const auto key = scan.next();
        scan.blanks();
        scan.take(':');
        scan.blanks();
        const auto value = scan.next();
        return visit(key, value);
    });
}

void json_view::for_each_item(const std::function<bool(json_view)>& visit) const
{
    if (kind_ != kind::array) return;
    json_scanner scan{raw_.data(), raw_.data() + raw_.size()};
    scan.list('[', ']', [&] { return visit(scan.next()); });
}

bool json_view::same_text(std::string_view plain, bool fold) const
{
    const auto inner = raw_.substr(1, raw_.size() - 2);
    std::string decoded;
    std::string_view mine = inner;
    if (inner.find('\\') != std::string_view::npos) mine = decoded = text();
    if (mine.size() != plain.size()) return false;
    for (std::size_t i = 0; i < mine.size(); ++i)
        if (mine[i] != plain[i] && (!fold || lower(mine[i]) != lower(plain[i]))) return false;
    return true;
}

std::optional<json_view> json_view::find(std::string_view key) const
{
    std::optional<json_view> exact;
    std::optional<json_view> folded;
    for_each_member([&](json_view name, json_view value) {
        if (name.same_text(key, false)) {
            exact = value;
            return false;
        }
        if (!folded && name.same_text(key, true)) folded = value;
        return true;
    });
    return exact ? exact : folded;
}

std::optional<json_view> json_view::field(std::string_view key) const
{
    const auto found = find(key);
    return found && !found->is_null() ? found : std::nullopt;
}

}  // namespace strowger::hub
