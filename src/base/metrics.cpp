#include "base/metrics.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace strowger::metrics {
namespace {

std::string number(double value)
{
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.10g", value);
    return text.data();
}

/// @param quoted  a label's value, where a quote needs a backslash too
void append_escaped(std::string& out, std::string_view value, bool quoted)
{
    for (const char c : value) {
        if (c == '\\' || (quoted && c == '"')) out += '\\';
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        out += c;
    }
}

}  // namespace

void histogram::observe(std::chrono::nanoseconds took) noexcept
{
    took = std::max(took, std::chrono::nanoseconds::zero());
    const double seconds = std::chrono::duration<double>(took).count();
    std::size_t at = 0;
    while (at < bounds_seconds.size() && seconds > bounds_seconds[at]) ++at;
    buckets_[at].fetch_add(1, std::memory_order_relaxed);
    sum_ns_.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
}

void writer::head(std::string_view name, std::string_view help, std::string_view type)
{
    if (last_name_ == name) return;
    last_name_ = name;
    text_.append("# HELP ").append(name).append(" ");
    append_escaped(text_, help, false);
    text_.append("\n# TYPE ").append(name).append(" ").append(type);
    text_ += '\n';
}

void writer::sample(std::string_view name, std::string_view suffix, labels with, std::string_view le,
                    std::string_view value)
{
    text_.append(name).append(suffix);
    if (with.size() > 0 || !le.empty()) {
        char separator = '{';
        for (const auto& [key, label] : with) {
            text_ += separator;
            text_.append(key).append("=\"");
            append_escaped(text_, label, true);
            text_ += '"';
            separator = ',';
        }
        if (!le.empty()) {
            text_ += separator;
            text_.append("le=\"").append(le).append("\"");
        }
        text_ += '}';
    }
    text_ += ' ';
    text_.append(value);
    text_ += '\n';
}

void writer::counter(std::string_view name, std::string_view help, std::uint64_t value, labels with)
{
    head(name, help, "counter");
    sample(name, "", with, "", std::to_string(value));
}

void writer::gauge(std::string_view name, std::string_view help, double value, labels with)
{
    head(name, help, "gauge");
    sample(name, "", with, "", number(value));
}

void writer::histogram(std::string_view name, std::string_view help, const metrics::histogram& values, labels with)
{
    head(name, help, "histogram");
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < values.buckets_.size(); ++i) {
        total += values.buckets_[i].load(std::memory_order_relaxed);
        const std::string le =
            i < metrics::histogram::bounds_seconds.size() ? number(histogram::bounds_seconds[i]) : "+Inf";
        sample(name, "_bucket", with, le, std::to_string(total));
    }
    sample(name, "_sum", with, "", number(static_cast<double>(values.sum_ns_.load(std::memory_order_relaxed)) / 1e9));
    sample(name, "_count", with, "", std::to_string(total));
}

}  // namespace strowger::metrics
