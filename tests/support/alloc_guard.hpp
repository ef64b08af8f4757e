#pragma once
#include <cstdint>

namespace strowger::test {

/// Counts what the calling thread allocates and frees while it lives. Link one alloc_guard.cpp to use it.
class alloc_guard {
public:
    alloc_guard() noexcept;
    ~alloc_guard();
    alloc_guard(const alloc_guard&) = delete;
    alloc_guard& operator=(const alloc_guard&) = delete;
    /// Calls of new and delete on this thread since the guard was made.
    std::uint64_t count() const noexcept;

private:
    std::uint64_t before_;
};

}  // namespace strowger::test
