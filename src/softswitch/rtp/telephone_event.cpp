#include "softswitch/rtp/telephone_event.hpp"

#include <algorithm>
#include <string_view>

namespace strowger::softswitch {
namespace {

constexpr std::string_view keys = "0123456789*#ABCD";
constexpr std::uint8_t volume_dbm0 = 10;
constexpr std::uint32_t tick_ms = 20;
constexpr std::uint32_t longest_ms = 8000;  // more than 16 bits of 8 kHz samples would need RFC 4733 segments

}  // namespace

std::optional<std::uint8_t> dtmf_code(char digit) noexcept
{
    const char upper = digit >= 'a' && digit <= 'd' ? static_cast<char>(digit - 'a' + 'A') : digit;
    const auto at = keys.find(upper);
    if (at == std::string_view::npos) return std::nullopt;
    return static_cast<std::uint8_t>(at);
}

std::optional<char> dtmf_digit(std::uint8_t code) noexcept
{
    if (code >= keys.size()) return std::nullopt;
    return keys[code];
}

bool dtmf_receiver::put(std::uint32_t timestamp, std::span<const std::uint8_t> payload) noexcept
{
    if (payload.size() < 4) return false;
    const bool repeated = seen_any_ && timestamp == timestamp_;
    if (repeated && !pressed_) return true;  // a retransmitted end
    if (!repeated) {
        // Older than the press we know: a straggler of one that was reported already.
        if (seen_any_ && static_cast<std::int32_t>(timestamp - timestamp_) < 0 && idle_ticks_ < 50) return true;
        finish();
        seen_any_ = pressed_ = true;
        timestamp_ = timestamp;
        code_ = payload[0];
        duration_ = 0;
    }
    idle_ticks_ = 0;
    duration_ = std::max<std::uint32_t>(duration_, get_u16(payload.subspan(2)));
    if ((payload[1] & 0x80) != 0) finish();
    return true;
}

void dtmf_receiver::tick() noexcept
{
    if (idle_ticks_ < 1000) ++idle_ticks_;
    if (pressed_ && idle_ticks_ > patience_ticks) finish();
}

void dtmf_receiver::finish() noexcept
{
    if (!pressed_) return;
    pressed_ = false;
    const auto digit = dtmf_digit(code_);
    if (!digit || done_count_ == done_.size()) return;
    done_[done_count_++] = {*digit, static_cast<std::uint32_t>(std::uint64_t{duration_} * 1000 / rate_hz_)};
}

std::optional<dtmf_key> dtmf_receiver::take() noexcept
{
    if (done_count_ == 0) return std::nullopt;
    const auto first = done_.front();
    std::ranges::move(std::span{done_}.first(done_count_).subspan(1), done_.begin());
    --done_count_;
    return first;
}

bool dtmf_sender::push(const dtmf_key& key) noexcept
{
    if (!dtmf_code(key.digit)) return false;
    const auto tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == queue_capacity) return false;
    queue_[tail % queue_capacity] = key;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
}

bool dtmf_sender::start(std::uint32_t timestamp) noexcept
{
    const auto head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    const auto key = queue_[head % queue_capacity];
    head_.store(head + 1, std::memory_order_release);
    sending_ = true;
    code_ = dtmf_code(key.digit).value_or(0);
    began_ = timestamp;
    wanted_ticks_ = std::clamp<std::uint32_t>(key.duration_ms, 2 * tick_ms, longest_ms) / tick_ms;
    sent_ticks_ = ends_sent_ = 0;
    return true;
}

std::optional<dtmf_sender::packet> dtmf_sender::next(std::uint32_t timestamp, std::uint32_t samples_per_tick) noexcept
{
    if (!sending_) {
        if (wait_ticks_ > 0) {
            --wait_ticks_;
            return std::nullopt;
        }
        if (!start(timestamp)) return std::nullopt;
    }
    packet out{.first = sent_ticks_ == 0, .timestamp = began_};
    const bool ending = sent_ticks_ + 1 >= wanted_ticks_;
    sent_ticks_ = ending ? wanted_ticks_ : sent_ticks_ + 1;
    out.payload[0] = code_;
    out.payload[1] = static_cast<std::uint8_t>((ending ? 0x80 : 0) | volume_dbm0);
    const auto duration = std::min<std::uint32_t>(sent_ticks_ * samples_per_tick, 0xffff);
    put_u16(std::span{out.payload}.subspan(2), static_cast<std::uint16_t>(duration));
    if (ending && ++ends_sent_ == end_packets) {
        sending_ = false;
        wait_ticks_ = gap_ticks;
    }
    return out;
}

}  // namespace strowger::softswitch
