#pragma once
#include <atomic>
#include <utility>

namespace strowger::softswitch {

/// Something that travels from the control side to the media thread and back. It is made and destroyed on
/// the control side only, so the media thread never allocates, frees or drops a last reference.
class parcel {
public:
    parcel() = default;
    parcel(const parcel&) = delete;
    parcel& operator=(const parcel&) = delete;
    virtual ~parcel() = default;
    /// Media thread, once, between two ticks.
    /// @return true: done with, send it back. False: kept, it comes back later, or is not ours to touch any more
    virtual bool open() noexcept { return true; }
    /// Control thread, just before it is destroyed there.
    virtual void returned() {}

    parcel* next = nullptr;
};

/// Parcels on their way to the media thread.
/// Threads: push() by anyone; take() by the media thread, which waits for nobody.
class parcel_inbox {
public:
    void push(parcel& what) noexcept
    {
        what.next = newest_.load(std::memory_order_relaxed);
        while (
            !newest_.compare_exchange_weak(what.next, &what, std::memory_order_release, std::memory_order_relaxed)) {
        }
    }
    /// @return all parcels, linked in the order of posting
    parcel* take() noexcept
    {
        parcel* in_order = nullptr;
        for (parcel* each = newest_.exchange(nullptr, std::memory_order_acquire); each != nullptr;) {
            parcel* const older = std::exchange(each->next, in_order);
            in_order = std::exchange(each, older);
        }
        return in_order;
    }

private:
    std::atomic<parcel*> newest_{nullptr};
};

/// Parcels on their way back. The media thread collects them and offers the whole chain once a tick; if the
/// control thread has not yet taken the last chain, this one waits for the next tick.
/// Threads: add() and offer() by the media thread, wait-free; take() by the control thread.
class parcel_outbox {
public:
    void add(parcel& what) noexcept
    {
        what.next = nullptr;
        (last_ == nullptr ? first_ : last_->next) = &what;
        last_ = &what;
    }
    /// @return whether there is something new for the control thread
    bool offer() noexcept
    {
        if (first_ == nullptr) return false;
        parcel* none = nullptr;
        if (!offered_.compare_exchange_strong(none, first_, std::memory_order_release, std::memory_order_relaxed)) {
            return true;
        }
        first_ = last_ = nullptr;
        return true;
    }
    parcel* take() noexcept { return offered_.exchange(nullptr, std::memory_order_acquire); }

private:
    parcel* first_ = nullptr;
    parcel* last_ = nullptr;
    std::atomic<parcel*> offered_{nullptr};
};

}  // namespace strowger::softswitch
