// What arrives at a leg's RTP and RTCP ports: any sequence of datagrams from two senders is taken or dropped, and the
// session goes on. The input is a row of datagrams, each behind two bytes: what it is, and how long.
#include "softswitch/rtp/session.hpp"

#include <cstdlib>

namespace {

using namespace strowger::softswitch;

/// One session for all inputs would remember: each gets its own, without the cost of sockets being seen.
std::unique_ptr<rtp_session> make_session(rtp_totals& totals, const rtp_codec& codec)
{
    const auto ip = udp_address::parse("127.0.0.1", 0).value();
    auto made = rtp_session::open(
        {.address = ip, .port_min = 0, .port_max = 0, .media_timeout = std::chrono::seconds{1}}, totals);
    if (!made) std::abort();
    rtp_plan plan{codec, ip.with_port(9), ip.with_port(9), false, true};
    (*made)->apply(plan);
    return std::move(*made);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::span<const std::uint8_t> input{data, size};
    if (input.empty()) return 0;
    const bool wide = (input[0] & 1) != 0;
    const auto codec =
        wide ? rtp_codec{payload_kind::l16, 16000, 96, 101} : rtp_codec{payload_kind::ulaw, 8000, 0, 101};
    input = input.subspan(1);
    rtp_totals totals;
    const auto session = make_session(totals, codec);
    std::array<std::int16_t, 320> pcm{};
    const auto frame = std::span{pcm}.first(codec.rate_hz / 50);
    while (input.size() >= 2) {
        const auto what = input[0];
        const auto bytes = input.subspan(2, std::min<std::size_t>(input[1], input.size() - 2));
        input = input.subspan(2 + bytes.size());
        const auto from = udp_address::parse("127.0.0.1", (what & 1) != 0 ? 9 : 10).value();
        const datagram arrived{bytes, from, (what & 2) != 0 ? 1'000'000'000 + std::int64_t{what} * 1'000'000 : 0};
        if ((what & 4) != 0) {
            session->take_rtcp(arrived);
        } else {
            session->take_rtp(arrived);
        }
        if ((what & 8) == 0) continue;
        session->read(frame);
        session->write(frame);
        transport_event event;
        while (session->next_event(event)) {
            if (event.what == transport_event::kind::dtmf && !dtmf_code(event.digit)) std::abort();
        }
    }
    return 0;
}
