// Session descriptions: any text is read or refused; what is read and has a codec of ours is answered, and the answer
// is one that we could read ourselves.
#include "softswitch/sip/dtmf_info.hpp"
#include "softswitch/sip/sdp.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace strowger::softswitch;
    using namespace strowger::softswitch::sip;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    parse_dtmf_info("dtmf-relay", text);
    parse_dtmf_info("dtmf", text);
    parse_codec(text);
    const auto theirs = parse_sdp(text);
    if (!theirs) return 0;
    const std::vector<codec_choice> ours{{payload_kind::ulaw, 8000},
                                         {payload_kind::alaw, 8000},
                                         {payload_kind::l16, 16000},
                                         {payload_kind::l16, 8000}};
    const auto common = agree(*theirs, ours);
    if (!common) return 0;
    if (common->media_index >= theirs->media.size()) std::abort();
    sdp_origin us{"127.0.0.1", 4000, 1, 1};
    const auto answer = parse_sdp(write_answer(us, *theirs, *common, reversed(common->theirs)));
    if (!answer || answer->media.size() != theirs->media.size()) std::abort();
    const auto again = agree(*answer, ours);
    if (!again || again->codec.kind != common->codec.kind || again->codec.rate_hz != common->codec.rate_hz)
        std::abort();
    return 0;
}
