#include "support/alloc_guard.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t calls = 0;

void* allocate(std::size_t size)
{
    ++calls;
    if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
    throw std::bad_alloc{};
}

void release(void* memory) noexcept
{
    ++calls;
    std::free(memory);
}

}  // namespace

// Replacing these replaces all their variants but the aligned ones, which call malloc's kin of their own; the one
// that does not throw only because AddressSanitizer has one of its own, whose memory ours must not free.
void* operator new(std::size_t size)
{
    return allocate(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    ++calls;
    return std::malloc(size > 0 ? size : 1);
}
void operator delete(void* memory) noexcept
{
    release(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    release(memory);
}

namespace strowger::test {

alloc_guard::alloc_guard() noexcept : before_{calls} {}
alloc_guard::~alloc_guard() = default;

std::uint64_t alloc_guard::count() const noexcept
{
    return calls - before_;
}

}  // namespace strowger::test
