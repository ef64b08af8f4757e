#pragma once
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace strowger::metrics {

using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// A count that only grows. Threads: any; one relaxed add.
class counter {
public:
    void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

/// Latencies in buckets from 50 µs to 10 s. Threads: any; no lock, no allocation.
class histogram {
public:
    static constexpr std::array<double, 15> bounds_seconds{
        0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 10.0};
    /// Less than nothing counts as nothing.
    void observe(std::chrono::nanoseconds took) noexcept;

private:
    friend class writer;
    std::array<std::atomic<std::uint64_t>, bounds_seconds.size() + 1> buckets_{};
    std::atomic<std::uint64_t> sum_ns_{0};
};

/// Builds one page in the Prometheus text format 0.0.4. Samples of one name must follow one another.
class writer {
public:
    /// Names end in their unit: `_total`, `_seconds`, `_bytes`.
    void counter(std::string_view name, std::string_view help, std::uint64_t value, labels with = {});
    void gauge(std::string_view name, std::string_view help, double value, labels with = {});
    void histogram(std::string_view name, std::string_view help, const metrics::histogram& values, labels with = {});
    const std::string& text() const noexcept { return text_; }

private:
    void head(std::string_view name, std::string_view help, std::string_view type);
    void sample(std::string_view name, std::string_view suffix, labels with, std::string_view le,
                std::string_view value);
    std::string text_;
    std::string last_name_;
};

}  // namespace strowger::metrics
