#pragma once
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace strowger::softswitch {

template <class Value>
class task;

namespace task_detail {

struct task_promise_base {
    std::coroutine_handle<> waiting;  ///< who co_awaits us
    std::exception_ptr problem;

    struct final_awaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept
        {
            const auto next = self.promise().waiting;
            return next ? next : std::noop_coroutine();
        }
        void await_resume() const noexcept {}
    };
    std::suspend_always initial_suspend() const noexcept { return {}; }
    final_awaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { problem = std::current_exception(); }
};

template <class Value>
struct task_promise : task_promise_base {
    std::optional<Value> value;
    task<Value> get_return_object() noexcept;
    template <class From>
    void return_value(From&& from)
    {
        value.emplace(std::forward<From>(from));
    }
    Value take()
    {
        if (problem) std::rethrow_exception(problem);
        return std::move(*value);
    }
};

template <>
struct task_promise<void> : task_promise_base {
    task<void> get_return_object() noexcept;
    void return_void() const noexcept {}
    void take() const
    {
        if (problem) std::rethrow_exception(problem);
    }
};

}  // namespace task_detail

/// A piece of call control that reads like a script: it runs until it waits, and goes on when what it waits
/// for has happened. Lazy: it starts when it is awaited or start()ed.
///
/// Threads:  control thread.
/// Lifetime: owns the coroutine; destroying it while it waits destroys its locals and takes back what it
///           waited for.
template <class Value = void>
class [[nodiscard]] task {
public:
    using promise_type = task_detail::task_promise<Value>;

    task() = default;
    explicit task(std::coroutine_handle<promise_type> from) noexcept : self_{from} {}
    task(task&& other) noexcept : self_{std::exchange(other.self_, nullptr)} {}
    task& operator=(task&& other) noexcept
    {
        if (this == &other) return *this;
        if (self_) self_.destroy();
        self_ = std::exchange(other.self_, nullptr);
        return *this;
    }
    ~task()
    {
        if (self_) self_.destroy();
    }

    /// Runs up to the first wait. For the outermost task only; inner ones are awaited.
    void start() const { self_.resume(); }
    bool done() const noexcept { return !self_ || self_.done(); }

    auto operator co_await() noexcept
    {
        struct awaiter {
            std::coroutine_handle<promise_type> inner;
            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<> outer) const noexcept
            {
                inner.promise().waiting = outer;
                return inner;
            }
            Value await_resume() const { return inner.promise().take(); }
        };
        return awaiter{self_};
    }

private:
    std::coroutine_handle<promise_type> self_;
};

template <class Value>
task<Value> task_detail::task_promise<Value>::get_return_object() noexcept
{
    return task<Value>{std::coroutine_handle<task_promise>::from_promise(*this)};
}
inline task<void> task_detail::task_promise<void>::get_return_object() noexcept
{
    return task<void>{std::coroutine_handle<task_promise>::from_promise(*this)};
}

}  // namespace strowger::softswitch
