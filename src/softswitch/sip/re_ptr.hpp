#pragma once
#include "base/log.hpp"

#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <re.h>
// libre defines these for C compilers of before 1999, and for us.
#undef bool
#undef true
#undef false

namespace strowger::softswitch::sip {

/// Gives one reference of a libre object back.
struct re_deref {
    void operator()(const void* object) const noexcept { mem_deref(const_cast<void*>(object)); }
};

/// Owns one reference of a libre object.
template <class Object>
using re_ptr = std::unique_ptr<Object, re_deref>;

/// One more reference of an object that somebody else owns.
template <class Object>
re_ptr<Object> share(Object* object) noexcept
{
    return re_ptr<Object>{static_cast<Object*>(mem_ref(const_cast<std::remove_const_t<Object>*>(object)))};
}

/// What libre makes through an out-parameter: `sip_alloc(out(sip_), …)`.
template <class Object>
class out_param {
public:
    explicit out_param(re_ptr<Object>& to) noexcept : to_{to} {}
    ~out_param() { to_.reset(made_); }
    out_param(const out_param&) = delete;
    out_param& operator=(const out_param&) = delete;
    operator Object**() noexcept { return &made_; }

private:
    re_ptr<Object>& to_;
    Object* made_ = nullptr;
};
template <class Object>
out_param<Object> out(re_ptr<Object>& to) noexcept
{
    return out_param<Object>{to};
}

inline std::string_view view(const pl& text) noexcept
{
    return text.p == nullptr ? std::string_view{} : std::string_view{text.p, text.l};
}
inline std::string text(const pl& from)
{
    return std::string{view(from)};
}
inline pl as_pl(std::string_view from) noexcept
{
    return {from.data(), from.size()};
}

/// Runs the body of a libre callback: nothing thrown may cross into C.
/// @return what `work` returned, or `otherwise`
template <class Result, class Work>
Result guarded(Result otherwise, Work&& work) noexcept
{
    try {
        return std::forward<Work>(work)();
    } catch (const std::exception& problem) {
        log::error("sip", "a callback failed", {{"what", problem.what()}});
    } catch (...) {
        log::error("sip", "a callback failed");
    }
    return otherwise;
}
template <class Work>
void guarded(Work&& work) noexcept
{
    guarded(0, [&] {
        std::forward<Work>(work)();
        return 0;
    });
}

}  // namespace strowger::softswitch::sip
