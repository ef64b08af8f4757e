#pragma once
#include <string>

#include <boost/system/error_category.hpp>

namespace strowger {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"  // Boost's own destructor is protected, not virtual
/// The texts of one library's `enum class errc`. One static object for each library.
class error_category final : public boost::system::error_category {
public:
    using texts = const char* (*)(int value) noexcept;

    /// @param name     the library's: "media"
    /// @param text_of  a sentence that a stranger can act on, for every enumerator
    constexpr error_category(const char* name, texts text_of) noexcept : name_{name}, text_of_{text_of} {}

    const char* name() const noexcept override { return name_; }
    std::string message(int value) const override { return text_of_(value); }

private:
    const char* name_;
    texts text_of_;
};
#pragma GCC diagnostic pop

}  // namespace strowger
